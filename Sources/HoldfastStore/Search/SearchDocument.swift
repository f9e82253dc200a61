internal import HoldfastDatabase
internal import HoldfastModel

/// A task as the index knows it.
struct SearchDocument: Equatable {
  let id: Int64
  let project: Int64
  /// The event whose text it is; nil for none.
  let content: Int64?
  /// The words of each of ``SearchField/all``.
  let fields: [String]

  private static let byKey = SQL(
    "SELECT project, content, \(SearchField.names) FROM search_documents WHERE id = ?1")

  /// What the index knows of a task; nil for nothing.
  static func indexed(_ id: Int64, _ view: any ReadTransaction) throws -> SearchDocument? {
    try view.first(byKey, [.int(id)]) { row in
      SearchDocument(
        id: id, project: row.int(0), content: row.optionalInt(1),
        fields: SearchField.all.indices.map { row.text($0 + 2) })
    }
  }

  /// What the index should know of a task; nil for one that is deleted.
  static func wanted(_ task: TaskEntry) -> SearchDocument? {
    guard task.deletedAt == nil else { return nil }
    return SearchDocument(
      id: task.id, project: task.project, content: task.content,
      fields: SearchField.all.map { $0.withText(of: task, SearchWords.joined) })
  }

  private static let contentOfEvent = SQL(
    "SELECT substr(content, 1, \(SearchWords.textBytesMax)) FROM events WHERE seq = ?1")

  /// The words of all fields and, as the last, of the long text.
  func words(_ view: any ReadTransaction) throws -> [String] {
    fields + [try Self.withText(content, view, SearchWords.joined)]
  }

  private static let contentsOfEvents = DialectSQL { dialect in
    """
    SELECT seq, substr(content, 1, \(SearchWords.textBytesMax)) FROM events
    WHERE seq IN (\(StoreView.rows(dialect)))
    """
  }

  /// The parts of the tasks' long texts that are searched, by the numbers of their events.
  static func texts(of tasks: [TaskEntry], _ view: any ReadTransaction) throws -> [Int64: [UInt8]] {
    let events = tasks.compactMap(\.content)
    guard !events.isEmpty else { return [:] }
    return Dictionary(
      try view.all(contentsOfEvents[view.dialect], [StoreView.list(events)]) {
        ($0.int(0), $0.bytes(1))
      }, uniquingKeysWith: { $1 })
  }

  /// Gives the part of a task's long text that is searched.
  ///
  /// - Parameter content: The event whose text it is.
  static func withText<R>(
    _ content: Int64?, _ view: any ReadTransaction,
    _ body: (UnsafeRawBufferPointer) throws -> R
  ) throws -> R {
    guard let content else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let result = try view.first(contentOfEvent, [.int(content)]) { row in
      row.isNull(0) ? nil : try row.withBytes(0, body)
    }
    guard let result = result ?? nil else { throw SearchIndex.Damage() }
    return result
  }
}

/// What has to be done so that the index knows a task as it is.
struct SearchUpdate: Sendable {
  /// The first event that the index does not know.
  let sequence: Int64
  /// The statements, in order.
  let statements: [(SQL, [SQLValue])]

  /// - Returns: nil when the index knows the task.
  init?(of id: Int64, from sequence: Int64, _ view: any ReadTransaction) throws {
    let old = try SearchDocument.indexed(id, view)
    let new = try view.first(Self.task, [.int(id)], TaskEntry.init(row:))
      .flatMap(SearchDocument.wanted)
    guard old != new else { return nil }
    self.sequence = sequence
    var statements: [(SQL, [SQLValue])] = []
    if let old {
      if view.dialect == .sqlite {
        statements.append((Self.forgetWords, try Self.values(old, view)))
      }
      statements.append((Self.forget, [.int(id)]))
    }
    if let new {
      var values: [SQLValue] = [.int(id), .int(new.project), .optional(new.content)]
      values += new.fields.map(SQLValue.text)
      switch view.dialect {
      case .sqlite: statements.append((Self.insertWords, try Self.values(new, view)))
      case .postgresql:
        values.append(
          .text(PostgreSQLWords.vector(try new.words(view), project: new.project)))
      }
      statements.append((Self.insert[view.dialect], values))
    }
    self.statements = statements
  }

  private static let moveBack: SQL = "UPDATE search_state SET seq = seq - 1 WHERE id = 1"

  /// Takes a deleted task out of the index while its text is still there.
  ///
  /// The cursor moves, so that a step which has read the task before does not bring it in again.
  static func forget(_ id: Int64, in transaction: any WriteTransaction) throws {
    do {
      for (sql, values) in try SearchUpdate(of: id, from: 0, transaction)?.statements ?? [] {
        try transaction.execute(sql, values)
      }
      try transaction.execute(moveBack, [])
    } catch is SearchIndex.Damage {
      try SearchTables.make(transaction)
    }
  }

  /// About how many bytes it brings into the index.
  var byteCount: Int { statements.reduce(0) { $1.1.reduce($0) { $0 + $1.byteCount } } }

  private static func values(_ document: SearchDocument, _ view: any ReadTransaction) throws
    -> [SQLValue]
  {
    [.int(document.id), .text(SearchTerms.project(document.project))]
      + (try document.words(view).map(SQLValue.text))
  }

  static let task = SQL("SELECT \(TaskEntry.table.columnList) FROM tasks WHERE id = ?1")
  private static let forget: SQL = "DELETE FROM search_documents WHERE id = ?1"
  private static let columns = "rowid, project, \(SearchField.names), content"
  private static let places = (1...(SearchField.all.count + 3)).map { "?\($0)" }
    .joined(separator: ", ")
  private static let insertWords = SQL(
    "INSERT INTO search_words(\(columns)) VALUES (\(places))")
  private static let forgetWords = SQL(
    "INSERT INTO search_words(search_words, \(columns)) VALUES ('delete', \(places))")
  private static let insert = DialectSQL { dialect in
    let columns = "id, project, content, \(SearchField.names)"
    return switch dialect {
    case .sqlite: "INSERT INTO search_documents(\(columns)) VALUES (\(places))"
    case .postgresql:
      """
      INSERT INTO search_documents(\(columns), words)
      VALUES (\(places), CAST(CAST(?\(SearchField.all.count + 4) AS text) AS tsvector))
      """
    }
  }
}
