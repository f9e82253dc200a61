internal import Glibc
public import HoldfastDatabase
internal import HoldfastModel

/// Where a whole store is, or is going to be, for work that has it for itself.
public enum StorePlace: Sendable {
  case file(SQLiteConfiguration)
  case postgresql(PostgreSQLConfiguration)

  /// Opens the database for somebody who has the place for itself: no read of it is too long.
  ///
  /// - Parameters:
  ///   - schema: What is in it, or is made there.
  ///   - kind: What the caller is, for those who find the lock of a file taken.
  /// - Throws: ``HoldfastError`` for a file in use.
  func open(_ schema: DatabaseSchema, kind: String) throws -> any Database {
    switch self {
    case .file(var configuration):
      configuration.readMax = Self.long
      configuration.tick = Self.long
      let lock = try Self.lock(configuration.path, kind: kind)
      return try SQLiteDatabase(configuration: configuration, schema: schema, lock: lock)
    case .postgresql(var configuration):
      configuration.answerMax = Self.long
      configuration.readMax = Self.long
      configuration.tick = Self.long
      return try PostgreSQLDatabase(configuration: configuration, schema: schema)
    }
  }

  /// An hour, in nanoseconds.
  private static let long: UInt64 = 3_600_000_000_000

  /// Refuses a file that is not there, before one is made in its place.
  func checkIsThere() throws(HoldfastError) {
    guard case .file(let configuration) = self else { return }
    var status = stat()
    guard stat(configuration.path, &status) == 0 else {
      throw HoldfastError(.notFound, "there is no store \(configuration.path)")
    }
  }

  /// Takes the lock of a store's file.
  ///
  /// - Throws: ``HoldfastError`` when somebody uses the store.
  static func lock(_ path: String, kind: String) throws -> StoreLock {
    if let lock = try StoreLock.acquire(path: path, mode: .exclusive, kind: kind) { return lock }
    let holder = StoreLock.holder(path: path).map { " by '\($0.kind)' (process \($0.pid))" } ?? ""
    throw HoldfastError(
      .conflict, "the store is in use\(holder): stop that first, then \(kind) again")
  }
}
