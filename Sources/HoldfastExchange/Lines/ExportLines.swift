internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// Writes the lines of an export, in steps of bounded length.
struct ExportLines {
  let store: Store
  private let sink: @Sendable ([UInt8]) throws -> Void
  private let progress: @Sendable (StoreProgress) throws -> Void
  private var json = JSONWriter(reserving: 64 * 1024)
  var report = ExportReport()

  private static let tasks = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.project = ?1 AND tasks.filename > ?2 AND tasks.deleted_at IS NULL
    ORDER BY tasks.filename
    """)
  private static let deletedTasks = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.project = ?1 AND tasks.deleted_at IS NOT NULL AND tasks.filename <> ''
      AND (tasks.filename, tasks.deleted_at, tasks.id) > (?2, ?3, ?4)
    ORDER BY tasks.filename, tasks.deleted_at, tasks.id
    """)
  fileprivate static let costs = rows(Cost.self)
  fileprivate static let comments = rows(Comment.self)
  fileprivate static let output = rows(OutputPart.self)
  private static func rows<R: Record>(_ type: R.Type) -> SQL {
    SQL("SELECT \(R.table.columnList) FROM \(R.table.name) WHERE task = ?1 ORDER BY id")
  }
  fileprivate static let subtasks = SQL(
    "SELECT \(SubtaskRow.table.columnList) FROM subtasks WHERE task = ?1 ORDER BY number")
  fileprivate static let reviews = SQL(
    "SELECT \(PRReview.table.columnList) FROM pr_reviews WHERE task = ?1 ORDER BY review_id")
  fileprivate static let attachments = SQL(
    """
    SELECT \(Attachment.table.columnList) FROM attachments WHERE attachments.task = ?1
    ORDER BY attachments.order_index
    """)
  private static let topics = SQL(
    """
    SELECT \(Topic.table.columnList) FROM topics WHERE topics.project = ?1 AND topics.name > ?2
    ORDER BY topics.name LIMIT 1000
    """)
  private static let signals = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.id > ?1 AND signals.id <= ?2 AND signals.project = ?3 ORDER BY signals.id
    """)
  private static let lastSignal: SQL = "SELECT max(id) FROM signals"
  private static let bytesPerPiece = 256 * 1024

  init(
    store: Store, sink: @escaping @Sendable ([UInt8]) throws -> Void,
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) {
    self.store = store
    self.sink = sink
    self.progress = progress
  }

  /// Writes one line.
  mutating func line(_ type: String, _ body: (inout JSONWriter) -> Void) throws {
    json.beginObject()
    json.key("type")
    json.string(type)
    body(&json)
    json.endObject()
    json.newline()
    report.lines += 1
    if json.bytes.count >= Self.bytesPerPiece { try flush() }
  }

  /// Ends the file with the line that counts the others.
  mutating func finish() throws {
    let others = report.lines
    try line("end") {
      $0.key("lines"); $0.int(others)
    }
    try flush()
  }

  private mutating func flush() throws {
    try sink(json.bytes)
    json = JSONWriter(reserving: 64 * 1024)
    try progress(StoreProgress("exporting", unit: "lines", done: report.lines))
  }

  mutating func write(_ project: Project) throws {
    report.projects += 1
    let aliases = try store.view { try $0.aliases(of: project) }
    try line("project") { json in
      ExportedRow.write(project, to: &json)
      guard !aliases.isEmpty else { return }
      json.key("aliases")
      json.beginArray()
      for alias in aliases { json.string(alias.name.text) }
      json.endArray()
    }
    try writeWorkflows(of: project)
    try writeTopics(of: project)
    try writeTasks(of: project)
    try writeDeletedTasks(of: project)
    try writeLocks(of: project)
    try writeSignals(of: project)
    try writeAudit(of: project)
  }

  private mutating func writeWorkflows(of project: Project) throws {
    let workflows = try store.view { try $0.workflowRows(of: project.id) }
    for row in workflows {
      let workflow = try row.readable()
      report.workflows += 1
      try line("workflow") { json in
        json.key("project")
        json.string(project.name.text)
        json.key("name")
        json.string(workflow.name)
        json.key("definition")
        json.raw(Array(workflow.definition.utf8))
      }
    }
  }

  private mutating func writeTopics(of project: Project) throws {
    var after = ""
    while true {
      let topics = try store.view { view in
        try view.reading.all(Self.topics, [.int(project.id), .text(after)], Topic.init(row:))
      }
      for topic in topics {
        report.topics += 1
        try line("topic") { json in
          json.key("project")
          json.string(project.name.text)
          ExportedRow.write(topic, to: &json)
        }
      }
      guard let last = topics.last else { return }
      after = last.name.text
    }
  }

  private struct TaskLine {
    let entry: TaskEntry
    /// Whether an agent holds it.
    let isHeld: Bool
    let content: [UInt8]
    let subtasks: [SubtaskRow]
    let reviews: [PRReview]
    let costs: [Cost]
    let comments: [Comment]
    let output: [OutputPart]
    let attachments: [Attachment]
    /// The task that contains it.
    let parent: TaskReference?
    let edges: [(blocker: TaskReference, edge: Dependency)]

    /// The rows of each task, its text and what belongs to it are of one moment.
    ///
    /// Nobody holds it where it is read, and it keeps its id where that is free.
    init(_ row: TaskEntry, in view: StoreView) throws {
      var entry = row
      entry.graph.givenID = view.id(of: row)
      isHeld = !row.graph.owner.isEmpty
      entry.forgetHolder(
        in: row.graph.workflow.isEmpty ? .standard : try view.workflow(of: row),
        now: Timestamp(nanoseconds: view.reading.now))
      self.entry = entry
      content = try view.content(of: row)
      let key: [SQLValue] = [.int(row.id)]
      subtasks = try view.reading.all(ExportLines.subtasks, key, SubtaskRow.init(row:))
      reviews = try view.reading.all(ExportLines.reviews, key, PRReview.init(row:))
      costs = try view.reading.all(ExportLines.costs, key, Cost.init(row:))
      comments = try view.reading.all(ExportLines.comments, key, Comment.init(row:))
      output = try view.reading.all(ExportLines.output, key, OutputPart.init(row:))
      attachments = try view.reading.all(ExportLines.attachments, key, Attachment.init(row:))
      parent = try row.graph.parent.flatMap { try view.taskRow($0) }.map {
        TaskReference($0.filename, deletedAt: $0.deletedAt)
      }
      edges = try view.blockers(of: row).map {
        (TaskReference($0.task.filename, deletedAt: $0.task.deletedAt), $0.edge)
      }
    }
  }

  private mutating func writeTasks(of project: Project) throws {
    var after = ""
    while true {
      let tasks = try store.view { view in
        var tasks: [TaskLine] = []
        _ = try view.reading.query(Self.tasks, [.int(project.id), .text(after)]) { row in
          tasks.append(try TaskLine(TaskEntry(row: row), in: view))
          return !view.reading.stepIsOver
        }
        return tasks
      }
      for task in tasks {
        try write(task, of: project)
        for attachment in task.attachments { try write(attachment, of: task.entry, project) }
      }
      guard let last = tasks.last else { return }
      after = last.entry.filename.text
    }
  }

  private mutating func writeDeletedTasks(of project: Project) throws {
    var after: [SQLValue] = [.text(""), .int(.min), .int(0)]
    while true {
      let place = after
      let tasks = try store.view { view in
        var tasks: [TaskLine] = []
        _ = try view.reading.query(Self.deletedTasks, [.int(project.id)] + place) { row in
          tasks.append(try TaskLine(TaskEntry(row: row), in: view))
          return !view.reading.stepIsOver
        }
        return tasks
      }
      for task in tasks {
        try write(task, of: project)
        for attachment in task.attachments { try write(attachment, of: task.entry, project) }
      }
      guard let last = tasks.last?.entry else { return }
      after = [
        .text(last.filename.text), .int(last.deletedAt?.nanoseconds ?? 0), .int(last.id),
      ]
    }
  }

  private mutating func write(_ task: TaskLine, of project: Project) throws {
    report.tasks += 1
    if task.isHeld { report.held += 1 }
    try line("task") { json in
      json.key("project")
      json.string(project.name.text)
      ExportedRow.write(task.entry, to: &json)
      if !task.content.isEmpty { Self.write(content: task.content, &json) }
      Self.write(task.subtasks, "subtasks", &json)
      Self.write(task.reviews, "reviews", &json)
      Self.write(task.costs, "costs", &json)
      Self.write(task.comments, "comments", &json)
      Self.write(task.output, "output", &json)
      if let parent = task.parent { Self.write(parent, "parent", &json) }
      guard !task.edges.isEmpty else { return }
      json.key("dependencies")
      json.beginArray()
      for (blocker, edge) in task.edges {
        json.beginObject()
        Self.write(blocker, "blocker", &json)
        json.key("type")
        json.string(edge.type.rawValue)
        json.key("on_failure")
        json.string(edge.onFailure.rawValue)
        json.endObject()
      }
      json.endArray()
    }
  }

  private static func write(_ task: TaskReference, _ key: String, _ json: inout JSONWriter) {
    json.key(key)
    json.string(task.filename.text)
    guard let deletedAt = task.deletedAt else { return }
    json.key("\(key)_deleted_at")
    json.string(deletedAt.description)
  }

  private static func write(content: [UInt8], _ json: inout JSONWriter) {
    if String(validating: content, as: UTF8.self) == nil {
      json.key("content_base64")
      json.string(Base64.encode(content))
    } else {
      json.key("content")
      json.string(utf8: content)
    }
  }

  /// Each content is read by itself: one task may have more of it than fits into memory.
  private mutating func write(
    _ attachment: Attachment, of task: TaskEntry, _ project: Project
  ) throws {
    let content = try store.view { try $0.content(ofHash: attachment.hash) }
    // Somebody took it away meanwhile.
    guard content != nil || attachment.hash.isEmpty else { return }
    report.attachments += 1
    try line("attachment") { json in
      json.key("project")
      json.string(project.name.text)
      Self.write(TaskReference(task.filename, deletedAt: task.deletedAt), "task", &json)
      ExportedRow.write(attachment, to: &json)
      if let content { Self.write(content: content, &json) }
    }
  }

  private static func write<R: Record>(_ rows: [R], _ key: String, _ json: inout JSONWriter) {
    guard !rows.isEmpty else { return }
    json.key(key)
    json.beginArray()
    for row in rows {
      json.beginObject()
      ExportedRow.write(row, to: &json)
      json.endObject()
    }
    json.endArray()
  }

  private mutating func writeSignals(of project: Project) throws {
    try store.walk(
      Self.signals, through: Self.lastSignal, [.int(project.id)], decode: Signal.init(row:)
    ) { signal in
      report.signals += 1
      try line("signal") { json in
        json.key("project")
        json.string(project.name.text)
        ExportedRow.write(signal, to: &json)
      }
    }
  }

  /// What imports brought, then what happened here, as it would be shown.
  private mutating func writeAudit(of project: Project) throws {
    for part in AuditTrail.parts {
      try part.walk(of: project.id, in: store) { try write($0.today, of: project) }
    }
  }

  private mutating func write(_ line: AuditLine, of project: Project) throws {
    report.auditEvents += 1
    try self.line("audit_event") { json in
      json.key("project")
      json.string(project.name.text)
      ExportedRow.write(line, to: &json)
    }
  }
}
