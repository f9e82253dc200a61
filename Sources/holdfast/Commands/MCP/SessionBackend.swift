private import Glibc
import HoldfastClient
import HoldfastDatabase
import HoldfastJSON
import HoldfastMCP
import HoldfastModel
import HoldfastStore
private import Synchronization

/// Runs the operations of tools as commands run theirs: each on a session of its own and on the thread
/// that calls, which waits for the answer.
final class SessionBackend: ToolBackend {
  private let invocation: Invocation
  private let host: StoreHost
  /// Sessions that nobody uses now.
  private let idle = Mutex<[Spare]>([])
  /// The project of the folder, once it was found.
  private let known = Mutex<String?>(nil)

  /// A session on its way from one thread to another.
  ///
  /// `@unchecked Sendable`: whoever took it out of the mutex has it alone.
  private struct Spare: @unchecked Sendable {
    let session: Session
  }

  /// The operations that read or write files of the project.
  private static let usingFiles = [
    TaskAttach.name, TaskDetach.name, TaskDelete.name, AttachmentList.name, AttachmentGet.name,
  ]

  /// Sessions that are kept for the next calls.
  private static let idleMax = 8

  init(_ invocation: Invocation, host: StoreHost) {
    self.invocation = invocation
    self.host = host
  }

  func run(
    _ call: ToolCall, _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
  ) {
    let result = Result { try answer(to: call) }
    completion(result.map { answer in { answer } })
  }

  func run(
    _ call: ToolCall, for request: OpenRequest,
    _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
  ) {
    guard call.milliseconds > 0 else { return run(call, completion) }
    let key = "mcp/\(UInt64.random(in: .min ... .max))/\(UInt64.random(in: .min ... .max))"
    let stop = CallStop()
    let ended = Handover<Bool>()
    request.onCancel { [self] in
      stop.stop()
      endWait(key, until: ended)
    }
    let result = Result { try answer(to: call, key: key, stop) }
    ended.set(true)
    completion(result.map { answer in { answer } })
  }

  /// Ends the wait of a call in the process that has the store, again and again until it has come back: its
  /// way there may be longer than this one.
  private func endWait(_ key: String, until ended: Handover<Bool>) {
    do {
      try startThread(name: "holdfast-cancel") { [self] in
        var pause: UInt32 = 20_000
        while true {
          usleep(pause)
          guard ended.value == nil else { return }
          _ = try? withSession { try $0.run(WaitEnd.entry, [("key", .string(key))]) }
          pause = min(pause * 2, 1_000_000)
        }
      }
    } catch {
      // The wait ends by itself, and what it gave is taken back.
    }
  }

  func project() throws -> String? {
    if let name = known.withLock({ $0 }) { return name }
    let name = try withSession { try $0.project().text }
    known.withLock { $0 = name }
    return name
  }

  private func answer(
    to call: ToolCall, key: String? = nil, _ stop: CallStop? = nil
  ) throws -> JSON? {
    var sent = OperationCall(
      call.operation, call.fields.members.map { ($0.key, $0.value) })
    sent.idempotencyKey = key
    sent.stop = stop
    sent.agent = try call.agent.map { try AgentID($0) }
    // What is made in the folder's project belongs to the folder's repository.
    let isMade =
      OperationCatalog.named(call.operation)?.isMutation == true
      && known.withLock { $0 } == call.fields["project"]?.stringValue
    return try withSession { session in
      if Self.usingFiles.contains(call.operation),
        let project = call.fields["project"]?.stringValue
      {
        sent.projectFolder = try session.folder(of: project)
      }
      if isMade, sent.fields["project"] != nil { try session.recordProject() }
      return try session.run(sent)
    }
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
