internal import HoldfastDatabase
public import HoldfastStore

/// A store in a file that a test opens, closes, damages and opens again.
public struct StoreFile: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// Opens the store for the length of `body`, then closes it in order.
  @discardableResult
  public func open<R>(_ body: (Store) throws -> R) throws -> R {
    var configuration = SQLiteConfiguration(path: path)
    configuration.readMax = 10_000_000_000
    let lock = try takeLock(path)
    let database = try SQLiteDatabase(
      configuration: configuration, schema: StoreSchema.current, lock: lock)
    defer { database.close() }
    return try body(try Store(database: database))
  }

  /// Changes the closed file as another program would.
  public func damage(_ sql: String) throws {
    let foreign = try ForeignSQLite(path: path)
    defer { foreign.close() }
    try foreign.run("PRAGMA foreign_keys=OFF; " + sql)
  }
}
