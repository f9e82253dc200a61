internal import HoldfastDatabase
internal import HoldfastModel

/// Compares the index of the search with the tasks that it should know as they are.
///
/// What it knows of each task is compared. Its words are not read back: of some tasks it is tried whether
/// their names are found.
struct VerifySearch {
  let database: any Database
  let findings: VerifyFindings
  let progress: @Sendable (StoreProgress) throws -> Void

  private static let tasks = SQL(
    """
    SELECT \(TaskEntry.table.columnList), indexed.id, indexed.project, indexed.content,
      \(SearchField.all.map { "indexed.\($0.name)" }.joined(separator: ", "))
    FROM tasks LEFT JOIN search_documents AS indexed ON indexed.id = tasks.id
    WHERE tasks.id > ?1 ORDER BY tasks.id
    """)
  /// Of so many tasks one is searched for.
  private static let triedEach = 256

  func run() throws {
    do {
      var last: Int64 = 0
      var done = 0
      var wrong: [String] = []
      var isDone = false
      while !isDone {
        isDone = try database.read { view in
          let cursor = try SearchBacklog.cursor(view)
          var tried: [SearchDocument] = []
          let isDone = try view.query(Self.tasks, [.int(last)]) { row in
            let task = TaskEntry(row: row)
            last = task.id
            done += 1
            // The search looks at later ones by itself.
            guard task.revision <= cursor else { return !view.stepIsOver }
            let wanted = SearchDocument.wanted(task)
            if wanted != Self.indexed(row) {
              wrong.append(task.filename.text)
            } else if done % Self.triedEach == 1, let wanted {
              tried.append(wanted)
            }
            return !view.stepIsOver
          }
          wrong += try tried.filter { try !$0.isFound(view) }.map { $0.fields[0] }
          return isDone
        }
        try progress(
          StoreProgress("comparing the index of the search", unit: "tasks", done: done))
      }
      guard let first = wrong.first else { return }
      let more = wrong.count > 1 ? " and \(wrong.count - 1) more" : ""
      findings.add(
        "The index of the search is not what task \(first.legible)\(more) says: 'holdfast reindex' makes it "
          + "again.")
    } catch  where SearchIndex.isDamage(error) {
      findings.add("The index of the search is damaged: 'holdfast reindex' makes it again.")
    }
  }

  private static func indexed(_ row: any Row) -> SearchDocument? {
    let start = row.columnCount - 3 - SearchField.all.count
    guard let id = row.optionalInt(start) else { return nil }
    return SearchDocument(
      id: id, project: row.int(start + 1), content: row.optionalInt(start + 2),
      fields: SearchField.all.indices.map { row.text(start + 3 + $0) })
  }
}

extension SearchDocument {
  private static let found = DialectSQL { dialect in
    switch dialect {
    case .sqlite: "SELECT 1 FROM search_words WHERE search_words MATCH ?2 AND rowid = ?1"
    case .postgresql:
      """
      SELECT 1 FROM search_documents WHERE id = ?1 AND words @@ CAST(CAST(?2 AS text) AS tsquery)
      """
    }
  }

  /// Whether a search for its name finds it.
  fileprivate func isFound(_ view: any ReadTransaction) throws -> Bool {
    // A name without words, or of too many, is not tried.
    let name = "\"\(fields[0])\""
    guard let query = try? SearchQuery(name, field: FieldPosition("q")) else { return true }
    let words =
      switch view.dialect {
      case .sqlite: SearchTerms.fts5(query, project: project)
      case .postgresql: PostgreSQLWords.query(query, project: project)
      }
    return try view.exists(Self.found[view.dialect], [.int(id), .text(words)])
  }
}
