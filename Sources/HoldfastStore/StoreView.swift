public import HoldfastDatabase
public import HoldfastModel

/// What an operation sees of the store: one moment's view, and the store's own facts.
public class StoreView {
  public let reading: any ReadTransaction
  public let facts: StoreFacts

  init(_ reading: any ReadTransaction, facts: StoreFacts) {
    self.reading = reading
    self.facts = facts
  }

  /// The rows of a lookup; of a limited one the first at least, when there is one.
  func rows<R: Record>(_ lookup: Lookup<R>, _ values: [SQLValue]) throws -> [R] {
    try reading.all(
      lookup.sql(reading.dialect), values + (lookup.isLimited ? [.int(1)] : []), R.init(row:))
  }

  /// The first row of a lookup.
  final func first<R: Record>(_ lookup: Lookup<R>, _ values: [SQLValue]) throws -> R? {
    try rows(lookup, values).first
  }

  /// The key of a project, or nil when nothing was written to it yet.
  public final func projectKey(_ name: ProjectName) throws -> Int64? {
    try projectRow(name).map { $0.aliasOf ?? $0.id }
  }
}

/// Facts of a store that never change while it is open, and what this process has heard of agents.
public struct StoreFacts: Sendable {
  /// Row numbers of tasks as short ids.
  public let ids: TaskIDPermutation
  public let settings: StoreSettings
  let statements: RowStatements
  let heard = HeardAgents()
}

/// What the configuration says about the rules.
public struct StoreSettings: Sendable {
  /// Claims of a signal without a result after which it fails; 0 for no limit.
  public var signalAttemptsMax: Int64 = 10
  /// The lease of a signal's claim when the caller names none, in seconds.
  public var signalLeaseSeconds: Int64 = 60
  /// How long an agent that is silent keeps what it holds, in seconds.
  public var agentLeaseSeconds: Int64 = 900
  /// Whether an approved review goes to `verifying` first, and not straight to `done`.
  public var verifiesAfterReview = true
  /// The status to which a task moves that others have made ready, where its workflow has it; empty for none.
  public var autoAdvance = ""

  public init() {}
}
