import HoldfastJSON

/// The tasks of one project as the contract wants them, written from the contract alone.
struct TaskModel {
  var tasks: [String: ModelTask] = [:]
  /// In the order of their deletion.
  var deleted: [(name: String, task: ModelTask)] = []
  /// When each topic came into being.
  var topics: [String: Int64] = [:]
  let verifiesAfterReview: Bool

  init(verifiesAfterReview: Bool) { self.verifiesAfterReview = verifiesAfterReview }

  /// What a request must be answered with.
  struct Answer {
    var status = 200
    /// How the error's sentence begins.
    var error = ""
    /// The other refusal, where the contract leaves open which reason is looked for first.
    var otherStatus: Int?
    /// The task whose entry is the answer.
    var entry: String?

    static let empty = Answer()
    static func refused(_ status: Int, _ error: String) -> Answer {
      Answer(status: status, error: error)
    }
  }

  /// Does a step, if the contract allows it, and says how it must be answered.
  mutating func apply(_ step: TaskStep, at now: Int64) -> Answer {
    switch step {
    case .create(let name, let fields): create(name, fields, now)
    case .restore(let name): restore(name)
    case .createTopic(let name): createTopic(name, now)
    case .change(let name, let change): self.change(name, change, now)
    }
  }

  private mutating func create(_ name: String, _ fields: ModelFields, _ now: Int64) -> Answer {
    let name = Self.normalised(name)
    guard !name.isEmpty else { return .refused(400, "filename must not be empty") }
    guard tasks[name] == nil else { return .refused(409, "plan already exists: p/\(name)") }
    var task = ModelTask()
    if let refusal = task.merge(fields) { return refusal }
    if task.times["created_at"] == nil { task.times["created_at"] = now }
    tasks[name] = task
    return Answer(status: 201, entry: name)
  }

  private mutating func restore(_ name: String) -> Answer {
    let name = Self.normalised(name)
    guard let index = deleted.lastIndex(where: { $0.name == name }) else {
      return .refused(404, "task not found: \(name)")
    }
    guard tasks[name] == nil else { return .refused(409, Self.taken(name)) }
    tasks[name] = deleted.remove(at: index).task
    return Answer(entry: name)
  }

  private mutating func createTopic(_ name: String, _ now: Int64) -> Answer {
    guard !name.isEmpty else { return .refused(400, "topic name must not be empty") }
    guard topics[name] == nil else { return .refused(409, "topic already exists: p/\(name)") }
    topics[name] = now
    return Answer(status: 201)
  }

  private mutating func change(_ name: String, _ change: TaskChange, _ now: Int64) -> Answer {
    let name = Self.normalised(name)
    guard var task = tasks[name] else {
      var answer = Self.missing(name, change)
      answer.otherStatus = refusal(of: change, now)
      return answer
    }
    switch change {
    case .delete:
      deleted.append((name, task))
      tasks[name] = nil
      return Answer(status: 204)
    case .rename(let text, let isVerbatim):
      return rename(name, to: text, isVerbatim)
    case .transition(let event):
      if let refusal = task.move(event, verifiesAfterReview, now) { return refusal }
      tasks[name] = task
      return Answer(entry: name)
    case .topic(let topic):
      if !topic.isEmpty && topics[topic] == nil { topics[topic] = now }
      task.texts["topic"] = topic
    default:
      if let refusal = task.apply(change, of: name, at: now) { return refusal }
    }
    tasks[name] = task
    return Answer(
      status: change.answersCreated ? 201 : 200, entry: change.answersEntry ? name : nil)
  }

  private mutating func rename(_ name: String, to text: String, _ isVerbatim: Bool) -> Answer {
    let wanted = Self.normalised(text)
    guard !wanted.isEmpty else { return .refused(400, "new_filename must not be empty") }
    let new = isVerbatim ? wanted : Self.slug(wanted)
    guard !new.isEmpty else { return .refused(409, "") }
    guard new != name else { return Answer(entry: name) }
    guard tasks[new] == nil else { return .refused(409, Self.taken(new)) }
    tasks[new] = tasks.removeValue(forKey: name)
    return Answer(entry: new)
  }

  /// The status with which a change is refused whatever its task is, if it is.
  private func refusal(of change: TaskChange, _ now: Int64) -> Int? {
    // Existence is checked before this body.
    if case .subtasks = change { return nil }
    var other = TaskModel(verifiesAfterReview: verifiesAfterReview)
    other.tasks["task"] = ModelTask()
    let status = other.change("task", change, now).status
    if case .rename = change { return status >= 400 ? status : nil }
    return status == 400 ? status : nil
  }

  /// 404t, 404p, or what the subtask and review routes say.
  private static func missing(_ name: String, _ change: TaskChange) -> Answer {
    switch change {
    case .subtasks: .refused(404, "plan not found")
    case .phaseTime, .review: .refused(404, "plan not found: p/\(name)")
    case .subtaskStatus(let number, _): .refused(404, "subtask not found: p/\(name)#\(number)")
    case .reacted(let id), .dispatched(let id):
      .refused(404, "pr review not found: p/\(name)#\(id)")
    case .goal: .refused(404, "plan not found: p/\(name)")
    default: .refused(404, "task not found: \(name)")
    }
  }

  private static func taken(_ name: String) -> String { "a plan named \"\(name)\" already exists" }

  /// White space and one `.md` are no part of a name.
  static func normalised(_ text: String) -> String {
    var name = text.drop { $0 == " " }
    while name.last == " " { name.removeLast() }
    return String(name.hasSuffix(".md") ? name.dropLast(3) : name)
  }

  private static func slug(_ text: String) -> String {
    text.lowercased().split { !("a"..."z").contains($0) && !("0"..."9").contains($0) }
      .joined(separator: "-")
  }
}

/// Values for keys of a task's entry.
struct ModelFields {
  var texts: [String: String] = [:]
  /// 0 is the unset time.
  var times: [String: Int64] = [:]
  var reviewCycle: Int64?
  var execution: ModelExecution?
  /// Its text is the `content`.
  var plan: ModelPlan?
}

/// What goes on with a task.
struct ModelExecution: Equatable {
  var phase = ""
  var agent = ""
  var wave: Int64 = 0
}

/// A document, and what the ingest of contract section 7 finds in it.
struct ModelPlan {
  var text = ""
  var goal: String?
  var waves: [[(number: Int64, title: String)]] = []

  var tasks: [(number: Int64, title: String)] { waves.flatMap { $0 } }
  var hasDuplicates: Bool { Set(tasks.map(\.number)).count < tasks.count }

  /// Makes the document.
  init(goal: String?, waves: [[(number: Int64, title: String)]], body: String) {
    self.goal = goal
    self.waves = waves
    if let goal { text += "**Goal:** \(goal)\n" }
    for (index, wave) in waves.enumerated() {
      text += "## Wave \(index + 1)\n"
      for task in wave { text += "### Task \(task.number): \(task.title)\n" }
    }
    text += body
  }

  init() {}
}
