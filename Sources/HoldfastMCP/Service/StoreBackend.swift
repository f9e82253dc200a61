internal import HoldfastJSON
internal import HoldfastModel
public import HoldfastStore

/// Runs the operations of tools on a store that this process has open.
public final class StoreBackend: ToolBackend {
  private let store: Store
  /// Whether whoever asked is still there.
  private let isConnected: @Sendable () -> Bool

  /// - Parameters:
  ///   - store: The store.
  ///   - isConnected: Asked before something is handed out for which a call has waited.
  public init(_ store: Store, isConnected: @escaping @Sendable () -> Bool = { true }) {
    self.store = store
    self.isConnected = isConnected
  }

  public func project() -> String? { nil }

  public func run(
    _ call: ToolCall, _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
  ) {
    do {
      if let agent = call.agent { store.hear(try AgentID(agent)) }
      guard let entry = OperationCatalog.named(call.operation) else {
        throw HoldfastError(.notFound, "there is no operation \(call.operation)")
      }
      var fields = Fields(call.fields)
      switch try entry.prepare(store, &fields) {
      case .write(let write):
        write(WriteRequest(caller: Caller(isConnected: isConnected))) { result in
          completion(result.map(Self.answer))
        }
      case .read(let read):
        if let submit = read.submit {
          submit { result in completion(result.map(Self.answer)) }
        } else {
          var out = ObjectWriter(shape: .native)
          _ = try read(&out)
          let bytes = out.bytes
          completion(.success { try JSONReader.read(bytes) })
        }
      }
    } catch {
      completion(.failure(error))
    }
  }

  private static func answer(_ reply: Reply) -> Answer {
    {
      switch reply {
      case .nothing: return nil
      case .recorded(let recorded): return try JSONReader.read(try recorded.body())
      case .answer(_, let write):
        var out = ObjectWriter(shape: .native)
        write(&out)
        return try JSONReader.read(out.bytes)
      }
    }
  }
}
