internal import HoldfastDatabase
public import HoldfastModel

/// What a task's row says about its place in the task graph, who holds it, and what it cost.
///
/// All of it is unset in a plain plan.
public struct GraphColumns: Sendable {
  public var title = ""
  /// An id that a caller gave; nil for the generated one.
  public var givenID: TaskID?
  /// The name of the workflow; empty for that of the project's plans.
  public var workflow = ""
  public var phase = ""

  // Its place.

  /// The row of the task that contains it.
  public var parent: Int64?
  /// The place among its siblings; the smaller comes first.
  public var siblingOrder: Int64 = 0
  public var joinMode = JoinMode.then
  /// What its failed children do to the siblings behind them.
  public var siblingPolicy = FailurePolicy.block

  // What it is.

  public var priority = Priority.medium
  public var neededTags = TagList.none
  public var wantedTags = TagList.none
  public var tags = TagList.none
  public var points: Int64?
  /// In milliseconds.
  public var estimate: Int64?
  public var dueAt: Timestamp?
  public var deferUntil: Timestamp?

  // Who works on it.

  /// The agent that an assignment names; empty for anybody.
  public var assignee = ""
  /// The agent that has to say whether it takes the task; empty for none.
  public var offeredTo = ""
  /// The agent that holds it, or `user`; empty for nobody.
  public var owner = ""
  /// The process of the owner that holds it, when it named one.
  public var session = ""
  public var claimedAt: Timestamp?
  /// The number of the last claim's event; a write that carries a smaller one is refused.
  public var fence: Int64 = 0
  /// The length of the lease in seconds.
  public var leaseSeconds: Int64 = 0
  public var startedAt: Timestamp?
  public var completedAt: Timestamp?
  /// Why its status is what it is, where somebody said so.
  public var reason = ""

  // What goes on, and what it cost.

  public var thought = ""
  /// A ``TaskProgress`` as JSON; empty for none.
  public var progress = ""
  /// Since when it is worked on; nil when nobody does.
  public var activeSince: Timestamp?
  /// The work's length so far without the time since then, in milliseconds.
  public var activeTime: Int64 = 0
  /// Time that was logged by hand, in milliseconds.
  public var loggedTime: Int64 = 0
  /// The work's length so far without the time since it was claimed, in milliseconds.
  public var actualTime: Int64 { activeTime.addingUpToMax(loggedTime) }
  public var usage = Usage()
  /// A JSON object; empty for none.
  public var metrics = ""

  // Kept beside the log: they follow from rows, or end by themselves.

  public var category = StatusCategory.open
  /// Where it stands among the tasks that can be claimed, the most urgent first; nil when it cannot.
  public var ready: Int64?
  /// Which agents may claim it: ``TagRights/key(assignee:needed:wanted:)``.
  public var rights = ""
  /// Its age for the order of what is ready: when it was created.
  public var age: Int64 = 0
  /// Dependencies that hold it.
  public var openBlockers: Int64 = 0
  /// Children that have not ended.
  public var openChildren: Int64 = 0
  public var waitsForSibling = false
  public var waitsForAncestor = false
  /// Whether it is not ready before ``deferUntil``, and nobody has found that time past yet.
  public var deferred = false
  /// The lease time at which the claim ends; nil without one.
  public var leaseUntil: Int64?

  /// Refuses numbers that no operation would have written: of a row that comes from elsewhere.
  package func checkNumbers() throws(HoldfastError) {
    let long = 0...Int64.max / 4
    let whole = 0...Int64.max
    let numbers: [(String, Int64, ClosedRange<Int64>)] = [
      ("priority", priority.value, 0...10), ("points", points ?? 0, whole),
      ("time_estimate_ms", estimate ?? 0, whole), ("active_ms", activeTime, long),
      ("logged_ms", loggedTime, long),
    ]
    for (name, value, range) in numbers where !range.contains(value) {
      throw HoldfastError(
        .invalidField,
        "\(name) must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
    try usage.checkNumbers()
  }

  static let logged: [(String, SQLValue)] = [
    ("title", .text("")), ("given_id", .null), ("workflow", .text("")), ("phase", .text("")),
    ("parent", .null), ("sibling_order", .int(0)), ("join_mode", .text("then")),
    ("sibling_policy", .text("block")), ("priority", .int(5)), ("needed_tags", .text("")),
    ("wanted_tags", .text("")), ("tags", .text("")), ("points", .null), ("estimate_ms", .null),
    ("due_at", .null), ("defer_until", .null), ("assignee", .text("")), ("offered_to", .text("")),
    ("owner", .text("")), ("session", .text("")), ("claimed_at", .null), ("fence", .int(0)),
    ("lease_seconds", .int(0)), ("started_at", .null), ("completed_at", .null),
    ("reason", .text("")), ("thought", .text("")), ("progress", .text("")),
    ("active_since", .null), ("active_ms", .int(0)), ("logged_ms", .int(0)),
    ("tokens_in", .int(0)), ("tokens_cached", .int(0)), ("tokens_out", .int(0)),
    ("tokens_thinking", .int(0)), ("tokens_image", .int(0)), ("tokens_audio", .int(0)),
    ("cost_micros", .int(0)), ("metrics", .text("")),
  ]

  static let kept: [(String, SQLValue)] = [
    ("category", .int(0)), ("ready", .null), ("rights", .text("")), ("age", .int(0)),
    ("open_blockers", .int(0)), ("open_children", .int(0)), ("waits_for_sibling", .int(0)),
    ("waits_for_ancestor", .int(0)), ("deferred", .int(0)), ("lease_until", .null),
  ]

  /// The lease time at which a tenth of a claim's lease is over, as the index `tasks_by_owner` has it.
  static let leaseIsOld = "lease_until - lease_seconds * 900000000"

  init() {}

  init(reading columns: inout RowReader) {
    title = columns.text()
    givenID = columns.optionalText().map(TaskID.init(stored:))
    workflow = columns.text()
    phase = columns.text()
    parent = columns.optionalInt()
    siblingOrder = columns.int()
    joinMode = JoinMode(rawValue: columns.text()) ?? .then
    siblingPolicy = FailurePolicy(rawValue: columns.text()) ?? .block
    priority = Priority(stored: columns.int())
    neededTags = TagList(stored: columns.text())
    wantedTags = TagList(stored: columns.text())
    tags = TagList(stored: columns.text())
    points = columns.optionalInt()
    estimate = columns.optionalInt()
    dueAt = columns.time()
    deferUntil = columns.time()
    assignee = columns.text()
    offeredTo = columns.text()
    owner = columns.text()
    session = columns.text()
    claimedAt = columns.time()
    fence = columns.int()
    leaseSeconds = columns.int()
    startedAt = columns.time()
    completedAt = columns.time()
    reason = columns.text()
    thought = columns.text()
    progress = columns.text()
    activeSince = columns.time()
    activeTime = columns.int()
    loggedTime = columns.int()
    usage = Usage(reading: &columns)
    metrics = columns.text()
    category = StatusCategory(rawValue: columns.int()) ?? .waiting
    ready = columns.optionalInt()
    rights = columns.text()
    age = columns.int()
    openBlockers = columns.int()
    openChildren = columns.int()
    waitsForSibling = columns.bool()
    waitsForAncestor = columns.bool()
    deferred = columns.bool()
    leaseUntil = columns.optionalInt()
  }

  func write(to out: inout RowWriter) {
    out.text(title)
    out.optionalText(givenID?.text)
    out.text(workflow)
    out.text(phase)
    out.optionalInt(parent)
    out.int(siblingOrder)
    out.text(joinMode.rawValue)
    out.text(siblingPolicy.rawValue)
    out.int(priority.value)
    out.text(neededTags.stored)
    out.text(wantedTags.stored)
    out.text(tags.stored)
    out.optionalInt(points)
    out.optionalInt(estimate)
    out.time(dueAt)
    out.time(deferUntil)
    out.text(assignee)
    out.text(offeredTo)
    out.text(owner)
    out.text(session)
    out.time(claimedAt)
    out.int(fence)
    out.int(leaseSeconds)
    out.time(startedAt)
    out.time(completedAt)
    out.text(reason)
    out.text(thought)
    out.text(progress)
    out.time(activeSince)
    out.int(activeTime)
    out.int(loggedTime)
    usage.write(to: &out)
    out.text(metrics)
    out.int(category.rawValue)
    out.optionalInt(ready)
    out.text(rights)
    out.int(age)
    out.int(openBlockers)
    out.int(openChildren)
    out.bool(waitsForSibling)
    out.bool(waitsForAncestor)
    out.bool(deferred)
    out.optionalInt(leaseUntil)
  }
}

extension Int64 {
  /// The sum; the largest number where it would be larger still.
  func addingUpToMax(_ other: Int64) -> Int64 {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? .max : sum
  }
}
