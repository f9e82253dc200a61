internal import HoldfastDatabase
internal import HoldfastModel

/// A task that a search has found, and how well it fits.
struct SearchRank: Comparable {
  let rank: Int64
  let id: Int64

  /// Whether it comes later in an answer: what fits less, and the older of two that fit the same.
  static func < (a: SearchRank, b: SearchRank) -> Bool { (a.rank, a.id) < (b.rank, b.id) }
}

/// Finds the tasks that fit to a query, in one view.
struct SearchFinding {
  let query: SearchQuery
  /// nil for all projects.
  let project: Int64?
  /// What else must hold for a task's status and topic; nil for nothing.
  let accepts: ((_ status: String, _ topic: String) -> Bool)?

  /// Of the tasks that fit, so many of the newest are ranked.
  static let rankedMax = 10_000
  /// Events that the index does not know, and bytes of their tasks' texts, through which a search looks by
  /// itself.
  private static let eventsMax = 1_000
  private static let bytesMax: Int64 = 2 * 1024 * 1024

  /// All that fit, the best first; nil when the index is too far behind.
  func run(_ view: StoreView) throws -> [SearchRank]? {
    let backlog = try SearchBacklog(view.reading, eventsMax: Self.eventsMax + 1)
    guard backlog.eventCount <= Self.eventsMax else { return nil }
    guard var found = try scan(backlog, view) else { return nil }
    let changed = Set(backlog.tasks.map(\.id))
    try view.reading.query(statement(view.reading.dialect), values(view.reading.dialect)) { row in
      let id = row.int(0)
      guard !changed.contains(id) else { return }
      guard accepts?(row.text(2), row.text(3)) ?? true else { return }
      found.append(SearchRank(rank: row.int(1), id: id))
    }
    return found.sorted(by: >)
  }

  // MARK: In the index

  private func statement(_ dialect: Dialect) -> SQL {
    accepts == nil ? Self.plain[dialect] : Self.withTask[dialect]
  }

  private func values(_ dialect: Dialect) -> [SQLValue] {
    switch dialect {
    case .sqlite:
      [.text(SearchTerms.fts5(query, project: project)), .int(Int64(Self.rankedMax))]
    case .postgresql:
      [
        .text(PostgreSQLWords.query(query, project: project)),
        .text(PostgreSQLWords.rank(query)), .int(Int64(Self.rankedMax)),
      ]
    }
  }

  private static let plain = DialectSQL { found($0, columns: "", join: "") }
  private static let withTask = DialectSQL { dialect in
    found(
      dialect, columns: ", tasks.status, tasks.topic",
      join: "JOIN tasks ON tasks.id = found.\(dialect == .sqlite ? "rowid" : "id")")
  }

  private static func found(_ dialect: Dialect, columns: String, join: String) -> String {
    switch dialect {
    case .sqlite:
      // A cross join, because the rank is known while FTS5 stands on the row.
      let weights = ([0] + SearchField.weights).map { "\($0)" }.joined(separator: ", ")
      return """
        SELECT found.rowid, word_rank(found.search_words, \(weights))\(columns)
        FROM search_words AS found \(join.isEmpty ? "" : "CROSS \(join)")
        WHERE found.search_words MATCH ?1 ORDER BY found.rowid DESC LIMIT ?2
        """
    case .postgresql:
      // In steps that the planner keeps: it knows nothing of how many rows have a word.
      return """
        WITH matching AS MATERIALIZED (
          SELECT id FROM search_documents WHERE words @@ CAST(CAST(?1 AS text) AS tsquery)
        ), newest AS MATERIALIZED (SELECT id FROM matching ORDER BY id DESC LIMIT ?3)
        SELECT found.id, \(rank("found.words", "?2"))\(columns)
        FROM newest JOIN search_documents AS found ON found.id = newest.id \(join)
        """
    }
  }

  private static func rank(_ words: String, _ query: String) -> String {
    "CAST(1000000 * ts_rank(\(words), CAST(CAST(\(query) AS text) AS tsquery)) AS BIGINT)"
  }

  // MARK: Behind the index

  private static let rankOfWords = SQL("SELECT \(rank("CAST(CAST(?1 AS text) AS tsvector)", "?2"))")

  /// Those of the changed tasks that fit; nil when their texts are too many.
  private func scan(_ backlog: SearchBacklog, _ view: StoreView) throws -> [SearchRank]? {
    var found: [SearchRank] = []
    var bytes: Int64 = 0
    for task in backlog.tasks {
      guard
        let entry = try view.reading.first(
          SearchUpdate.task, [.int(task.id)], TaskEntry.init(row:)),
        entry.deletedAt == nil
      else { continue }
      bytes += min(entry.contentBytes, Int64(SearchWords.textBytesMax))
      guard bytes <= Self.bytesMax else { return nil }
      guard project == nil || entry.project == project,
        accepts?(entry.status.text, entry.topic) ?? true
      else { continue }
      guard let rank = try rank(of: entry, view) else { continue }
      found.append(SearchRank(rank: rank, id: entry.id))
    }
    return found
  }

  /// How well a task fits; nil when it does not.
  private func rank(of task: TaskEntry, _ view: StoreView) throws -> Int64? {
    var matches = SearchField.all.map { field in
      field.withText(of: task) { SearchMatch(query, in: $0) }
    }
    matches.append(
      try SearchDocument.withText(task.content, view.reading) { SearchMatch(query, in: $0) })
    for term in query.terms.indices {
      let isThere = matches.contains { $0.counts[term] > 0 }
      guard isThere == (term < query.wanted.count) else { return nil }
    }
    switch view.reading.dialect {
    case .sqlite:
      return WordRank.rank(
        query.wanted.indices.map { term in
          zip(matches, SearchField.weights).reduce(0) { $0 + Int64($1.0.counts[term]) * $1.1 }
        })
    case .postgresql:
      guard let document = SearchDocument.wanted(task) else { return nil }
      let words = PostgreSQLWords.vector(try document.words(view.reading), project: task.project)
      return try view.reading.first(
        Self.rankOfWords, [.text(words), .text(PostgreSQLWords.rank(query))]
      ) { $0.int(0) }
    }
  }
}
