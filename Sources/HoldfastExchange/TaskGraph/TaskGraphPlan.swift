internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// Makes an import of what task-graph-mcp holds.
///
/// Nothing is lost: what has no place of its own here (who deleted a task, who held it, what happened to
/// files) comes as the task's history or as lines of the audit trail. Nobody holds a task or a file by it.
struct TaskGraphPlan {
  let tables: TaskGraphTables
  var imported: ImportedProject
  var notes = ImportNotes()
  /// Tasks by their ids there.
  var places: [String: Int] = [:]

  static func plan(_ tables: TaskGraphTables, project: ProjectName?) throws -> ImportPlan {
    guard let project else {
      throw HoldfastError(
        .usage, "a task graph does not name its project: name one for the import")
    }
    var reading = TaskGraphPlan(tables: tables, imported: ImportedProject(name: project))
    for note in tables.notes { reading.notes.add(note) }
    try reading.readTasks()
    try reading.readEdges()
    reading.breakCircles()
    try reading.readAttachments()
    try reading.readHistory()
    var plan = ImportPlan()
    plan.agents = try reading.readAgents()
    try reading.readLocks(&plan.agents)
    plan.projects = [reading.imported]
    plan.notes = reading.notes
    plan.isAtomic = true
    // Each row is one of its own, also when two say the same.
    plan.mergesEqualSignals = false
    return plan
  }

  private init(tables: TaskGraphTables, imported: ImportedProject) {
    self.tables = tables
    self.imported = imported
  }

  /// Reads a row; an error says of which one.
  func reading<R>(_ what: String, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as HoldfastError {
      throw HoldfastError(
        .invalidRequest, "\(what) is damaged: \(error.message). Nothing was imported")
    }
  }

  func reference(_ id: String) -> TaskReference? { places[id].map { imported.tasks[$0].reference } }

  // MARK: Edges

  private mutating func readEdges() throws {
    for row in tables.table("dependencies") {
      let from = try row.text("from_task_id")
      let to = try row.text("to_task_id")
      let word = row.has("dep_type") ? try row.text("dep_type") : DependencyType.blocks.rawValue
      guard let blocker = reference(from), let place = places[to] else {
        notes.add("\(to) \(word) \(from), and one of the two is not there: the edge was left out")
        continue
      }
      guard word != "contains" else {
        setParent(from, of: place)
        continue
      }
      if DependencyType(rawValue: word) == nil {
        notes.add(
          "\(from) \(word.quoted) \(to): no such edge is known here, it was kept as see-also")
      }
      let policy = try row.has("on_failure") ? FailurePolicy(rawValue: row.text("on_failure")) : nil
      imported.tasks[place].add(
        blocker, DependencyType(rawValue: word) ?? .seeAlso, policy ?? usualPolicy)
    }
    guard tables.isLater else { return }
    // What one task contains has no order there but that of its edges, unless it was written here.
    let placed = Set(
      try tables.table("tasks").filter { $0.has("join_mode") }.compactMap {
        places[try $0.text("id")]
      })
    for place in imported.tasks.indices where !placed.contains(place) {
      imported.tasks[place].entry.graph.joinMode = .also
      imported.tasks[place].entry.graph.siblingOrder = Int64(place)
    }
  }

  /// There a blocker that failed does not hold any more, in the earlier generation it does.
  private var usualPolicy: FailurePolicy { tables.isLater ? .release : .block }

  mutating func setParent(_ id: String, of place: Int) {
    let name = imported.tasks[place].entry.filename
    guard let parent = reference(id) else {
      notes.add("the parent \(id) of \(name) is not there: the task was put at the top")
      return
    }
    if let known = imported.tasks[place].parent, known != parent {
      imported.tasks[place].add(parent, .relatesTo, usualPolicy)
      notes.add(
        "\(name) has a second parent \(parent.filename), which was kept as an edge relates-to")
    } else {
      imported.tasks[place].parent = parent
    }
  }

  /// Puts a task at the top that contains itself, over however many others.
  private mutating func breakCircles() {
    var ends: Set<Int> = []
    let place = Dictionary(
      uniqueKeysWithValues: imported.tasks.enumerated().map { ($1.reference, $0) })
    for start in imported.tasks.indices {
      var path: Set<Int> = []
      var current: Int? = start
      while let task = current, !ends.contains(task) {
        guard path.insert(task).inserted else {
          notes.add("\(imported.tasks[task].entry.filename) contains itself: it was put at the top")
          imported.tasks[task].parent = nil
          break
        }
        current = imported.tasks[task].parent.flatMap { place[$0] }
      }
      ends.formUnion(path)
    }
  }

  // MARK: History

  private mutating func readHistory() throws {
    let name = tables.rows["task_sequence"] == nil ? "task_state_sequence" : "task_sequence"
    var last: [String: String] = [:]
    for row in tables.table(name) {
      let id = try row.text("task_id")
      try reading("the history of \(id)") {
        let word = try row.text(row.has("status") ? "status" : "event")
        // A row without a status says that another thing changed.
        let status = word.isEmpty ? last[id] ?? "" : Self.status(word)?.status.text ?? word
        last[id] = status
        guard let start = try row.time("timestamp") else {
          throw HoldfastError(.invalidField, "timestamp is missing")
        }
        var step = ImportedStep(status: status, start: start)
        step.worker = try row.text("worker_id")
        step.phase = try row.text("phase")
        step.reason = try row.text("reason")
        step.end = try row.time("end_timestamp")
        let task = reference(id)?.filename ?? TaskFilename(stored: id)
        imported.audit.append(step.line(of: task))
      }
    }
    guard tables.rows[name] == nil else { return }
    // The earlier generation keeps none: who holds a task now is all that is known.
    for row in tables.table("tasks") where row.has("owner_agent") {
      let id = try row.text("id")
      guard let place = places[id], let start = try row.time("claimed_at") else { continue }
      let word = try row.text("status")
      var step = ImportedStep(status: Self.status(word)?.status.text ?? word, start: start)
      step.worker = try row.text("owner_agent")
      imported.audit.append(step.line(of: imported.tasks[place].entry.filename))
    }
  }

  // MARK: Agents and files

  private mutating func readAgents() throws -> [ImportedAgent] {
    var agents: [ImportedAgent] = []
    for row in tables.table("agents") + tables.table("workers") {
      let id = try row.text("id")
      try reading("agent \(id.quoted)") {
        let registered = try row.time("registered_at") ?? Timestamp(nanoseconds: 0)
        var agent = Agent(name: try AgentID(id), registeredAt: registered, joined: 0)
        agent.title = try row.text("name")
        agent.tags = try Self.tags(row, "tags")
        agent.maxClaims = max(1, try row.int("max_claims") ?? 5)
        var rest: [(String, JSON)] = []
        for column in ["workflow", "overlays", "last_status", "last_phase", "last_task_id"]
        where row.has(column) { rest.append((column, .string(try row.text(column)))) }
        if let number = try row.int("last_claim_sequence") {
          rest.append(("last_claim_sequence", .number(JSONNumber(number))))
          imported.lockPositions.append((agent.name, number))
        }
        agents.append(
          ImportedAgent(
            agent: agent, seenAt: try row.time("last_heartbeat"), detail: JSONObject(rest)))
      }
    }
    return agents
  }

  private mutating func readLocks(_ agents: inout [ImportedAgent]) throws {
    var open: Set<String> = []
    for row in tables.table("claim_sequence") {
      let number = try row.int("id") ?? 0
      let isTaken = try row.text("event") == "claimed"
      let path = try row.text("file_path")
      if isTaken { open.insert(path) } else { open.remove(path) }
      try addLockEvent(row, isTaken: isTaken, number: number, at: "timestamp")
    }
    // What is locked without a line that says so: the sequence came later than the locks.
    for row in tables.table("file_locks") where !open.contains(try row.text("file_path")) {
      try addLockEvent(row, isTaken: true, number: 0, at: "locked_at")
    }
    let count = tables.table("file_locks").count
    if count > 0 {
      notes.add("\(count) file locks came as history: nobody holds a file by an import")
    }
    imported.lockEvents.sort { ($0.number, $0.line.happenedAt) < ($1.number, $1.line.happenedAt) }
    if imported.lockEvents.isEmpty { imported.lockPositions = [] }
    // Those who have gone, and whose files are told of.
    var known = Set(agents.map(\.agent.name))
    for event in imported.lockEvents where known.insert(event.agent).inserted {
      var agent = Agent(name: event.agent, registeredAt: event.line.happenedAt, joined: 0)
      agent.disconnectedAt = event.line.happenedAt
      agents.append(ImportedAgent(agent: agent))
    }
  }

  private mutating func addLockEvent(
    _ row: TaskGraphRow, isTaken: Bool, number: Int64, at column: String
  ) throws {
    let path = try row.text("file_path")
    try reading("the lock of \(path.quoted)") {
      let agent = try AgentID(try row.text(row.has("worker_id") ? "worker_id" : "agent_id"))
      guard let time = try row.time(column) else {
        throw HoldfastError(.invalidField, "\(column) is missing")
      }
      imported.lockEvents.append(
        ImportedLockEvent(
          agent: agent, path: LockPath(stored: path), isTaken: isTaken,
          reason: try row.text("reason"), number: number, at: time))
    }
  }
}
