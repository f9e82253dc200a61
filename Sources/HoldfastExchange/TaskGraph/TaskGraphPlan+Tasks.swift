internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

extension TaskGraphPlan {
  /// A status as it is here, and whether the one who is named is to take the task.
  static func status(_ word: String) -> (status: TaskStatus, isAssigned: Bool)? {
    if word == "assigned" { return (.pending, true) }
    return (try? Workflow.graph.status(word)).map { ($0, false) }
  }

  /// A list of tags: a JSON list of texts.
  static func tags(_ row: TaskGraphRow, _ column: String, and others: [String] = []) throws
    -> TagList
  {
    let words = try row.json(column)?.arrayValue?.compactMap(\.stringValue) ?? []
    return try TagList(words + others, field: FieldPosition(column))
  }

  mutating func readTasks() throws {
    let more = try ["task_tags", "task_needed_tags", "task_wanted_tags"].map(tagsOfTasks)
    let rows = try tables.table("tasks").map { row in
      (row: row, order: try row.int("sibling_order") ?? 0, age: try row.time("created_at"))
    }.sorted {
      ($0.order, $0.age?.nanoseconds ?? 0) < ($1.order, $1.age?.nanoseconds ?? 0)
    }.map(\.row)
    for row in rows {
      let id = try row.text("id")
      try reading("task \(id.quoted)") {
        let task = try task(row, id, more.map { $0[id] ?? [] })
        guard places[id] == nil, imported.add(task) else {
          throw HoldfastError(.invalidField, "it came before")
        }
        places[id] = imported.tasks.count - 1
      }
    }
    for row in rows where row.has("parent_id") {
      if let place = places[try row.text("id")] { setParent(try row.text("parent_id"), of: place) }
    }
  }

  private func tagsOfTasks(_ table: String) throws -> [String: [String]] {
    var tags: [String: [String]] = [:]
    for row in tables.table(table) {
      tags[try row.text("task_id"), default: []].append(try row.text("tag"))
    }
    return tags
  }

  private mutating func task(
    _ row: TaskGraphRow, _ id: String, _ more: [[String]]
  ) throws -> ImportedTask {
    guard (1...512).contains(id.utf8.count) else {
      throw HoldfastError(.invalidField, "its id must have 1 to 512 bytes")
    }
    let word = try row.text("status")
    let (status, isAssigned) = Self.status(word) ?? (.pending, false)
    var entry = TaskEntry(project: 0, filename: TaskFilename(stored: id), status: status)
    if let given = try? TaskID(id) {
      entry.graph.givenID = given
    } else {
      notes.add("\(id.quoted) cannot be an id here: its task has that name, and an id of its own")
    }
    entry.graph.workflow = Workflow.graph.name
    entry.graph.title = try row.text("title")
    entry.description = try row.text("description")
    entry.graph.phase = try row.text("phase")
    entry.graph.priority = try priority(row, id)
    entry.graph.joinMode = JoinMode(rawValue: try row.text("join_mode")) ?? .then
    entry.graph.siblingOrder = try row.int("sibling_order") ?? 0
    entry.graph.tags = try Self.tags(row, "tags", and: more[0])
    entry.graph.neededTags = try Self.tags(row, "needed_tags", and: more[1])
    entry.graph.wantedTags = try Self.tags(row, "wanted_tags", and: more[2])
    entry.graph.points = try amount(row, "points", id)
    entry.graph.estimate = try amount(row, "time_estimate_ms", id)
    entry.createdAt = try row.time("created_at")
    entry.graph.claimedAt = try row.time("claimed_at")
    entry.graph.startedAt = try row.time("started_at")
    entry.graph.completedAt = try row.time("completed_at")
    entry.graph.thought = try row.text("current_thought")
    entry.deletedAt = try row.time("deleted_at")
    let holder = try row.text(row.has("worker_id") ? "worker_id" : "owner_agent")
    if isAssigned { entry.graph.assignee = holder }
    try readCosts(row, &entry, id)
    if Self.status(word) == nil {
      notes.add("task \(id) is \(word.quoted) there, which is no status here: it is pending")
    }
    if Workflow.graph.category(status) == .active {
      notes.add("task \(id) is held there by \(holder.quoted): here it waits to be claimed")
      entry.forgetHolder(in: .graph)
    } else if Workflow.graph.category(status).isFinal, entry.graph.completedAt == nil {
      // There only a completed task has that time.
      entry.graph.completedAt = try row.time("updated_at")
    }
    if let time = entry.deletedAt { try noteDeletion(row, of: entry, at: time) }
    var task = ImportedTask(entry: entry)
    task.detail = try rest(row)
    task.costs = cost(of: entry, at: try row.time("updated_at"), by: holder)
    return task
  }

  /// What a task of the earlier generation says and has no column for.
  private func rest(_ row: TaskGraphRow) throws -> JSONObject? {
    var rest: [(String, JSON)] = []
    if let time = try row.time("updated_at") {
      rest.append(("updated_at", .string(time.description)))
    }
    return rest.isEmpty ? nil : JSONObject(rest)
  }

  private mutating func priority(_ row: TaskGraphRow, _ id: String) throws -> Priority {
    let word = try row.text("priority")
    if let named = Priority.names.first(where: { $0.name == word }) {
      return Priority(stored: named.value)
    }
    if let number = Int64(word) {
      let bounded = min(max(number, 0), 10)
      if bounded != number { notes.add("task \(id) has priority \(number), and here \(bounded)") }
      return Priority(stored: bounded)
    }
    if !word.isEmpty { notes.add("task \(id) has the priority \(word.quoted), and here medium") }
    return .medium
  }

  private mutating func amount(_ row: TaskGraphRow, _ column: String, _ id: String) throws -> Int64?
  {
    guard let value = try row.int(column) else { return nil }
    guard value >= 0 else {
      notes.add("task \(id) has \(value) as \(column), which was left out")
      return nil
    }
    return value
  }

  // MARK: Costs

  private static let metricPlaces: [Int: any WritableKeyPath<Usage, Int64> & Sendable] = [
    0: \.tokensIn, 1: \.tokensOut, 2: \.tokensCached,
  ]

  private mutating func readCosts(_ row: TaskGraphRow, _ entry: inout TaskEntry, _ id: String)
    throws
  {
    func count(_ column: String) throws -> Int64 {
      let value = try row.int(column) ?? 0
      guard value >= 0 else { throw HoldfastError(.invalidField, "\(column) is below 0") }
      return value
    }
    var usage = Usage()
    usage.tokensIn = try count("tokens_in")
    usage.tokensCached = try count("tokens_cached")
    usage.tokensOut = try count("tokens_out")
    usage.tokensThinking = try count("tokens_thinking")
    usage.tokensImage = try count("tokens_image")
    usage.tokensAudio = try count("tokens_audio")
    usage.costMicros = try row.micros("cost_usd")
    var metrics =
      try row.json("user_metrics")?.objectValue?.members.map { ($0.key, $0.value) } ?? []
    if row.has("user_metrics"), try row.json("user_metrics")?.objectValue == nil {
      metrics = [("user_metrics", try row.json("user_metrics") ?? .null)]
    }
    // The later generation has eight numbers; three of them are ours.
    let listed = try row.json("metrics")?.arrayValue?.map { $0.int64Value ?? 0 }
    for place in 0..<8 {
      let value =
        try listed.map { place < $0.count ? $0[place] : 0 } ?? row.int("metric_\(place)") ?? 0
      guard value != 0 else { continue }
      if let path = Self.metricPlaces[place], value > 0 {
        usage[keyPath: path] = value
      } else {
        metrics.append(("metric_\(place)", .number(JSONNumber(value))))
      }
    }
    entry.graph.usage = usage
    entry.graph.loggedTime = try amount(row, "time_actual_ms", id) ?? 0
    entry.graph.metrics = metrics.isEmpty ? "" : JSON.object(JSONObject(metrics)).renderedText()
  }

  /// What the task took so far, as one entry: when and by whom each part came is not known.
  private func cost(of entry: TaskEntry, at time: Timestamp?, by holder: String) -> [Cost] {
    guard entry.graph.usage != Usage() || entry.graph.loggedTime > 0 else { return [] }
    return [
      Cost(
        of: entry, agent: holder.isEmpty ? nil : AgentID(stored: holder),
        at: entry.graph.completedAt ?? time ?? entry.createdAt ?? Timestamp(nanoseconds: 0),
        duration: entry.graph.loggedTime, usage: entry.graph.usage)
    ]
  }

  private mutating func noteDeletion(
    _ row: TaskGraphRow, of entry: TaskEntry, at time: Timestamp
  ) throws {
    var line = AuditLine(kind: EventType.taskDeleted.rawValue, happenedAt: time)
    line.taskFile = entry.filename.text
    line.instanceTitle = try row.text("deleted_by")
    line.message = try row.text("deleted_reason")
    imported.audit.append(line)
  }
}
