internal import HoldfastDatabase
public import HoldfastModel

/// Lists signals in the order of their creation.
public struct SignalList: Listing {
  public static let name = "signal_list"
  public static let summary = "Lists a project's signals in the order of their creation."
  public static let access = Access.read
  public static let listName: StaticString = "signals"

  public let project: ProjectName
  public let statuses: [String]
  /// Whether a list without a status is empty, as the contract's route has it.
  public let needsStatus: Bool
  public let limit: Int64?
  public let cursor: TimeCursor?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    statuses = try fields.value(
      "status", "pending, processing, done, failed or all; several mean any of them.",
      default: [String]())
    needsStatus = try fields.value(
      "needs_status", "Whether a list without a status is empty.", default: false)
    let limit = try fields.value(
      "limit", "At most this many; 0 for all.", in: 0...100_000, default: 0)
    self.limit = limit == 0 ? nil : limit
    cursor = try fields.optional("cursor", "Where the page before ended.")
  }

  /// Unknown statuses have no rows.
  private var wanted: [SignalStatus] {
    if statuses.isEmpty { return needsStatus ? [] : SignalStatus.allCases }
    if statuses.contains("all") { return SignalStatus.allCases }
    return SignalStatus.allCases.filter { statuses.contains($0.rawValue) }
  }

  /// Rows that are held in memory at once, for each source.
  private static let pageRows = 500

  public func run(in view: StoreView, _ each: (SignalAnswer) throws -> Void) throws -> ListEnd {
    guard let key = try view.projectKey(project), !wanted.isEmpty else { return ListEnd() }
    let now = view.reading.now
    let leaseTime = try view.reading.leaseTime
    let sources = try SignalSource.all(of: wanted, in: key, view)
    var left = limit.map(Int.init) ?? .max
    var cursor = cursor ?? .start
    while true {
      let count = min(left, Self.pageRows)
      // Each source comes in order; the first of all of them together are the next ones.
      var rows = try sources.flatMap { try $0.rows(after: cursor, limit: count + 1, view) }
      if sources.count > 1 { rows.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) } }
      for signal in rows.prefix(count) {
        try each(SignalAnswer(signal, project: project, now: now, leaseTime: leaseTime))
        cursor = TimeCursor(time: signal.createdAt.nanoseconds, id: signal.id)
      }
      guard rows.count > count else { return ListEnd() }
      left -= count
      guard left > 0 else { return ListEnd(nextCursor: cursor.text) }
    }
  }
}
