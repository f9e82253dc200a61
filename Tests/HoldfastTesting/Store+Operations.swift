public import HoldfastJSON
internal import HoldfastModel
public import HoldfastStore
public import HoldfastDatabase

extension Store {
  /// Runs an operation that reads by its name, natively.
  public func list(_ name: String, _ members: [(String, JSON)]) throws -> JSON {
    var fields = Fields(members)
    guard let entry = OperationCatalog.named(name),
      case .read(let read) = try entry.prepare(self, &fields)
    else { return .null }
    var out = ObjectWriter(shape: .native)
    _ = try read(&out)
    return try JSONReader.read(out.bytes)
  }

  /// Runs an operation that writes by its name, natively; null when it had nothing to give.
  @discardableResult
  public func mutate(_ name: String, _ members: [(String, JSON)]) throws -> JSON {
    guard case .answer(_, let render) = try queue(name, members).wait().get() else { return .null }
    var out = ObjectWriter(shape: .native)
    render(&out)
    return try JSONReader.read(out.bytes)
  }

  /// Queues an operation that writes by its name, which is done once for its key.
  public func queue(
    _ name: String, _ members: [(String, JSON)], key: String? = nil
  ) -> Handover<Result<Reply, any Error>> {
    let end = Handover<Result<Reply, any Error>>()
    var fields = Fields(members)
    do {
      guard let entry = OperationCatalog.named(name),
        case .write(let write) = try entry.prepare(self, &fields)
      else { throw HoldfastError(.internalError, "there is no operation \(name) that writes") }
      var request = WriteRequest(caller: Caller())
      request.idempotency = key.map { key in
        IdempotentRequest(
          key: key, actor: "user", project: "", method: "POST", target: [], body: [],
          shape: .native
        ) { info, write in
          var out = ObjectWriter(shape: .native)
          write?(&out)
          return RecordedAnswer(status: 200, revision: info?.revision, body: out.bytes)
        }
      }
      write(request) { end.set($0) }
    } catch {
      end.set(.failure(error))
    }
    return end
  }
}
