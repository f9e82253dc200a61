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
        (try? Message(message)) != nil
          && message["params"]?["_meta"]?[MetaKey.protocolVersion] == nil
      }
  }

  /// What the answers of one list may take together, in bytes.
  static let bytesMax = 8 * 1024 * 1024

  /// Handles each message; gives what makes all answers once all are there, nil where there are none.
  ///
  /// - Parameters:
  ///   - body: Handles one message, and says what makes its answer.
  ///   - completion: May be called on a thread that must not be held up.
  func handle(
    _ body: (JSON, _ answered: @escaping @Sendable (@escaping Making) -> Void) -> Void,
    completion: @escaping @Sendable (@escaping Making) -> Void
  ) {
    let answers = Answers(count: messages.count)
    for message in messages {
      body(message) { if let all = answers.add($0) { completion { Self.together(all) } } }
    }
  }

  /// Makes an answer, where there is time for it; nil for none.
  typealias Making = @Sendable () -> JSON?

  private static func together(_ answers: [Making]) -> JSON? {
    var bytes = 0
    var made: [JSON] = []
    for answer in answers {
      guard let json = answer() else { continue }
      bytes += json.rendered().count
      guard bytes <= bytesMax else {
        let id = json["id"].flatMap(RequestID.init)
        made.append(
          RPCError(
            .internalError, "the answers of the list are too large: ask for this one alone", id: id
          ).json)
        continue
      }
      made.append(json)
    }
    return made.isEmpty ? nil : .array(made)
  }

  /// The answers until the last one is there.
  private final class Answers: Sendable {
    private let state: Mutex<(left: Int, made: [Making])>

    init(count: Int) { state = Mutex((count, [])) }

    /// Adds one; gives all of them with the last.
    func add(_ answer: @escaping Making) -> [Making]? {
      state.withLock {
        $0.made.append(answer)
        $0.left -= 1
        return $0.left == 0 ? $0.made : nil
      }
    }
  }
}
