internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// Reads a file that ``Export`` wrote.
struct ExportedFile {
  private let project: ProjectName?
  private var plan = ImportPlan()
  private var lines = 0
  private var hasEnded = false

  /// - Throws: ``HoldfastError`` naming the line that is damaged; a file that was cut is refused.
  static func plan(path: String, project: ProjectName?) throws -> ImportPlan {
    var reading = ExportedFile(project: project)
    // Each line is a signal of its own, also when two say the same.
    reading.plan.mergesEqualSignals = false
    let bytes = try FileReading.all(path)
    try bytes.withUnsafeBytes { buffer in
      var start = 0
      while start < buffer.count {
        let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) ?? buffer.count
        if end > start { try reading.read(UnsafeRawBufferPointer(rebasing: buffer[start..<end])) }
        start = end + 1
      }
    }
    guard reading.hasEnded else {
      throw HoldfastError(
        .invalidRequest,
        "the export \(path) was cut: its last line is missing. Nothing was imported")
    }
    return reading.plan
  }

  private init(project: ProjectName?) { self.project = project }

  private mutating func read(_ bytes: UnsafeRawBufferPointer) throws {
    let number = lines + 1
    do {
      guard case .object(let object) = try JSONReader.read(bytes) else {
        throw HoldfastError(.invalidField, "it is no object")
      }
      guard !hasEnded else { throw HoldfastError(.invalidField, "it stands behind the end") }
      try read(object)
    } catch {
      let words = (error as? HoldfastError)?.message ?? "\(error)"
      throw HoldfastError(
        .invalidRequest, "line \(number) of the export is damaged: \(words). Nothing was imported")
    }
    lines += 1
  }

  private mutating func read(_ object: JSONObject) throws {
    let type = object["type"]?.stringValue ?? ""
    switch type {
    case "holdfast_export":
      guard let version = object["version"]?.int64Value, version <= ExportHeader.version else {
        throw HoldfastError(
          .invalidField, "it is of a newer Holdfast. Update this one, then import again")
      }
      return
    case "end":
      guard object["lines"]?.int64Value == Int64(lines) else {
        throw HoldfastError(.invalidField, "it counts other lines than there are")
      }
      hasEnded = true
      return
    case "agent":
      plan.agents.append(try agent(object))
      return
    default: break
    }
    let key = type == "project" ? "name" : "project"
    guard let text = object[key]?.stringValue else {
      throw HoldfastError(.invalidField, "\(key) is required")
    }
    let name = try ProjectName(text)
    guard project == nil || project == name else {
      plan.others.insert(name)
      return
    }
    switch type {
    case "project":
      var row = try ExportedRow.read(Project.self, object)
      row.deletedAt = nil
      let aliases = try (object["aliases"]?.arrayValue ?? []).map {
        try ProjectName($0.stringValue ?? "")
      }
      plan.withProject(name) {
        $0.row = row
        $0.aliases = aliases
      }
    case "workflow":
      let workflow = try Self.workflow(object)
      guard plan.withProject(name, { $0.add(workflow) }) else { throw duplicate("workflow") }
    case "topic":
      let topic = try ExportedRow.read(Topic.self, object)
      let made = ImportedTopic(name: try TopicName(topic.name.text), createdAt: topic.createdAt)
      guard plan.withProject(name, { $0.add(made) }) else { throw duplicate("topic") }
    case "task":
      let task = try task(object, of: name)
      guard plan.withProject(name, { $0.add(task) }) else { throw duplicate("task") }
    case "attachment":
      let attachment = try Self.attachment(object)
      let task = try reference(object, "task") ?? TaskReference(TaskFilename(stored: ""))
      let isNew = try plan.withProject(name) { project in
        try project.add(attachment, to: task)
      }
      guard isNew else { throw duplicate("attachment") }
    case "signal":
      let signal = try signal(object)
      plan.withProject(name) { $0.signals.append(signal) }
    case "lock":
      let lock = try lock(object)
      plan.withProject(name) { $0.locks.append(lock) }
    case "audit_event":
      let line = try ExportedRow.read(AuditLine.self, object)
      guard !line.kind.isEmpty else { throw HoldfastError(.invalidField, "kind is required") }
      plan.withProject(name) { $0.audit.append(line) }
    default: plan.notes.add("a line of the unknown type \(type.quoted) was left out")
    }
  }

  private func duplicate(_ what: String) -> HoldfastError {
    HoldfastError(.invalidField, "a \(what) of that name came before")
  }

  private static func workflow(_ object: JSONObject) throws -> Workflow {
    let name = try WorkflowName(object["name"]?.stringValue ?? "")
    guard Workflow.builtIn(name.text) == nil else {
      throw HoldfastError(.invalidField, "the workflow \(name.text.quoted) comes built in")
    }
    var fields = Fields(object["definition"]?.objectValue ?? JSONObject())
    let definition = try WorkflowDefinition(reading: &fields)
    try definition.check()
    return definition.workflow(named: name)
  }

  private static func attachment(_ object: JSONObject) throws -> ImportedAttachment {
    var row = try ExportedRow.read(Attachment.self, object)
    try Attachment.check(name: row.name)
    _ = try MediaType(row.mediaType.text)
    if !row.filePath.isEmpty {
      let file = try LockPath(row.filePath)
      row.filePath = file.text
      // Only those are ours to delete.
      row.isMedia = row.isMedia && ProjectFolder.holdsMedia(file)
    }
    guard (0...Attachment.orderIndexMax).contains(row.orderIndex) else {
      throw HoldfastError(
        .invalidField, "order_index must be from 0 to \(Attachment.orderIndexMax)")
    }
    guard (0...Int64(Attachment.bytesMax)).contains(row.bytes) else {
      throw HoldfastError(.invalidField, "bytes must be from 0 to \(Attachment.bytesMax)")
    }
    guard !row.hash.isEmpty else { return ImportedAttachment(row: row) }
    let blob = Blob(try content(object))
    guard blob.hash == row.hash, Int64(blob.content.count) == row.bytes else {
      throw HoldfastError(.invalidField, "its content is not what its hash says")
    }
    guard blob.content.count <= Attachment.bytesMax else {
      throw HoldfastError(.tooLarge, "its content is larger than \(Attachment.bytesMax) bytes")
    }
    return ImportedAttachment(row: row, blob: blob)
  }

  private static func content(_ object: JSONObject) throws -> [UInt8] {
    guard let text = object["content_base64"]?.stringValue else {
      return Array((object["content"]?.stringValue ?? "").utf8)
    }
    guard let content = Base64.decode(text) else {
      throw HoldfastError(.invalidField, "content_base64 is not Base64")
    }
    return content
  }

  private mutating func task(_ object: JSONObject, of project: ProjectName) throws -> ImportedTask {
    var task = ImportedTask(entry: try ExportedRow.read(TaskEntry.self, object))
    let name = task.entry.filename.text
    // A name made verbatim may end in `.md`: it is checked and stays as it is.
    _ = try TaskFilename(name)
    let workflow = try plan.withProject(project) {
      try $0.workflow(named: task.entry.graph.workflow)
    }
    task.entry.status = try workflow.status(task.entry.status.text)
    task.entry.forgetHolder(in: workflow)
    try task.entry.graph.checkNumbers()
    try readLinks(object, into: &task)
    task.text = TaskText(try Self.content(object))
    guard task.text.bytes.count <= ImportedTask.contentMax else {
      throw HoldfastError(.tooLarge, "its content is larger than \(ImportedTask.contentMax) bytes")
    }
    for element in object["subtasks"]?.arrayValue ?? [] {
      let row = try ExportedRow.read(SubtaskRow.self, element.objectValue ?? JSONObject())
      guard !task.subtasks.contains(where: { $0.number == row.subtask.number }) else {
        throw duplicate("subtask")
      }
      task.subtasks.append(row.subtask)
    }
    for element in object["reviews"]?.arrayValue ?? [] {
      let row = try ExportedRow.read(PRReview.self, element.objectValue ?? JSONObject())
      guard !task.reviews.contains(where: { $0.reviewID == row.reviewID }) else {
        throw duplicate("review")
      }
      task.reviews.append(row)
    }
    task.costs = try rows(Cost.self, object, "costs")
    task.comments = try rows(Comment.self, object, "comments")
    task.output = try rows(OutputPart.self, object, "output")
    return task
  }

  private func readLinks(_ object: JSONObject, into task: inout ImportedTask) throws {
    task.parent = try reference(object, "parent")
    for element in object["dependencies"]?.arrayValue ?? [] {
      let words = [element["type"], element["on_failure"]].map { $0?.stringValue ?? "" }
      guard let blocker = try reference(element.objectValue ?? JSONObject(), "blocker"),
        let type = DependencyType(rawValue: words[0]),
        let policy = FailurePolicy(rawValue: words[1])
      else {
        throw HoldfastError(
          .invalidField, "a dependency of it needs blocker, type and on_failure")
      }
      task.edges.append(
        ImportedEdge(blocker: blocker, type: type, onFailure: policy))
    }
  }

  /// A task that another one names, which may be deleted.
  private func reference(_ object: JSONObject, _ key: String) throws -> TaskReference? {
    guard let name = object[key]?.stringValue else { return nil }
    let deletedAt = try object["\(key)_deleted_at"]?.stringValue.flatMap { try Timestamp.parse($0) }
    return TaskReference(TaskFilename(stored: name), deletedAt: deletedAt)
  }

  private func rows<R: Record>(_ type: R.Type, _ object: JSONObject, _ key: String) throws -> [R] {
    try (object[key]?.arrayValue ?? []).map {
      try ExportedRow.read(type, $0.objectValue ?? JSONObject())
    }
  }

  private func agent(_ object: JSONObject) throws -> ImportedAgent {
    let agent = try ExportedRow.read(Agent.self, object)
    _ = try AgentID(agent.name.text)
    let seenAt = try object["last_heartbeat"]?.stringValue.flatMap { try Timestamp.parse($0) }
    return ImportedAgent(agent: agent, seenAt: seenAt)
  }

  private func lock(_ object: JSONObject) throws -> ImportedLock {
    guard let path = object["path"]?.stringValue, let agent = object["agent"]?.stringValue,
      let time = try object["locked_at"]?.stringValue.flatMap({ try Timestamp.parse($0) })
    else { throw HoldfastError(.invalidField, "a lock needs path, agent and locked_at") }
    return ImportedLock(
      agent: try AgentID(agent), path: try LockPath(path),
      reason: object["reason"]?.stringValue ?? "", lockedAt: time,
      task: object["task"]?.stringValue.map(TaskFilename.init(stored:)))
  }

  private mutating func signal(_ object: JSONObject) throws -> Signal {
    var signal = try ExportedRow.read(Signal.self, object)
    guard !signal.type.isEmpty else {
      throw HoldfastError(.invalidField, "signal type is required")
    }
    guard signal.type.utf8.count <= ImportedSignal.typeMax else {
      throw HoldfastError(
        .invalidField, "signal_type must have at most \(ImportedSignal.typeMax) bytes")
    }
    if !signal.planFile.isEmpty { _ = try TaskFilename(signal.planFile) }
    ImportedSignal.settle(
      &signal, status: object["status"]?.stringValue ?? "", "signal \(signal.type.legible)",
      &plan.notes)
    return signal
  }
}
