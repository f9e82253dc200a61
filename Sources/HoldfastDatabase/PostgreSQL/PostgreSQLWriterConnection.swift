/// The writer's connection: SQL, the numbers of the log and the lease clock.
final class PostgreSQLWriterConnection: PostgreSQLConnection, GroupTransaction {
  var group = GroupState()
  /// The first error that the current write has met, whatever its closure has made of it.
  var failure: DatabaseError?

  func execute(_ sql: SQL, _ values: [SQLValue]) throws {
    group.count(values)
    if try !send(sql, values) { group.countChange() }
  }

  // Rows are also written by queries: `INSERT ... RETURNING`.
  override func answer(to sql: SQL, _ values: [SQLValue]) throws -> PostgreSQLResult {
    group.count(values)
    if try !send(sql, values) { group.countChange() }
    return try receive()
  }

  override func receive(_ each: (PostgreSQLResult) -> Void) throws {
    do {
      try super.receive(each)
    } catch let error as DatabaseError {
      failure = failure ?? error
      throw error
    }
  }

  override var now: Int64 { group.time }

  override var leaseTime: Int64 { group.leaseTime(wall: clock.now) }
}
