import HoldfastDatabase
import func HoldfastTesting.takeLock

/// A store in a folder of its own.
final class TestStore: Sendable {
  let folder = TemporaryFolder()
  let database: SQLiteDatabase

  init(_ configure: (inout SQLiteConfiguration) -> Void = { _ in }) throws {
    var configuration = SQLiteConfiguration(path: folder.file("store.db"))
    configure(&configuration)
    database = try SQLiteDatabase(
      configuration: configuration, schema: TestSchema.schema(), lock: nil)
  }

  var path: String { folder.file("store.db") }

  deinit { database.close() }
}

/// Opens the store at a path, with its lock.
func openStore(
  _ path: String, schema: DatabaseSchema = TestSchema.schema(),
  _ configure: (inout SQLiteConfiguration) -> Void = { _ in }
) throws -> SQLiteDatabase {
  let lock = try takeLock(path)
  var configuration = SQLiteConfiguration(path: path)
  configure(&configuration)
  return try SQLiteDatabase(configuration: configuration, schema: schema, lock: lock)
}

/// Runs `body` over a store at a path that is closed again afterwards.
@discardableResult
func withStore<R>(_ path: String, _ body: (SQLiteDatabase) throws -> R) throws -> R {
  let database = try openStore(path)
  defer { database.close() }
  return try body(database)
}
