internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// Reads an `issues.jsonl` of Beads: one issue a line, with its edges.
///
/// An issue becomes a task of the task graph under its own id; its description, design and notes become the
/// text, its type the phase, its labels the tags. Children run beside each other (`also`).
enum BeadsFile {
  private static let bytesMax: Int64 = 512 * 1024 * 1024

  /// Whether a file that begins so is one.
  static func isOne(_ start: [UInt8]) -> Bool {
    let line = start.prefix { $0 != UInt8(ascii: "\n") }
    let text = String(decoding: line, as: UTF8.self)
    return text.contains("\"title\"") && text.contains("\"issue_type\"")
      || text.contains("\"depends_on_id\"")
  }

  static func plan(path: String, project: ProjectName?) throws -> ImportPlan {
    guard let project else {
      throw HoldfastError(
        .usage, "an issues.jsonl does not name its project: name one for the import")
    }
    var plan = ImportPlan()
    var reading = Reading(project: project)
    let bytes = try FileReading.all(path, max: bytesMax)
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      guard line.contains(where: { !Array(" \t\r".utf8).contains($0) }) else { continue }
      do {
        guard case .object(let issue) = try JSONReader.read(Array(line)) else {
          throw HoldfastError(.invalidField, "it is no object")
        }
        try reading.read(issue, &plan.notes)
      } catch {
        let words = (error as? HoldfastError)?.message ?? "\(error)"
        throw HoldfastError(
          .invalidRequest, "line \(number) of \(path) is damaged: \(words). Nothing was imported")
      }
    }
    plan.projects = [reading.finish(&plan.notes)]
    return plan
  }

  /// What has been read so far.
  private struct Reading {
    var imported: ImportedProject
    private var order: Int64 = 0
    /// Parents beside the first one, which a task cannot have.
    private var otherParents: [(task: TaskID, parent: TaskFilename)] = []

    init(project: ProjectName) { imported = ImportedProject(name: project) }

    mutating func read(_ issue: JSONObject, _ notes: inout ImportNotes) throws {
      let id = try TaskID(issue["id"]?.stringValue ?? "")
      let status = issue["status"]?.stringValue ?? "open"
      if status == "tombstone" {
        notes.add("issue \(id) was left out: it is deleted")
        return
      }
      var entry = TaskEntry(
        project: 0, filename: TaskFilename(stored: id.text), status: .pending)
      entry.graph.givenID = id
      entry.graph.workflow = Workflow.graph.name
      entry.graph.title = try text(issue["title"])
      entry.graph.phase = issue["issue_type"]?.stringValue ?? ""
      entry.graph.assignee = issue["assignee"]?.stringValue ?? ""
      entry.graph.priority = priority(issue["priority"]?.int64Value)
      entry.graph.joinMode = .also
      entry.graph.siblingOrder = order
      order += 1
      let labels = issue["labels"]?.arrayValue?.compactMap(\.stringValue) ?? []
      entry.graph.tags = try TagList(labels, field: FieldPosition("labels"))
      entry.createdAt = try time(issue["created_at"])
      if status == "closed" {
        entry.status = .completed
        entry.graph.completedAt = try time(issue["closed_at"])
        entry.graph.reason = issue["close_reason"]?.stringValue ?? ""
      } else if status != "open" {
        notes.add("issue \(id) is \(status) there and pending here")
      }
      entry.graph.dueAt = try time(issue["due_at"])
      entry.graph.deferUntil = try time(issue["defer_until"])
      if let minutes = issue["estimated_minutes"]?.int64Value, (0..<1_000_000).contains(minutes) {
        entry.graph.estimate = minutes * 60_000
      }
      var task = ImportedTask(entry: entry)
      task.text = TaskText(Array(body(issue).utf8))
      for edge in issue["dependencies"]?.arrayValue ?? [] { read(edge, of: id, &task, &notes) }
      guard imported.add(task) else {
        throw HoldfastError(.invalidField, "an issue \(id) came before")
      }
    }

    private func text(_ json: JSON?) throws -> String {
      let text = json?.stringValue ?? ""
      guard !text.utf8.contains(0) else {
        throw HoldfastError(.invalidField, "its title must not contain the character U+0000")
      }
      return text
    }

    private func time(_ json: JSON?) throws -> Timestamp? {
      guard let text = json?.stringValue, !text.isEmpty else { return nil }
      return try Timestamp.parse(text)
    }

    /// 0 is the most urgent there.
    private func priority(_ value: Int64?) -> Priority {
      switch value {
      case 0: Priority(stored: 10)
      case 1: Priority(stored: 8)
      case 3: Priority(stored: 2)
      case 4: Priority(stored: 0)
      default: .medium
      }
    }

    /// The texts of an issue, one below the other.
    private func body(_ issue: JSONObject) -> String {
      var parts: [String] = []
      if let text = issue["description"]?.stringValue, !text.isEmpty { parts.append(text) }
      for (key, heading) in [
        ("design", "Design"), ("acceptance_criteria", "Acceptance criteria"), ("notes", "Notes"),
      ] {
        guard let text = issue[key]?.stringValue, !text.isEmpty else { continue }
        parts.append("## \(heading)\n\n\(text)")
      }
      return parts.joined(separator: "\n\n")
    }

    private mutating func read(
      _ edge: JSON, of id: TaskID, _ task: inout ImportedTask, _ notes: inout ImportNotes
    ) {
      guard let other = edge["depends_on_id"]?.stringValue, let type = edge["type"]?.stringValue
      else {
        notes.add("an edge of \(id) was left out: it has no depends_on_id or no type")
        return
      }
      let name = TaskFilename(stored: other)
      switch type {
      case "parent-child":
        if let parent = task.parent, parent.filename != name {
          otherParents.append((id, name))
        } else {
          task.parent = TaskReference(name)
        }
      case "blocks": task.add(name, .blocks)
      case "duplicates": task.add(name, .duplicate)
      case "related", "relates-to": task.add(name, .relatesTo)
      default: task.add(name, .seeAlso)
      }
    }

    /// Takes out the edges that lead nowhere, and says what is odd.
    mutating func finish(_ notes: inout ImportNotes) -> ImportedProject {
      for index in imported.tasks.indices {
        let name = imported.tasks[index].entry.filename
        if let parent = imported.tasks[index].parent?.filename,
          imported.taskByName[parent] == nil
        {
          notes.add("the parent \(parent) of \(name) is not there: the edge was left out")
          imported.tasks[index].parent = nil
        }
        imported.tasks[index].edges.removeAll { edge in
          let blocker = edge.blocker.filename
          guard imported.taskByName[blocker] == nil else { return false }
          notes.add(
            edge.type.isBlocking
              ? "\(name) waits for \(blocker), which is not there: the edge was left out"
              : "\(name) names \(blocker), which nobody knows: the edge was left out")
          return true
        }
      }
      for (task, parent) in otherParents {
        notes.add(
          imported.taskByName[parent] == nil
            ? "the parent \(parent) of \(task) is not there: the edge was left out"
            : "\(task) has a second parent \(parent), which was left out")
      }
      for task in imported.tasks {
        let name = task.entry.filename
        guard let parent = task.parent?.filename, let place = imported.taskByName[parent],
          imported.tasks[place].entry.status == .completed, task.entry.status != .completed
        else { continue }
        notes.add("\(parent) is closed, and its child \(name) is open: both were kept so")
      }
      return imported
    }
  }
}

extension ImportedTask {
  /// Adds an edge, once.
  mutating func add(
    _ blocker: TaskReference, _ type: DependencyType, _ policy: FailurePolicy = .block
  ) {
    guard !edges.contains(where: { $0.blocker == blocker && $0.type == type }) else { return }
    edges.append(ImportedEdge(blocker: blocker, type: type, onFailure: policy))
  }

  fileprivate mutating func add(_ blocker: TaskFilename, _ type: DependencyType) {
    add(TaskReference(blocker), type)
  }
}
