internal import HoldfastDatabase
internal import Synchronization

/// The statements that write rows, made once for each set of columns.
final class RowStatements: Sendable {
  enum Verb: Hashable {
    case insert
    case update
    case delete
  }

  struct Key: Hashable {
    let verb: Verb
    let table: String
    /// One bit a column.
    let columns: UInt128
  }

  /// Requests with any set of fields make statements; more of them than this are made again.
  static let keptMax = 512

  let made = Mutex<[Key: SQL]>([:])

  /// Values of the columns, then the key.
  func insert(_ table: Table, _ columns: [Column]) -> SQL {
    statement(.insert, table, columns) {
      """
      INSERT INTO \(table.name)(\((columns.map(\.name) + ["id"]).joined(separator: ", ")))
      VALUES (\(Self.places(columns.count + 1)))
      """
    }
  }

  func update(_ table: Table, _ columns: [Column]) -> SQL {
    statement(.update, table, columns) {
      let pairs = columns.enumerated().map { "\($0.element.name) = ?\($0.offset + 1)" }
      return """
        UPDATE \(table.name) SET \(pairs.joined(separator: ", ")) WHERE id = ?\(columns.count + 1)
        """
    }
  }

  func delete(_ table: Table) -> SQL {
    statement(.delete, table, []) { "DELETE FROM \(table.name) WHERE id = ?1" }
  }

  private static func places(_ count: Int) -> String {
    (1...count).map { "?\($0)" }.joined(separator: ", ")
  }

  private func statement(
    _ verb: Verb, _ table: Table, _ columns: [Column], _ text: () -> String
  ) -> SQL {
    let bits = columns.reduce(into: UInt128(0)) { $0 |= 1 << UInt128($1.index) }
    let key = Key(verb: verb, table: table.name, columns: bits)
    return made.withLock { made in
      if let sql = made[key] { return sql }
      let sql = SQL(text())
      if made.count >= Self.keptMax { made.removeAll(keepingCapacity: true) }
      made[key] = sql
      return sql
    }
  }
}
