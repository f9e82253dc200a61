internal import HoldfastDatabase
public import HoldfastModel

/// A line of the audit trail as it is shown.
public struct AuditEvent: Output {
  public let line: AuditLine
  public let project: ProjectName
  /// The event's type in the log; for an imported line its kind.
  let type: String

  /// Reads ``AuditLine/eventColumns`` and the task's filename.
  init(event row: any Row, project: ProjectName) {
    var line = AuditLine(event: row)
    line.taskFile = row.optionalText(5) ?? ""
    self.line = line
    self.project = project
    type = row.text(1)
  }

  /// Reads a row of ``AuditLine`` and the task's filename.
  init(line row: any Row, project: ProjectName) {
    var line = AuditLine(row: row)
    line.taskFile = row.optionalText(AuditLine.table.columns.count + 1) ?? line.taskFile
    self.line = line
    self.project = project
    type = line.kind
  }

  private init(placeholder: Void) {
    line = AuditLine(
      kind: AuditKind.planCreated.rawValue, happenedAt: Timestamp(nanoseconds: 0))
    project = ProjectName(stored: "project")
    type = EventType.taskCreated.rawValue
  }

  public static var placeholder: AuditEvent { AuditEvent(placeholder: ()) }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "AuditEvent" }

  /// Its place in the trail.
  var place: TimeCursor { TimeCursor(time: line.happenedAt.nanoseconds, id: line.id) }

  public func write(_ out: inout ObjectWriter) {
    out.field("id", line.id, "The event's number in the log.")
    out.field("kind", line.kind, "What happened.")
    out.field("timestamp", line.happenedAt.description, "When.")
    out.field("project", project.text, "In which project.")
    out.field("task_file", line.taskFile, "To which task, by its name of today.")
    out.field("instance_title", line.instanceTitle, "Who did it; empty for the user.")
    out.field("agent_type", line.agentType, "What kind of agent.")
    out.field("wave_number", line.waveNumber, "In which wave.")
    out.field("task_number", line.taskNumber, "On which subtask.")
    out.field("message", line.message, "The event in a sentence.")
    out.field("detail", line.detail, "More, as JSON text.")
    out.field("level", line.level, "info, warn or error.")
  }
}
