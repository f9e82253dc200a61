internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

/// Reads a kasmos database: `taskstore.db`, machine-wide or of one repository, and the older
/// `planstore.db` and `plans.db`, whose tasks are in a table `plans`.
///
/// Tables and columns are found by the names they have, so every age of the format is read; a column
/// that has no place here is noted.
struct KasmosDatabase {
  let database: ForeignDatabase
  /// The project of rows that name none; only its rows where they do.
  let project: ProjectName?
  var plan = ImportPlan()
  /// Tasks by their own key, for tables that refer to it.
  var taskByKey: [Int64: (ProjectName, TaskFilename)] = [:]
  /// Rows whose stripped name was taken: what belongs to them is left out with them.
  var rejected: Set<RawName> = []

  struct RawName: Hashable {
    let project: ProjectName
    let filename: TaskFilename
  }

  private static let own: Set<String> = [
    "tasks", "plans", "topics", "subtasks", "pr_reviews", "signals", "audit_events",
  ]

  static func plan(path: String, project: ProjectName?) throws -> ImportPlan {
    var reading = KasmosDatabase(database: try ForeignDatabase(path: path), project: project)
    let tables = try reading.database.tables()
    guard tables.contains(where: own.contains) else {
      throw HoldfastError(
        .invalidRequest,
        "the database \(path) is not of kasmos: it has neither a table tasks nor a table plans")
    }
    // The newer table first, so that its rows win.
    for name in ["tasks", "plans"] where tables.contains(name) { try reading.readTasks(name) }
    if tables.contains("topics") { try reading.readTopics() }
    if tables.contains("subtasks") { try reading.readSubtasks() }
    if tables.contains("pr_reviews") { try reading.readReviews() }
    if tables.contains("signals") { try reading.readSignals() }
    if tables.contains("audit_events") { try reading.readAudit() }
    for name in tables where !own.contains(name) {
      let count = try reading.database.count(of: name)
      if count > 0 {
        reading.plan.notes.add("table \(name) has no place here: \(count) rows were left out")
      }
    }
    reading.plan.projects.sort { $0.name < $1.name }
    return reading.plan
  }

  private init(database: ForeignDatabase, project: ProjectName?) {
    self.database = database
    self.project = project
  }

  /// Reads a table's rows, then notes the columns that had no place.
  mutating func read<C>(
    _ name: String, notesColumns: Bool = true, _ columns: (inout KasmosTable) -> C,
    _ each: (inout KasmosDatabase, KasmosRow, C) throws -> Void
  ) throws {
    var table = KasmosTable(name: name, columns: try database.columns(of: name))
    let places = columns(&table)
    // The other systems' keys are theirs.
    _ = table.column(["id"])
    try database.rows(of: name, table.columnNames) { values in
      try each(&self, KasmosRow(values: values, what: "a row of \(name)"), places)
    }
    for column in table.unknown where notesColumns {
      plan.notes.add("column \(name).\(column) is not known: its values were left out")
    }
  }

  /// The project of a row; nil for a row that is not wanted or has none.
  mutating func project(of row: KasmosRow, _ place: Int?) throws -> ProjectName? {
    let text = row.exactText(place)
    if text?.isEmpty ?? false {
      guard let project else {
        throw HoldfastError(
          .usage, "the database does not name the project of its tasks: name one for the import")
      }
      return project
    }
    guard let text, let name = try? ProjectName(text) else {
      plan.notes.add("\(row.what) was left out: its project's name cannot be kept")
      return nil
    }
    guard project == nil || project == name else {
      plan.others.insert(name)
      return nil
    }
    return name
  }

  // MARK: Tasks

  private struct TaskColumns {
    var key: Int?
    var project: Int?
    var filename: Int?
    var status: Int?
    var content: Int?
    /// Places of the columns of the store's table, in its order.
    var others: [Int?] = []
  }

  /// Names that a column had elsewhere or at another time.
  private static let otherNames: [String: [String]] = [
    "implemented": ["implemented_at"], "clickup_task_id": ["clickup_id"],
    "pr_review_decision": ["review_decision"], "pr_check_status": ["check_status"],
    "review_cycle": ["review_cycles"], "created_at": ["created"],
    "execution_phase": ["phase"], "stale_verification_reason": ["verification_stale_reason"],
  ]

  /// Columns that say something about this store alone.
  private static let ownColumns: Set<String> = [
    "project", "filename", "status", "content", "content_bytes", "revision", "deleted_at",
  ]

  private mutating func readTasks(_ name: String) throws {
    // A name that is written without `.md` comes before one that only becomes it.
    for isExactPass in [true, false] {
      try read(
        name, notesColumns: isExactPass,
        { table in
          var columns = TaskColumns()
          columns.key = table.column(["id"])
          columns.project = table.column(["project", "repo", "repository"])
          columns.filename = table.column(["filename", "plan_file", "file", "name", "slug"])
          columns.status = table.column(["status"])
          columns.content = table.column(["content", "body", "markdown"])
          columns.others = TaskEntry.table.columns.map { column in
            guard column.isLogged, !Self.ownColumns.contains(column.name) else { return nil }
            return table.column([column.name] + (Self.otherNames[column.name] ?? []))
          }
          return columns
        },
        { reading, row, columns in try reading.addTask(row, columns, isExactPass: isExactPass) })
    }
  }

  private mutating func addTask(_ row: KasmosRow, _ columns: TaskColumns, isExactPass: Bool) throws
  {
    var row = row
    let raw = row.exactText(columns.filename)
    let filename = raw.flatMap { try? TaskFilename($0) }
    let isExact = filename.map { $0.text.utf8.elementsEqual((raw ?? "").utf8) } ?? true
    guard isExact == isExactPass else { return }
    guard let project = try project(of: row, columns.project) else { return }
    guard let raw, let filename else {
      plan.notes.leaveOut("a task of project \(project)", "its name is empty or not clean text")
      return
    }
    row.what = "task \(filename)"
    guard let task = task(row, columns, filename) else { return }
    let isAdded = plan.withProject(project) { $0.add(task) }
    if !isAdded {
      rejected.insert(RawName(project: project, filename: TaskFilename(stored: raw)))
      plan.notes.add(
        "task \(raw.quoted) of project \(project) was left alone: there is a task \(filename)")
    }
    if let key = columns.key, case .int(let number) = row.values[key], isAdded {
      taskByKey[number] = (project, filename)
    }
  }

  private mutating func task(_ row: KasmosRow, _ columns: TaskColumns, _ filename: TaskFilename)
    -> ImportedTask?
  {
    let content = row.bytes(columns.content)
    guard content.count <= ImportedTask.contentMax else {
      plan.notes.leaveOut(
        row.what, "its text has \(content.count) bytes, more than \(ImportedTask.contentMax)")
      return nil
    }
    var values = TaskEntry.table.initialValues
    for (column, place) in zip(TaskEntry.table.columns, columns.others) where place != nil {
      switch column.kind {
      case .text: values[column.index] = .text(row.text(place, column.name, &plan.notes))
      case .number:
        values[column.index] = .int(row.count(place, column.name, &plan.notes))
      case .time:
        values[column.index] = .optional(row.time(place, column.name, &plan.notes)?.nanoseconds)
      }
    }
    var entry = TaskEntry(row: ValuesRow(columns: values))
    entry.filename = filename
    let word = row.text(columns.status, "status", &plan.notes).trimmed
    guard let status = KasmosStatus.status(word) else {
      plan.notes.leaveOut(row.what, "its status \(word.quoted) cannot be kept")
      return nil
    }
    entry.status = status
    return ImportedTask(entry: entry, text: TaskText(content))
  }
}

/// Statuses as older releases wrote them.
enum KasmosStatus {
  /// The status that a word stands for: `ready` for none, an alias's status, else the word itself.
  static func status(_ word: String) -> TaskStatus? {
    word.isEmpty ? .ready : try? Workflow.foreign.status(word)
  }
}
