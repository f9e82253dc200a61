import HoldfastClient
import HoldfastDatabase
import HoldfastJSON
import HoldfastMCP
import HoldfastModel
import HoldfastStore
private import Synchronization

/// Runs the operations of tools as commands run theirs: each on a thread and a session of its own, as
/// many at a time as are called.
final class SessionBackend: ToolBackend {
  private let invocation: Invocation
  private let host: StoreHost
  /// Sessions that nobody uses now.
  private let idle = Mutex<[Spare]>([])
  private let known = Mutex<String?>(nil)
  /// How many calls run now.
  private let running = Mutex(0)

  /// A session on its way from one thread to another.
  ///
  /// `@unchecked Sendable`: whoever took it out of the mutex has it alone.
  private struct Spare: @unchecked Sendable {
    let session: Session
  }

  /// The most calls at a time.
  private static let runningMax = 64
  /// Sessions that are kept for the next calls.
  private static let idleMax = 8

  init(_ invocation: Invocation, host: StoreHost) {
    self.invocation = invocation
    self.host = host
  }

  func run(
    _ call: ToolCall, _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
  ) {
    do {
      try running.withLock { running in
        guard running < Self.runningMax else {
          throw HoldfastError(
            .overloaded, "\(Self.runningMax) calls run already: wait for one of their answers")
        }
        running += 1
      }
    } catch {
      return completion(.failure(error))
    }
    do {
      try startThread(name: "holdfast-tool") { [self] in
        let result = Result { try answer(to: call) }
        running.withLock { $0 -= 1 }
        completion(result.map { answer in { answer } })
      }
    } catch {
      running.withLock { $0 -= 1 }
      completion(.failure(error))
    }
  }

  func project() throws -> String? {
    if let name = known.withLock({ $0 }) { return name }
    let name = try withSession { try $0.project().text }
    known.withLock { $0 = name }
    return name
  }

  private func answer(to call: ToolCall) throws -> JSON? {
    var sent = OperationCall(
      call.operation, call.fields.members.map { ($0.key, $0.value) })
    sent.agent = try call.agent.map { try AgentID($0) }
    return try withSession { try $0.run(sent) }
  }

  private func withSession<R>(_ body: (Session) throws -> R) throws -> R {
    let spare = idle.withLock { $0.popLast() }
    let session = try spare?.session ?? Session(invocation, host: { [host] in try host.host($0) })
    defer {
      let isKept = idle.withLock { [kept = Spare(session: session)] idle in
        guard idle.count < Self.idleMax else { return false }
        idle.append(kept)
        return true
      }
      if !isKept { session.close() }
    }
    return try body(session)
  }
}
