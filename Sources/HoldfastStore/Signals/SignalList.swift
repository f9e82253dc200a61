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

  /// Rows of one step, for each source.
  private static let pageRows = 500

  public var hasPlainEnd: Bool { limit == nil }

  public func run(in view: StoreView, _ each: (SignalAnswer) throws -> Void) throws -> ListEnd {
    try walk(over: StoreReads(view)).run(each)
  }

  public func walk(over reads: StoreReads) throws -> ListWalk<SignalAnswer> {
    guard let key = try reads.read({ try $0.projectKey(project) }) else {
      return ListWalk { _ in ListEnd() }
    }
    var left = limit.map(Int.init) ?? .max
    var cursor = cursor ?? .start
    return ListWalk { each in
      let (signals, end) = try reads.read {
        try page(in: key, after: cursor, limit: min(left, Self.pageRows), $0)
      }
      for signal in signals { try each(signal) }
      guard let end else { return ListEnd() }
      cursor = end
      left -= signals.count
      return left > 0 ? nil : ListEnd(nextCursor: cursor.text)
    }
  }

  /// The next signals of all sources together, and where they end; nil at the end of the list.
  ///
  /// A signal whose status changes keeps its place, so a list of all has each signal once.
  private func page(in project: Int64, after cursor: TimeCursor, limit: Int, _ view: StoreView)
    throws -> (signals: [SignalAnswer], end: TimeCursor?)
  {
    var rows: [Signal] = []
    // As far as every source was read.
    var end = TimeCursor.end
    for source in try SignalSource.all(of: wanted, in: project, view) {
      let found = try source.rows(after: cursor, limit: limit + 1, view)
      rows += found.signals
      if !found.isWhole, let last = found.signals.last { end = min(end, last.place) }
    }
    // Each source comes in order; the first of all of them together are the next ones.
    rows.sort { $0.place < $1.place }
    let next = rows.prefix { $0.place <= end }.prefix(limit)
    let now = view.reading.now
    let leaseTime = try view.reading.leaseTime
    let answers = next.map {
      SignalAnswer($0, project: self.project, now: now, leaseTime: leaseTime)
    }
    return (answers, next.count < rows.count || end != .end ? next.last?.place : nil)
  }
}

extension Signal {
  fileprivate var place: TimeCursor { TimeCursor(time: createdAt.nanoseconds, id: id) }
}
