internal import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// An event of the log as the audit trail shows it.
public struct AuditEvent: Output {
  public let sequence: Int64
  /// One of the contract's kinds where one fits, else the event's own type.
  public let kind: String
  /// The event's type in the log.
  public let type: String
  public let at: Timestamp
  public let project: ProjectName
  public let taskFile: String
  /// Who did it; empty for the user.
  public let instanceTitle: String
  public let message: String
  public let level: String
  public let detail: JSON?

  /// Reads columns `seq, type, actor, at, data, filename`.
  init(row: any Row, project: ProjectName) {
    sequence = row.int(0)
    type = row.text(1)
    let actor = row.text(2)
    instanceTitle = actor == Caller.user ? "" : actor
    at = Timestamp(nanoseconds: row.int(3))
    taskFile = row.optionalText(5) ?? ""
    self.project = project
    let data = row.withBytes(4) { try? JSONReader.read(Array($0)) }
    message = data?["message"]?.stringValue ?? ""
    level = data?["level"]?.stringValue ?? AuditLevel.info.rawValue
    detail = data?["detail"]
    kind = AuditEvent.kind(of: type, data)
  }

  private init(placeholder: Void) {
    sequence = 1
    type = EventType.taskCreated.rawValue
    kind = AuditKind.planCreated.rawValue
    at = Timestamp(nanoseconds: 0)
    project = ProjectName(stored: "project")
    taskFile = "task"
    instanceTitle = ""
    message = "task created"
    level = AuditLevel.info.rawValue
    detail = nil
  }

  public static var placeholder: AuditEvent { AuditEvent(placeholder: ()) }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "AuditEvent" }

  public func write(_ out: inout ObjectWriter) {
    out.field("id", sequence, "The event's number in the log.")
    out.field("kind", kind, "What happened.")
    out.field("timestamp", at.description, "When.")
    out.field("project", project.text, "In which project.")
    out.field("task_file", taskFile, "To which task, by its name of today.")
    out.field("instance_title", instanceTitle, "Who did it; empty for the user.")
    out.field("agent_type", detail?["agent_type"]?.stringValue ?? "", "What kind of agent.")
    out.field("wave_number", detail?["wave_number"]?.int64Value ?? 0, "In which wave.")
    out.field("task_number", detail?["task_number"]?.int64Value ?? 0, "On which subtask.")
    out.field("message", message, "The event in a sentence.")
    out.field("detail", detail?.renderedText() ?? "", "More, as JSON text.")
    out.field("level", level, "info, warn or error.")
  }

  // MARK: Kinds

  /// The types of events that the contract has a kind for.
  private static let kinds: [EventType: AuditKind] = [
    .taskCreated: .planCreated,
    .taskTransition: .planTransition,
    .taskStatusSet: .planTransition,
    .linearLinked: .taskLinearLinked,
    .linearUnlinked: .taskLinearUnlinked,
  ]

  private static func kind(of type: String, _ data: JSON?) -> String {
    guard let known = EventType(rawValue: type), let kind = kinds[known] else { return type }
    guard kind == .planTransition, isCancellation(data) else { return kind.rawValue }
    return AuditKind.planCancelled.rawValue
  }

  private static func isCancellation(_ data: JSON?) -> Bool {
    let patches = data?["rows"]?.arrayValue ?? []
    return patches.contains { patch in
      guard let parts = patch.arrayValue, parts.count == 3,
        parts[0].stringValue == TaskEntry.table.name
      else { return false }
      return parts[2]["status"]?.stringValue == TaskStatus.cancelled.text
    }
  }

  /// The types of events that may be shown as one of these kinds.
  static func types(ofKinds kinds: [String]) -> Set<String> {
    var types = Set(kinds.filter { EventType(rawValue: $0) != nil })
    let isTransition = kinds.contains(AuditKind.planCancelled.rawValue)
    for (type, kind) in Self.kinds
    where kinds.contains(kind.rawValue) || isTransition && kind == .planTransition {
      types.insert(type.rawValue)
    }
    return types
  }
}
