public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// A line of the audit trail.
///
/// As a row it is a line that an import brought, in its own time: times of the log never fall. What
/// happened in this store has no such row; its line is read from its event.
public struct AuditLine: Record {
  /// The number of its event.
  public var id: Int64 = 0
  public var project: Int64 = 0
  public var task: Int64?
  /// One of the contract's kinds where one fits.
  public var kind: String
  public var happenedAt: Timestamp
  public var taskFile = ""
  /// Who did it; empty for the user.
  public var instanceTitle = ""
  public var agentType = ""
  public var waveNumber: Int64 = 0
  public var taskNumber: Int64 = 0
  public var message = ""
  /// More, as JSON text.
  public var detail = ""
  public var level = AuditLevel.info.rawValue

  public init(kind: String, happenedAt: Timestamp) {
    self.kind = kind
    self.happenedAt = happenedAt
  }

  public static let table = Table(
    "audit_lines",
    [
      ("project", .null), ("task", .null), ("kind", .null), ("happened_at", .null),
      ("task_file", .text("")), ("instance_title", .text("")), ("agent_type", .text("")),
      ("wave_number", .int(0)), ("task_number", .int(0)), ("message", .text("")),
      ("detail", .text("")), ("level", .text(AuditLevel.info.rawValue)),
    ])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    project = columns.int()
    task = columns.optionalInt()
    kind = columns.text()
    happenedAt = Timestamp(nanoseconds: columns.int())
    taskFile = columns.text()
    instanceTitle = columns.text()
    agentType = columns.text()
    waveNumber = columns.int()
    taskNumber = columns.int()
    message = columns.text()
    detail = columns.text()
    level = columns.text()
  }

  public var values: [SQLValue] {
    [
      .int(project), .optional(task), .text(kind), .int(happenedAt.nanoseconds), .text(taskFile),
      .text(instanceTitle), .text(agentType), .int(waveNumber), .int(taskNumber), .text(message),
      .text(detail), .text(level),
    ]
  }
}

extension AuditLine {
  /// The columns that ``init(event:)`` reads.
  package static let eventColumns = "events.seq, events.type, events.actor, events.at, events.data"

  /// How the trail names who did it.
  static func instance(ofActor actor: String) -> String { actor == Caller.user ? "" : actor }

  /// The line of an event, which names no task.
  ///
  /// - Parameter row: Its first columns are ``eventColumns``.
  package init(event row: any Row) {
    let data = row.withBytes(4) { try? JSONReader.read($0) }
    let detail = data?["detail"]
    id = row.int(0)
    kind = AuditKind.text(ofType: row.text(1), data)
    happenedAt = Timestamp(nanoseconds: row.int(3))
    instanceTitle = Self.instance(ofActor: row.text(2))
    agentType = detail?["agent_type"]?.stringValue ?? ""
    waveNumber = detail?["wave_number"]?.int64Value ?? 0
    taskNumber = detail?["task_number"]?.int64Value ?? 0
    message = data?["message"]?.stringValue ?? ""
    self.detail = detail?.renderedText() ?? ""
    level = data?["level"]?.stringValue ?? AuditLevel.info.rawValue
  }
}

extension AuditKind {
  /// The types of events that the contract has a kind for.
  private static let ofTypes: [EventType: AuditKind] = [
    .taskCreated: .planCreated,
    .taskTransition: .planTransition,
    .taskStatusSet: .planTransition,
    .linearLinked: .taskLinearLinked,
    .linearUnlinked: .taskLinearUnlinked,
  ]

  /// The kind of an event of that type, or the type itself where the contract has no kind for it.
  fileprivate static func text(ofType type: String, _ data: JSON?) -> String {
    guard let known = EventType(rawValue: type), let kind = ofTypes[known] else { return type }
    return (kind == .planTransition && isCancellation(data) ? .planCancelled : kind).rawValue
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

  /// The types of events that may be shown as one of these kinds; empty for kinds that only an import
  /// brings.
  static func types(ofKinds kinds: [String]) -> [String] {
    let isTransition = kinds.contains(planCancelled.rawValue)
    let ofKinds = ofTypes.filter { _, kind in
      kinds.contains(kind.rawValue) || isTransition && kind == .planTransition
    }
    return ofKinds.keys.map(\.rawValue) + kinds.filter { EventType(rawValue: $0) != nil }
  }
}
