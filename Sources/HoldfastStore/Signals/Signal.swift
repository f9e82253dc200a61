public import HoldfastDatabase
public import HoldfastModel

/// A message to whoever works on a task, handed to one worker at a time.
public struct Signal: Record {
  public var id: Int64
  public var project: Int64
  /// The task it is about; nil while there is none of that name.
  public var task: Int64?
  /// The task's filename.
  public var planFile: String
  public var type: String
  public var payload: String
  public var status: SignalStatus
  public var createdAt: Timestamp
  public var claimedBy = ""
  public var claimedAt: Timestamp?
  public var processedAt: Timestamp?
  public var result = ""
  /// How often it was claimed.
  public var attempts: Int64 = 0
  /// The number of the event of the current claim: its token.
  public var claim: Int64?
  /// When the claim ends, in the store's lease time.
  public var leaseUntil: Int64?

  public init(
    project: Int64, task: Int64?, planFile: String, type: String, payload: String,
    createdAt: Timestamp
  ) {
    id = 0
    self.project = project
    self.task = task
    self.planFile = planFile
    self.type = type
    self.payload = payload
    status = .pending
    self.createdAt = createdAt
  }

  /// What those wait for who wait for a signal of a project: this, and the name they know it by.
  static let waitKey = "signals:"

  public static let table = Table(
    "signals",
    [
      ("project", .null), ("task", .null), ("plan_file", .text("")), ("type", .null),
      ("payload", .text("")), ("status", .null), ("created_at", .null), ("claimed_by", .text("")),
      ("claimed_at", .null), ("processed_at", .null), ("result", .text("")),
      ("attempts", .int(0)), ("claim", .null), ("lease_until", .null),
    ])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    project = columns.int()
    task = columns.optionalInt()
    planFile = columns.text()
    type = columns.text()
    payload = columns.text()
    status = SignalStatus(rawValue: columns.text()) ?? .failed
    createdAt = Timestamp(nanoseconds: columns.int())
    claimedBy = columns.text()
    claimedAt = columns.time()
    processedAt = columns.time()
    result = columns.text()
    attempts = columns.int()
    claim = columns.optionalInt()
    leaseUntil = columns.optionalInt()
  }

  public var values: [SQLValue] {
    [
      .int(project), .optional(task), .text(planFile), .text(type), .text(payload),
      .text(status.rawValue), .time(createdAt), .text(claimedBy), .time(claimedAt),
      .time(processedAt), .text(result), .int(attempts), .optional(claim), .optional(leaseUntil),
    ]
  }
}
