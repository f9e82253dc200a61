public import HoldfastDatabase
public import HoldfastStore

/// A store in a folder of its own.
public final class TestStore: Sendable {
  public let folder = TemporaryFolder()
  public let database: SQLiteDatabase
  public let store: Store

  public init(
    settings: StoreSettings = StoreSettings(),
    configure: (inout SQLiteConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = SQLiteConfiguration(path: folder.file("taskstore.db"))
    // Debug builds are slow, and some lists in tests are long.
    configuration.readMax = 10_000_000_000
    configure(&configuration)
    let lock = try takeLock(configuration.path)
    database = try SQLiteDatabase(
      configuration: configuration, schema: StoreSchema.current, lock: lock)
    store = try Store(database: database, settings: settings)
  }

  deinit { database.close() }
}
