internal import HoldfastJSON

/// How much of an operation's answer an agent gets to see.
struct ToolAnswer: Sendable {
  /// Makes the tool's answer of the operation's, and of the fields that it was called with.
  let shape: @Sendable (JSON, JSONObject) throws -> JSONObject
  /// The member that is all of the answer, as a text; nil for an answer in JSON.
  var textMember: String?

  init(_ shape: @escaping @Sendable (JSON) -> JSONObject) {
    self.shape = { answer, _ in shape(answer) }
  }

  init(of shape: @escaping @Sendable (JSON, JSONObject) throws -> JSONObject) { self.shape = shape }

  /// All of it.
  static let whole = ToolAnswer { object(of: $0) }

  /// A task without what only programs want to know.
  static let task = ToolAnswer { TaskShape.single(object(of: $0)) }

  /// A task that its caller has just written: it knows the text.
  static let written = ToolAnswer { TaskShape.single(object(of: $0), without: ["content"]) }

  /// A list of tasks, each in a line.
  static let tasks = ToolAnswer { answer in
    var object = object(of: answer)
    object.set("tasks", TaskShape.lines(object["tasks"]))
    object.members.removeAll { $0.key == "has_more" }
    return object
  }

  /// A claim: the task, and who holds it until when.
  static let claim = ToolAnswer { answer in
    var object = object(of: answer)
    if let task = object["task"]?.objectValue {
      object.set("task", .object(TaskShape.single(task, without: TaskShape.told)))
    }
    return object
  }

  /// Where an agent stands.
  static let orientation = ToolAnswer { answer in
    var object = object(of: answer)
    object.set("held", TaskShape.lines(object["held"], with: ["fence"]))
    object.set("ready", TaskShape.lines(object["ready"]))
    object.members.removeAll { $0.key == "connected" }
    return object
  }

  /// A task that was ended or given back: what followed from it.
  static let ended = ToolAnswer { answer in
    JSONObject(
      ["id", "title", "status", "reason", "unblocked", "failed", "warnings"].compactMap { key in
        object(of: answer)[key].map { (key, $0) }
      })
  }

  static func object(of answer: JSON) -> JSONObject {
    answer.objectValue ?? JSONObject([("answer", answer)])
  }
}

/// Tasks as agents read them.
enum TaskShape {
  /// What a line of a list says, in this order.
  private static let line = [
    "id", "title", "filename", "status", "priority", "owner_agent", "parent", "tags", "due_at",
    "defer_until", "rank", "snippet",
  ]
  /// What no agent needs to start working.
  private static let noise = [
    "revision", "priority_value", "category", "time_actual_ms", "content_bytes", "sibling_order",
  ]
  /// What the answer to a claim says beside the task.
  static let told = ["owner_agent", "fence", "claimed_at", "started_at"]

  private static let titleMax = 80

  /// One task.
  static func single(_ task: JSONObject, without left: [String] = []) -> JSONObject {
    JSONObject(
      task.members.filter { member in
        !noise.contains(member.key) && !left.contains(member.key) && !isEmpty(member.value)
          && !(member.key == "filename" && member.value == task["id"])
          && !(member.key == "workflow" && member.value == "graph")
      }.map { ($0.key, $0.value) })
  }

  /// Tasks of a list.
  static func lines(_ tasks: JSON?, with more: [String] = []) -> JSON {
    .array(
      (tasks?.arrayValue ?? []).map { task in task.objectValue.map { line($0, more) } ?? task })
  }

  private static func line(_ task: JSONObject, _ more: [String]) -> JSON {
    var short = JSONObject()
    for key in line + more {
      guard let value = task[key], !isEmpty(value) else { continue }
      if key == "filename", value == task["id"] { continue }
      if key == "title", let title = value.stringValue {
        short.set(key, .string(Shortening.cut(title, to: titleMax)))
      } else {
        short.set(key, value)
      }
    }
    return .object(short)
  }

  private static func isEmpty(_ value: JSON) -> Bool {
    switch value {
    case .null: true
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let object): object.members.isEmpty
    default: false
    }
  }
}
