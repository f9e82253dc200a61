public import HoldfastDatabase
public import HoldfastJSON
internal import HoldfastModel
public import HoldfastStore

/// Runs operations on a store on a PostgreSQL server, beside whatever else uses it.
///
/// It connects with the first operation, so that what needs no store needs no server.
public final class FleetRunner: StoreRunner {
  private let configuration: PostgreSQLConfiguration
  private let settings: StoreSettings
  private var embedded: EmbeddedRunner?

  public init(configuration: PostgreSQLConfiguration, settings: StoreSettings) {
    self.configuration = configuration
    self.settings = settings
  }

  private func open() throws -> EmbeddedRunner {
    if let embedded { return embedded }
    let runner = EmbeddedRunner(store: try Store(opening: configuration, settings: settings))
    embedded = runner
    return runner
  }

  public func run(_ call: OperationCall) throws -> JSON? { try open().run(call) }

  public func run(
    _ entry: StoreOperationEntry, _ fields: [(String, JSON)],
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) throws -> JSON {
    var fields = Fields(OperationCall(entry.name, fields).fields)
    return try JSONReader.read(try entry.prepare(&fields)(try open().store, progress))
  }

  public func close() {
    embedded?.store.database.close()
    embedded = nil
  }
}
