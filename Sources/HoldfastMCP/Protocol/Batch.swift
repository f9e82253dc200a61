internal import HoldfastJSON
private import Synchronization

/// Several messages that came as one list, as only 2025-03-26 has it.
struct Batch: Sendable {
  private let messages: [JSON]

  /// The most messages of one list.
  private static let countMax = 100

  init(_ messages: [JSON]) { self.messages = messages }

  /// Whether a list may be handled: not an empty one, nor with messages that stand alone or are none.
  static func isLegacy(_ messages: [JSON]) -> Bool {
    (1...countMax).contains(messages.count)
      && messages.allSatisfy { message in
        message.objectValue != nil && message["params"]?["_meta"]?[MetaKey.protocolVersion] == nil
      }
  }

  /// Handles each message; gives the answers together once all are there.
  func handle(
    by body: (JSON, _ answered: @escaping @Sendable (JSON?) -> Void) -> Void,
    _ completion: @escaping @Sendable ([JSON]) -> Void
  ) {
    let answers = Answers(count: messages.count)
    for message in messages {
      body(message) { if let all = answers.add($0) { completion(all) } }
    }
  }

  /// The answers until the last one is there.
  private final class Answers: Sendable {
    private let state: Mutex<(left: Int, made: [JSON])>

    init(count: Int) { state = Mutex((count, [])) }

    /// Adds one; gives all of them with the last.
    func add(_ answer: JSON?) -> [JSON]? {
      state.withLock {
        if let answer { $0.made.append(answer) }
        $0.left -= 1
        return $0.left == 0 ? $0.made : nil
      }
    }
  }
}
