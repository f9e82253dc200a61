internal import HoldfastDatabase
private import HoldfastJSON
internal import HoldfastModel

/// A task that a search has found, and how well it fits.
struct SearchRank: Comparable {
  let rank: Int64
  let id: Int64

  /// Whether it comes later in an answer: what fits less, and the older of two that fit the same.
  static func < (a: SearchRank, b: SearchRank) -> Bool { (a.rank, a.id) < (b.rank, b.id) }
}

/// Finds the tasks that fit to a query: those that the index knows in one read, and what was written since
/// in as many more as it takes.
struct SearchFinding {
  let query: SearchQuery
  /// nil for all projects.
  let project: Int64?
  /// What else must hold for a task's status and topic; nil for nothing.
  let accepts: Condition?

  /// What must hold for a task beside its words.
  typealias Condition = (_ project: Int64, _ status: String, _ topic: String) -> Bool

  private var indexed: [SearchRank] = []
  /// The tasks that the index does not know as they are, and the ranks of those of them that fit.
  private var changed: Set<Int64> = []
  private var ranks: [Int64: Int64] = [:]
  /// The last event whose task was looked at, and the last of all when this began.
  private var through: Int64
  private let end: Int64

  /// Events and bytes of texts that were looked through beside the index.
  private var looked = (events: 0, bytes: 0)

  /// Of the tasks that fit, so many of the newest are ranked.
  static let rankedMax = 4_000
  /// What is looked through beside an index that is near.
  private static let nearMax = (events: 1_000, bytes: 2 * 1024 * 1024)
  /// Events whose tasks are read together.
  private static let eventsMax = 50

  /// Looks into the index.
  init(
    _ query: SearchQuery, project: Int64?,
    accepts: Condition?, _ view: StoreView
  ) throws {
    self.query = query
    self.project = project
    self.accepts = accepts
    let dialect = view.reading.dialect
    through = try SearchBacklog.cursor(view.reading)
    end = try SearchBacklog.end(view.reading)
    try view.reading.query(statement(dialect), values(dialect)) { row in
      guard accepts?(row.int(2), row.text(3), row.text(4)) ?? true else { return }
      indexed.append(SearchRank(rank: row.int(1), id: row.int(0)))
    }
  }

  /// Whether all that was written before this began has been looked at.
  var isCurrent: Bool { through >= end }

  /// Whether the index was so far behind that it is worth bringing nearer.
  var wasFar: Bool { looked.events > Self.nearMax.events || looked.bytes > Self.nearMax.bytes }

  /// All that fit, the best first.
  func ranked() -> [SearchRank] {
    (indexed.filter { !changed.contains($0.id) }
      + ranks.map { SearchRank(rank: $0.value, id: $0.key) }).sorted(by: >)
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
        .text(PostgreSQLWords.beside(query)),
      ]
    }
  }

  private static let plain = DialectSQL { found($0, columns: "", join: "") }
  private static let withTask = DialectSQL { dialect in
    found(
      dialect, columns: ", tasks.project, tasks.status, tasks.topic",
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
            AND (CAST(?4 AS text) = ''
              OR ts_filter(words, '{a,b,c,d}') @@ CAST(CAST(?4 AS text) AS tsquery))
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

  /// Looks at tasks that have changed, until a step is over.
  mutating func step(in view: StoreView) throws {
    repeat {
      let backlog = try SearchBacklog(view.reading, after: through, eventsMax: Self.eventsMax)
      guard backlog.eventCount > 0 else {
        through = end
        break
      }
      through = backlog.through
      looked.events += backlog.eventCount
      try look(at: backlog.tasks.map(\.id), view)
    } while !isCurrent && !view.reading.stepIsOver
  }

  private mutating func look(at ids: [Int64], _ view: StoreView) throws {
    let tasks = try view.tasks(inRows: ids)
    for id in ids { ranks[id] = nil }
    changed.formUnion(ids)
    let wanted = tasks.values.filter { task in
      task.deletedAt == nil && (project == nil || task.project == project)
        && accepts?(task.project, task.status.text, task.topic) ?? true
    }
    let texts = try SearchDocument.texts(of: wanted, view.reading)
    looked.bytes += texts.values.reduce(0) { $0 + $1.count }
    let terms = query.terms
    var fitting: [(task: TaskEntry, matches: [SearchMatch])] = []
    for task in wanted {
      var matches = SearchField.all.map { field in
        field.withText(of: task) { SearchMatch(query, in: $0) }
      }
      let text = task.content.flatMap { texts[$0] } ?? []
      matches.append(text.withUnsafeBytes { SearchMatch(query, in: $0) })
      let fits = terms.indices.allSatisfy { term in
        matches.contains { $0.counts[term] > 0 } == (term < query.wanted.count)
      }
      if fits { fitting.append((task, matches)) }
    }
    switch view.reading.dialect {
    case .sqlite:
      for (task, matches) in fitting { ranks[task.id] = rank(matches) }
    case .postgresql:
      let tasks = fitting.map(\.task)
      for (task, rank) in zip(tasks, try ranks(of: tasks, texts, view.reading)) {
        ranks[task.id] = rank
      }
    }
  }

  private func rank(_ matches: [SearchMatch]) -> Int64 {
    WordRank.rank(
      query.wanted.indices.map { term in
        zip(matches, SearchField.weights).reduce(0) { $0 + Int64($1.0.counts[term]) * $1.1 }
      })
  }

  private static let ranksOfWords = SQL(
    """
    SELECT \(rank("CAST(listed.words AS tsvector)", "?2"))
    FROM json_array_elements_text(CAST(?1 AS json)) WITH ORDINALITY AS listed(words, place)
    ORDER BY listed.place
    """)

  /// How well PostgreSQL finds that the tasks fit.
  private func ranks(
    of tasks: [TaskEntry], _ texts: [Int64: [UInt8]], _ view: any ReadTransaction
  ) throws -> [Int64] {
    guard !tasks.isEmpty else { return [] }
    var words = JSONWriter(reserving: 1024)
    words.beginArray()
    for task in tasks {
      let fields = SearchField.all.map { $0.withText(of: task, SearchWords.joined) }
      let text = (task.content.flatMap { texts[$0] } ?? []).withUnsafeBytes(SearchWords.joined)
      words.string(PostgreSQLWords.vector(fields + [text], project: task.project))
    }
    words.endArray()
    return try view.all(
      Self.ranksOfWords,
      [.text(String(decoding: words.bytes, as: UTF8.self)), .text(PostgreSQLWords.rank(query))]
    ) { $0.int(0) }
  }
}
