public import HoldfastDatabase
public import HoldfastModel

/// What a mutation works with: the transaction, the caller, and the one way to write rows.
public final class Changes: StoreView {
  public let transaction: any WriteTransaction
  public let caller: Caller

  let memory: RowMemory
  var readiness = ReadinessChanges()
  /// Whether something that was refused has left a part of it behind: then all of the call must be refused.
  var isHalfDone = false

  init(_ transaction: any WriteTransaction, caller: Caller, facts: StoreFacts) {
    self.transaction = transaction
    self.caller = caller
    memory = RowMemory.of(transaction)
    super.init(transaction, facts: facts)
  }

  override func rows<R: Record>(_ lookup: Lookup<R>, _ values: [SQLValue]) throws -> [R] {
    try memory.rows(lookup, values, in: transaction)
  }

  /// Asks what does not hang on one another, at once where that spares time.
  func together(_ questions: (() throws -> Void)...) throws {
    var failure: (any Error)?
    for question in questions {
      do { try question() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// The time of this transaction.
  public var now: Timestamp { Timestamp(nanoseconds: transaction.now) }

  /// Records one change: `body` writes its rows, then the event is written with their patches.
  ///
  /// - Parameter agent: Who makes the change, where that is an agent which the request names.
  @discardableResult
  public func record<R>(
    _ type: EventType, project: Int64?, task: Int64? = nil, by agent: AgentID? = nil,
    _ body: (Event) throws -> R
  ) throws -> R {
    let event = Event(self, project: project, task: task)
    let result = try body(event)
    try event.end(type: type, actor: agent?.text ?? caller.actor)
    try settleEndings()
    return result
  }

  /// Writes what differs between two states of a row; in the log it is the caller's to say.
  ///
  /// - Returns: The columns that were written, and all values of the new state.
  func write<R: Record>(_ old: R, _ new: R) throws -> (set: ColumnSet, values: [SQLValue]) {
    let before = old.values
    let after = new.values
    let set = R.difference(before, after)
    guard !set.isEmpty else { return (set, after) }
    var bound: [SQLValue] = []
    bound.reserveCapacity(set.count + 1)
    for place in set { bound.append(after[place]) }
    bound.append(.int(old.id))
    try transaction.execute(facts.statements.update(R.table, set), bound)
    memory.wrote(old.id, before, (new, after))
    return (set, after)
  }

  /// Wakes the operations that wait for `key`, once this is on disk.
  public func touch(_ key: String) { transaction.touch(key) }

  /// The key of a project; a new project comes into being.
  public func projectKeyForWriting(_ name: ProjectName) throws -> Int64 {
    if let key = try projectKey(name) { return key }
    return try record(.projectCreated, project: nil) { event in
      event.note = EventNote("project \(name) created")
      let key = try event.insert(Project(name: name, createdAt: now))
      event.project = key
      return key
    }
  }
}

/// Who asks, and under which conditions.
public struct Caller: Sendable {
  /// The agent's name, or `user`.
  public var actor: String
  /// The revision the task must have (`If-Match`), as the caller wrote it; nil for any.
  public var expectedRevision: String?
  /// Whether the caller still waits for an answer.
  public var isConnected: @Sendable () -> Bool

  /// The actor's name where there is no agent.
  public static let user = "user"
  /// Whether no agent asks.
  public var isUser: Bool { actor == Caller.user }

  public init(
    actor: String = Caller.user, expectedRevision: String? = nil,
    isConnected: @escaping @Sendable () -> Bool = { true }
  ) {
    self.actor = actor
    self.expectedRevision = expectedRevision
    self.isConnected = isConnected
  }
}
