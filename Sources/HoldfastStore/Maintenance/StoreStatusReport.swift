internal import HoldfastDatabase
public import HoldfastModel

/// What is in a store and what takes its space.
public struct StoreStatusReport: Output {
  public let location: String
  public let engine: String
  public let size: Size
  public let schemaVersion: Int64
  public var lastSequence: Int64 = 0
  public var epoch: Int64 = 0
  public var projects: Int64 = 0
  public var tasks: [StatusCount] = []
  public var deletedTasks: Int64 = 0
  public var signals: [StatusCount] = []
  /// The texts of tasks as they are now, in bytes.
  public var textBytes: Int64 = 0
  // Measured on request only.
  public var events: Int64?
  public var historyTextBytes: Int64?
  public var freeBytes: Int64?
  public var space: [SpaceUse] = []

  /// How large a store is, in bytes.
  public enum Size: Sendable {
    case file(Int64, log: Int64)
    /// A database on a server, with everything in it.
    case database(Int64)
  }

  init(location: String, engine: String, size: Size) {
    self.location = location
    schemaVersion = Int64(StoreSchema.current.version)
    self.engine = engine
    self.size = size
  }

  public static var placeholder: StoreStatusReport {
    var report = StoreStatusReport(
      location: "/taskstore.db", engine: "SQLite", size: .file(0, log: 0))
    report.events = 0
    report.historyTextBytes = 0
    report.freeBytes = 0
    return report
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("store", location, "Where the store is.")
    out.field("engine", engine, "What keeps it.")
    out.field("schema_version", schemaVersion, "The version of its schema.")
    out.field("epoch", epoch, "Grows when a backup is put in its place.")
    out.field("last_seq", lastSequence, "The number of the last event.")
    switch size {
    case .file(let bytes, let log):
      out.field("file_bytes", bytes, "The size of its file.")
      out.field("wal_bytes", log, "The size of the log beside it.")
    case .database(let bytes):
      out.field("database_bytes", bytes, "The size of its database.")
    }
    out.field("projects", projects, "How many projects there are.")
    out.list("tasks", tasks, "How many tasks are in each status.")
    out.field("deleted_tasks", deletedTasks, "Tasks that were deleted and can be restored.")
    out.list("signals", signals, "How many signals are in each status.")
    out.field("text_bytes", textBytes, "The texts of all tasks as they are now.")
    if let historyTextBytes {
      out.field("history_text_bytes", historyTextBytes, "Earlier texts, kept in the history.")
    }
    if let events { out.field("events", events, "How many changes the history holds.") }
    if let freeBytes {
      out.field("free_bytes", freeBytes, "Room in the file that later writes use.")
    }
    out.list("space", space, "What takes the space, largest first.")
  }
}

/// How many there are in one status.
public struct StatusCount: Output, Equatable {
  public let status: String
  public let count: Int64

  public static var placeholder: StatusCount { StatusCount(status: "ready", count: 0) }

  public func write(_ out: inout ObjectWriter) {
    out.field("status", status, "The status.")
    out.field("count", count, "How many are in it.")
  }
}

/// What a table or an index takes.
public struct SpaceUse: Output, Equatable {
  /// The table's or index's name in the database.
  public let name: String
  public let bytes: Int64

  public static var placeholder: SpaceUse { SpaceUse(name: "tasks", bytes: 0) }

  /// What it is, in plain words.
  public var what: String {
    if let words = Self.words[name] { return words }
    for (prefix, noun) in Self.indexes {
      guard name.hasPrefix(prefix) else { continue }
      // PostgreSQL names the index of a key or a rule behind the table.
      let rest = name.dropFirst(prefix.count)
      let by = (rest == "pkey" ? "" : rest.hasSuffix("_key") ? rest.dropLast(4) : rest)
        .replacing("_", with: " ")
      return "index of \(noun)" + (by.isEmpty || by.allSatisfy(\.isNumber) ? "" : ": \(by)")
    }
    return name
  }

  private static let words = [
    "events": "history: every change, and the texts", "tasks": "tasks", "subtasks": "subtasks",
    "pr_reviews": "pull request reviews", "topics": "topics", "projects": "projects",
    "signals": "signals", "store": "the store's own facts", "lease_clock": "the lease clock",
    "idempotency": "answers kept for repeated requests", "sqlite_schema": "the schema",
    "sqlite_stat1": "statistics", "audit_lines": "imported audit lines",
    "dependencies": "what waits for what", "workflows": "workflows of projects' own",
    "search_state": "how far the search knows the tasks",
    "search_documents": "the search: names and titles", "search_words": "the search",
    "agents": "agents of the fleet", "heartbeats": "when agents were heard of",
    "locks": "locked files", "lock_events": "what happened to locked files",
    "lock_positions": "how far agents have read that", "lock_cut": "since when that is kept",
    "costs": "what tasks cost", "comments": "comments on tasks",
    "task_output": "what the work on tasks printed",
    "attachments": "what is attached to tasks", "blobs": "contents of attachments",
    "writer": "the place of the writer", "commits": "marks of the last commits",
  ]

  private static let indexes = [
    ("events_", "the history"), ("projects_", "projects"), ("tasks_", "tasks"),
    ("signals_", "signals"), ("audit_lines_", "imported audit lines"),
    ("subtasks_", "subtasks"), ("pr_reviews_", "pull request reviews"), ("topics_", "topics"),
    ("agents_", "agents of the fleet"), ("heartbeats_", "when agents were heard of"),
    ("locks_", "locked files"), ("lock_events_", "what happened to locked files"),
    ("lock_positions_", "how far agents have read that"), ("lock_cut_", "since when that is kept"),
    ("sqlite_autoindex_lock_positions_", "how far agents have read that"),
    ("dependencies_", "what waits for what"), ("workflows_", "workflows of projects' own"),
    ("sqlite_autoindex_workflows_", "workflows of projects' own"),
    ("sqlite_autoindex_dependencies_", "what waits for what"),
    ("search_documents_", "the search"), ("search_state_", "how far the search knows the tasks"),
    ("search_", "the search"),
    ("costs_", "what tasks cost"), ("comments_", "comments on tasks"),
    ("task_output_", "what the work on tasks printed"),
    ("attachments_", "what is attached to tasks"), ("blobs_", "contents of attachments"),
    ("sqlite_autoindex_attachments_", "what is attached to tasks"),
    ("sqlite_autoindex_blobs_", "contents of attachments"),
    ("idempotency_", "kept answers"), ("store_", "the store's own facts"),
    ("writer_", "the place of the writer"), ("commits_", "marks of the last commits"),
    ("sqlite_autoindex_projects_", "projects"), ("sqlite_autoindex_subtasks_", "subtasks"),
    ("sqlite_autoindex_pr_reviews_", "pull request reviews"),
    ("sqlite_autoindex_topics_", "topics"),
    ("sqlite_autoindex_idempotency_", "kept answers"),
  ]

  public func write(_ out: inout ObjectWriter) {
    out.field("what", what, "What it is.")
    out.field("name", name, "The table or index.")
    out.field("bytes", bytes, "The space it takes.")
  }
}
