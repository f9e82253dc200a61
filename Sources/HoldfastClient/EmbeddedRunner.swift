internal import HoldfastDatabase
public import HoldfastJSON
internal import HoldfastModel
public import HoldfastStore

/// Runs operations on a store that this process holds.
public final class EmbeddedRunner: OperationRunner {
  public let store: Store

  public init(store: Store) {
    self.store = store
  }

  public func run(_ call: OperationCall) throws -> JSON? { try run(call, idempotencyKey: nil) }

  /// Runs an operation once, however often it is called with the same key.
  func run(_ call: OperationCall, idempotencyKey: String?) throws -> JSON? {
    if let agent = call.agent { store.hear(agent) }
    let answer = try answer(call, idempotencyKey: idempotencyKey)
    do {
      try store.writeHeard()
    } catch {
      // The answer stands, also in a store that cannot be written: the next call is a heartbeat, too.
    }
    return answer
  }

  private func answer(_ call: OperationCall, idempotencyKey: String?) throws -> JSON? {
    guard let entry = OperationCatalog.named(call.name) else {
      throw HoldfastError(.notFound, "there is no operation \(call.name)")
    }
    var fields = Fields(call.fields)
    if let attachment = call.attachment { fields.attach(attachment.bytes, as: attachment.field) }
    fields.projectFolder = call.projectFolder.map { KnownFolder(path: $0, isOwners: true) }
    switch try entry.prepare(store, &fields) {
    case .read(let read):
      var out = ObjectWriter(shape: .native)
      _ = try read(&out)
      return try Reply.json(out.bytes)
    case .write(let write):
      let ended = Handover<Result<Reply, any Error>>()
      let request = WriteRequest(
        caller: Caller(isConnected: { !(call.stop?.isStopped ?? false) }),
        idempotency: idempotencyKey.map { Self.idempotent($0, call) })
      write(request) { ended.set($0) }
      call.stop?.onStop { [store] in store.database.endWaits { !$0.isWanted() } }
      return try ended.wait().get().json()
    }
  }

  /// The same request as `POST /v1/operations/{name}` is, so that a key that was first sent to a
  /// server is known here too.
  private static func idempotent(_ key: String, _ call: OperationCall) -> IdempotentRequest {
    IdempotentRequest(
      key: key, actor: Caller.user, project: call.fields["project"]?.stringValue ?? "",
      method: "POST", target: Array(RemoteRunner.path(of: call).utf8),
      body: RemoteRunner.body(of: call), shape: .native
    ) { info, write in
      guard let write else { return RecordedAnswer(status: 204, revision: nil, body: []) }
      var out = ObjectWriter(shape: .native)
      write(&out)
      out.newline()
      return RecordedAnswer(status: 200, revision: info?.revision, body: out.bytes)
    }
  }
}
