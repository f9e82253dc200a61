import Dispatch
import HoldfastDatabase
import Synchronization

/// Where threads leave values that a test waits for.
final class Inbox<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  private let arrived = DispatchSemaphore(value: 0)

  func put(_ value: Value) {
    values.withLock { $0.append(value) }
    arrived.signal()
  }

  /// What has arrived up to now.
  var all: [Value] { values.withLock { $0 } }

  /// Waits until this many more have arrived, and gives all there are.
  @discardableResult
  func wait(for count: Int) -> [Value] {
    for _ in 0..<count { arrived.wait() }
    return all
  }
}

/// How a write ended, in a form that can be compared.
enum Ending: Equatable, Sendable, CustomStringConvertible {
  case done(String)
  case nothing
  case refused(DatabaseError.Kind)
  case failed(String)

  init(_ result: Result<String?, any Error>) {
    switch result {
    case .success(let value?): self = .done(value)
    case .success(nil): self = .nothing
    case .failure(let error as DatabaseError): self = .refused(error.kind)
    case .failure(let error): self = .failed("\(error)")
    }
  }

  var description: String {
    switch self {
    case .done(let value): "done \(value)"
    case .nothing: "nothing"
    case .refused(let kind): "refused: \(kind)"
    case .failed(let words): "failed: \(words)"
    }
  }
}

/// The endings of writes, by the name each was given, in the order in which they came.
typealias Endings = Inbox<NamedEnding>

struct NamedEnding: Equatable, Sendable, CustomStringConvertible {
  let name: String
  let ending: Ending

  init(_ name: String, _ ending: Ending) {
    self.name = name
    self.ending = ending
  }

  var description: String { "\(name) \(ending)" }
}

extension Database {
  /// Queues a write whose ending goes to an inbox.
  func queue(
    _ name: String, to endings: Endings, waiting wait: WriteWait? = nil,
    _ body: @escaping @Sendable (any WriteTransaction) throws -> WriteVerdict<String>
  ) {
    write(waiting: wait, body) { endings.put(NamedEnding(name, Ending($0))) }
  }

  /// Queues the write of one item.
  func queuePut(_ name: String, content: [UInt8] = [], to endings: Endings) {
    queue(name, to: endings) { .done(String(try $0.put(name, content: content))) }
  }
}
