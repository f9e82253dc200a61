public import HoldfastJSON
internal import HoldfastModel
public import HoldfastStore
internal import HoldfastDatabase

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
    var fields = Fields(members)
    guard let entry = OperationCatalog.named(name),
      case .write(let write) = try entry.prepare(self, &fields)
    else { return .null }
    let end = Handover<Result<Reply, any Error>>()
    write(WriteRequest(caller: Caller())) { end.set($0) }
    guard case .answer(_, let render) = try end.wait().get() else { return .null }
    var out = ObjectWriter(shape: .native)
    render(&out)
    return try JSONReader.read(out.bytes)
  }
}
