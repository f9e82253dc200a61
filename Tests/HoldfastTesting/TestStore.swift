public import HoldfastDatabase
public import HoldfastStore

/// A store in a folder, or on PostgreSQL in a database, of its own.
public final class TestStore: Sendable {
  public let folder = TemporaryFolder()
  public let database: any Database
  public let store: Store

  public init(
    settings: StoreSettings = StoreSettings(),
    configure: (inout SQLiteConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = SQLiteConfiguration(path: folder.file("taskstore.db"))
    // Debug builds are slow, and some lists in tests are long.
    configuration.readMax = 10_000_000_000
    configure(&configuration)
    database =
      PostgreSQLCluster.isWanted
      ? try Self.onPostgreSQL(configuration) : try Self.inFile(configuration)
    store = try Store(database: database, settings: settings)
  }

  private static func inFile(_ configuration: SQLiteConfiguration) throws -> any Database {
    try SQLiteDatabase(
      configuration: configuration, schema: StoreSchema.current,
      lock: try takeLock(configuration.path))
  }

  /// As the file would be configured, as far as that has a meaning there.
  private static func onPostgreSQL(_ file: SQLiteConfiguration) throws -> any Database {
    var configuration = try PostgreSQLCluster.shared.emptyDatabase()
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
