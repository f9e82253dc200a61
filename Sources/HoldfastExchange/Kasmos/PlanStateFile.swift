internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// Reads a kasmos `plan-state.json`: `{"plans":{file:{…}},"topics":{name:{…}}}`, of one repository.
enum PlanStateFile {
  /// A state file is a few kilobytes; this bounds a wrong one.
  private static let bytesMax: Int64 = 64 * 1024 * 1024

  private static let texts = ["description", "branch", "topic", "implemented", "goal"]

  static func plan(path: String, project: ProjectName?) throws -> ImportPlan {
    guard let project else {
      throw HoldfastError(
        .usage, "a plan-state.json does not name its project: name one for the import")
    }
    let json: JSON
    do {
      json = try JSONReader.read(try FileReading.all(path, max: bytesMax))
    } catch let error as JSONError {
      throw HoldfastError(.invalidRequest, "the file \(path) is not JSON: \(error)")
    }
    guard json["plans"]?.objectValue != nil || json["topics"]?.objectValue != nil else {
      throw HoldfastError(
        .invalidRequest, "the file \(path) is no plan state: it has neither plans nor topics")
    }
    var plan = ImportPlan()
    var imported = ImportedProject(name: project)
    for member in members(json["topics"]) {
      guard let name = try? TopicName(member.key) else {
        plan.notes.add("topic \(member.key.quoted) was left out: its name cannot be kept")
        continue
      }
      let time = time(member.value["created_at"], "topic \(name)", &plan.notes)
      _ = imported.add(ImportedTopic(name: name, createdAt: time))
    }
    // A name that is written without `.md` comes before one that only becomes it.
    let plans = members(json["plans"])
    for isExactPass in [true, false] {
      for member in plans {
        let filename = try? TaskFilename(member.key)
        let isExact = filename.map { UTF8Order.areSame($0.text, member.key) } ?? true
        guard isExact == isExactPass else { continue }
        guard let filename else {
          plan.notes.leaveOut("plan \(member.key.quoted)", "its name cannot be kept")
          continue
        }
        guard let task = task(filename, member.value, &plan.notes) else { continue }
        if !imported.add(task) {
          plan.notes.add("plan \(member.key.quoted) was left alone: there is a task \(filename)")
        }
      }
    }
    plan.projects = [imported]
    return plan
  }

  /// The members of an object, the last one of equal keys.
  private static func members(_ json: JSON?) -> [JSONObject.Member] {
    let members = json?.objectValue?.members ?? []
    var last: [[UInt8]: Int] = [:]
    for (index, member) in members.enumerated() { last[Array(member.key.utf8)] = index }
    return members.enumerated().filter { last[Array($0.element.key.utf8)] == $0.offset }
      .map(\.element)
  }

  private static func task(_ filename: TaskFilename, _ json: JSON, _ notes: inout ImportNotes)
    -> ImportedTask?
  {
    guard case .object(let object) = json else {
      notes.leaveOut("plan \(filename)", "it is \(json.kind) and no object")
      return nil
    }
    let what = "plan \(filename)"
    let word = text(object["status"], "\(what): status", &notes).trimmed
    guard let status = KasmosStatus.status(word) else {
      notes.leaveOut(what, "its status \(word.quoted) cannot be kept")
      return nil
    }
    var entry = TaskEntry(project: 0, filename: filename, status: status)
    entry.description = text(object["description"], "\(what): description", &notes)
    entry.branch = text(object["branch"], "\(what): branch", &notes)
    entry.topic = text(object["topic"], "\(what): topic", &notes)
    entry.implemented = text(object["implemented"], "\(what): implemented", &notes)
    entry.goal = text(object["goal"], "\(what): goal", &notes)
    entry.createdAt = time(object["created_at"], what, &notes)
    let known = texts + ["status", "created_at"]
    for member in object.members where !known.contains(member.key) {
      notes.add("\(what): \(member.key.legible) is not known and was left out")
    }
    return ImportedTask(entry: entry)
  }

  private static func text(_ json: JSON?, _ what: String, _ notes: inout ImportNotes) -> String {
    switch json {
    case nil, .null?: return ""
    case .string(let text)?:
      if !text.utf8.contains(0) { return text }
      notes.add("\(what) held U+0000, which became U+FFFD")
      return text.replacing("\u{0}", with: "\u{FFFD}")
    case let other?:
      notes.add("\(what) was \(other.kind); its JSON was kept")
      return other.renderedText()
    }
  }

  private static func time(_ json: JSON?, _ what: String, _ notes: inout ImportNotes) -> Timestamp?
  {
    let read: ForeignTime.Read?
    switch json {
    case nil, .null?: return nil
    case .string(let text)?: read = ForeignTime.read(text)
    case .number(let number)?:
      read =
        number.int64.flatMap { ForeignTime.read($0) }
        ?? number.double.flatMap { ForeignTime.read($0) }
    default: read = nil
    }
    if read == nil { notes.add("\(what): created_at was no time that can be kept") }
    return read?.time
  }
}
