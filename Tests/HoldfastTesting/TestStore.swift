public import HoldfastDatabase
public import HoldfastStore

/// A store in a folder, or on PostgreSQL in a database, of its own.
public final class TestStore: Sendable {
  /// Where a store of a test is.
  public enum Engine: Sendable, CaseIterable {
    case sqlite
    case postgresql

    /// The one that the tests of the store run over.
    public static var wanted: Engine { PostgreSQLCluster.isWanted ? .postgresql : .sqlite }
  }

  public let folder = TemporaryFolder()
  public let database: any Database
  public let store: Store
  /// The database on PostgreSQL; nil for a file.
  private let url: String?

  /// - Parameter key: The key of the ids; stores with one key give their tasks the same ids.
  public init(
    on engine: Engine = .wanted, settings: StoreSettings = StoreSettings(), key: [UInt8]? = nil,
    configure: (inout SQLiteConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = SQLiteConfiguration(path: folder.file("taskstore.db"))
    // Debug builds are slow, and some lists in tests are long.
    configuration.readMax = 10_000_000_000
    configure(&configuration)
    switch engine {
    case .postgresql:
      let server = try PostgreSQLCluster.shared.emptyDatabase()
      url = server.url
      database = try Self.onPostgreSQL(server, configuration)
    case .sqlite:
      url = nil
      database = try Self.inFile(configuration)
    }
    if let key {
      try database.write {
        try $0.execute("INSERT INTO store(id, key, epoch) VALUES (1, ?1, 1)", [.bytes(key)])
      }
    }
    store = try Store(database: database, settings: settings)
  }

  /// Changes the database as another program would.
  public func damage(_ sql: String) throws {
    if let url { return try PostgreSQLCluster.shared.run(sql, in: url) }
    let foreign = try ForeignSQLite(path: folder.file("taskstore.db"))
    defer { foreign.close() }
    try foreign.run(sql)
  }

  private static func inFile(_ configuration: SQLiteConfiguration) throws -> any Database {
    try SQLiteDatabase(
      configuration: configuration, schema: StoreSchema.current,
      lock: try takeLock(configuration.path))
  }

  /// As the file would be configured, as far as that has a meaning there.
  private static func onPostgreSQL(
    _ server: PostgreSQLConfiguration, _ file: SQLiteConfiguration
  ) throws -> any Database {
    var configuration = server
    configuration.queueDepthMax = file.queueDepthMax
    configuration.groupMax = file.groupMax
    configuration.groupBytesMax = file.groupBytesMax
    configuration.stepMax = file.stepMax
    configuration.tick = file.tick
    configuration.wallClock = file.wallClock
    return try PostgreSQLDatabase(configuration: configuration, schema: StoreSchema.current)
  }

  deinit { database.close() }
}
