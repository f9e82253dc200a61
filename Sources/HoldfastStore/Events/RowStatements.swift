internal import HoldfastDatabase
internal import HoldfastJSON
internal import Synchronization

/// The statements that write rows, made once for each set of columns.
final class RowStatements: Sendable {
  enum Verb: Hashable {
    case insert
    case update
    case delete
    case insertAll
    case deleteAll
  }

  struct Key: Hashable {
    let verb: Verb
    let table: String
    let columns: ColumnSet
    /// The columns that hold texts; of a statement for many rows.
    var texts = ColumnSet()
  }

  /// Requests with any set of fields make statements; more of them than this are made again.
  static let keptMax = 512

  let made = Mutex<[Key: SQL]>([:])

  /// Values of the columns, then the key.
  func insert(_ table: Table, _ columns: ColumnSet) -> SQL {
    statement(.insert, table, columns) {
      """
      INSERT INTO \(table.name)(\(Self.names(table, columns)))
      VALUES (\(Self.places(columns.count + 1)))
      """
    }
  }

  func update(_ table: Table, _ columns: ColumnSet) -> SQL {
    statement(.update, table, columns) {
      let pairs = columns.enumerated().map {
        "\(table.columns[$0.element].name) = ?\($0.offset + 1)"
      }
      return """
        UPDATE \(table.name) SET \(pairs.joined(separator: ", ")) WHERE id = ?\(columns.count + 1)
        """
    }
  }

  func delete(_ table: Table) -> SQL {
    statement(.delete, table, ColumnSet()) { "DELETE FROM \(table.name) WHERE id = ?1" }
  }

  /// A list of rows as JSON, each a list of its columns' values with the key as the last.
  ///
  /// - Parameter texts: The columns that hold texts; all others hold numbers.
  func insertAll(
    _ table: Table, _ columns: ColumnSet, texts: ColumnSet, _ dialect: Dialect
  ) -> SQL {
    statement(.insertAll, table, columns, texts: texts) {
      var items = columns.enumerated().map {
        dialect.item($0.offset, of: "new.value", isText: texts.contains($0.element))
      }
      items.append(dialect.item(columns.count, of: "new.value", isText: false))
      return """
        INSERT INTO \(table.name)(\(Self.names(table, columns)))
        SELECT \(items.joined(separator: ", ")) FROM \(dialect.elements(of: "?1", as: "new"))
        """
    }
  }

  /// A list of keys as JSON, each a list of one.
  func deleteAll(_ table: Table, _ dialect: Dialect) -> SQL {
    statement(.deleteAll, table, ColumnSet()) {
      """
      DELETE FROM \(table.name) WHERE id IN (
        SELECT \(dialect.item(0, of: "old.value", isText: false))
        FROM \(dialect.elements(of: "?1", as: "old")))
      """
    }
  }

  private static func names(_ table: Table, _ columns: ColumnSet) -> String {
    (columns.map { table.columns[$0].name } + ["id"]).joined(separator: ", ")
  }

  private static func places(_ count: Int) -> String {
    (1...count).map { "?\($0)" }.joined(separator: ", ")
  }

  private func statement(
    _ verb: Verb, _ table: Table, _ columns: ColumnSet, texts: ColumnSet = ColumnSet(),
    _ text: () -> String
  ) -> SQL {
    let key = Key(verb: verb, table: table.name, columns: columns, texts: texts)
    return made.withLock { made in
      if let sql = made[key] { return sql }
      let sql = SQL(text())
      if made.count >= Self.keptMax { made.removeAll(keepingCapacity: true) }
      made[key] = sql
      return sql
    }
  }
}

/// Rows on their way into a statement for many of them.
enum RowList {
  /// The rows as such a statement takes them: of each the given columns, then the key.
  static func json<R: Record>(_ rows: [R], _ columns: ColumnSet) -> SQLValue {
    var json = JSONWriter(reserving: rows.count * 64)
    json.beginArray()
    for row in rows {
      json.beginArray()
      if !columns.isEmpty {
        let values = row.values
        for place in columns { json.value(of: values[place]) }
      }
      json.int(row.id)
      json.endArray()
    }
    json.endArray()
    return .text(String(decoding: json.bytes, as: UTF8.self))
  }

  /// The columns in which a row says something that a new one does not say by itself.
  static func columns<R: Record>(of rows: [R]) -> (all: ColumnSet, texts: ColumnSet) {
    var used = ColumnSet()
    var texts = ColumnSet()
    for row in rows {
      let values = row.values
      for (place, initial) in R.table.initials.enumerated() {
        if values[place] != initial { used.insert(place) }
        if case .text = values[place] { texts.insert(place) }
      }
    }
    return (used, texts)
  }
}

extension JSONWriter {
  /// A column's value.
  mutating func value(of value: SQLValue) {
    switch value {
    case .null: null()
    case .int(let number): int(number)
    case .text(let text): string(text)
    case .bytes(let bytes): string(utf8: bytes)
    }
  }
}
