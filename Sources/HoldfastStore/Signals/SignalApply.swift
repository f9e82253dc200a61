public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Takes the oldest pending signal, does what it says, and ends it: in one transaction.
///
/// A signal that carries a workflow event moves its task, unless it says that this has happened
/// (`fsm_applied`). A request for changes also raises the count of review cycles and keeps what the
/// review asked for. `implement_task_finished` sets its subtask to `done`. The others have no effect
/// on the store and are just done. A signal that is refused ends as failed, with the refusal as its
/// result; nothing else of it is written.
///
/// Only this operation has effects. A worker that claims a signal and ends it by
/// ``SignalProcessed`` does the work itself and raises the count by ``ReviewCycleIncrement``, so that
/// it is never raised twice.
public struct SignalApply: Mutation {
  public static let name = "signal_apply"
  public static let summary = """
    Takes the oldest pending signal, does what it says, and ends it; nothing when there is none.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let worker: WorkerName
  public let waitMilliseconds: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    worker = try fields.value("claimed_by", "Who does it.", default: WorkerName(stored: ""))
    waitMilliseconds = try fields.value(
      "wait_ms", "How long to wait for a signal, in milliseconds.", in: 0...30_000, default: 0)
  }

  private var claim: SignalClaim {
    SignalClaim(project: project, worker: worker, waitMilliseconds: waitMilliseconds)
  }

  public var waiting: Waiting? { claim.waiting }

  public func prepare() throws -> TaskTransition.PlanSeen? { nil }

  /// Reads the plan outside of the transaction, where the signal that is next asks for one.
  public func prepare(over store: Store) throws -> TaskTransition.PlanSeen? {
    let next: Signal? = try translatingErrors {
      try store.database.read { transaction in
        let view = StoreView(transaction, facts: store.facts)
        guard let key = try view.projectKey(project) else { return nil }
        return try view.oldestPending(types: [], plan: nil, in: key)
      }
    }
    guard let next, next.type == SignalType.plannerFinished.rawValue, !next.planFile.isEmpty
    else { return nil }
    return try TaskTransition(next.target(in: project), .plannerFinished, causedBy: next)
      .prepare(over: store)
  }

  public func run(
    _ prepared: TaskTransition.PlanSeen?, in changes: Changes
  ) throws -> WriteVerdict<SignalAnswer> {
    guard case .done(let claimed) = try claim.run((), in: changes) else { return .wait }
    let signal = claimed.signal
    // A revision that the caller expects is that of no task: it cannot know which one is next.
    let effects = Changes(
      changes.transaction,
      caller: Caller(actor: changes.caller.actor, isConnected: changes.caller.isConnected),
      facts: changes.facts)
    var ended: Signal
    do {
      try apply(signal, prepared, in: effects)
      ended = try changes.end(signal, as: .done, result: "")
    } catch let refusal as HoldfastError where refusal.code.httpStatus < 500 {
      // Every rule refuses before its first write.
      ended = try changes.end(signal, as: .failed, result: refusal.message)
    }
    ended.claim = nil
    return .done(SignalAnswer(ended, project: project))
  }

  private func apply(
    _ signal: Signal, _ plan: TaskTransition.PlanSeen?, in changes: Changes
  ) throws {
    let type = try SignalType(parsing: signal.type)
    if let event = type.event, !SignalPayload.isTransitionApplied(signal.payload) {
      let target = try signal.checkedTarget(in: project)
      _ = try TaskTransition(target, event, causedBy: signal).run(plan, in: changes)
    } else if type == .reviewChangesRequested {
      let task = try changes.taskForWriting(signal.checkedTarget(in: project))
      guard let review = try ReviewRequest(signal, of: task) else { return }
      let note = EventNote("review cycle of \(task.filename): \(review.cycle)")
      try changes.change(task, as: .taskChanged, note: note) { task, _ in review.apply(to: &task) }
    } else if type == .implementTaskFinished {
      let target = try signal.checkedTarget(in: project)
      guard let number = signal.payloadJSON?["task_number"]?.int64Value else {
        throw HoldfastError(.invalidField, "the payload has no whole number \"task_number\"")
      }
      _ = try SubtaskSetStatus(
        project: project, task: target.task, number: SubtaskNumber(value: number), status: "done"
      ).run((), in: changes)
    }
  }
}

/// What a request for changes does to its task beside moving it.
struct ReviewRequest {
  let cycle: Int64
  /// What was asked for; nil when the signal does not say.
  private let feedback: String?

  /// - Returns: nil for a signal that says something else.
  init?(_ signal: Signal, of task: TaskEntry) throws(HoldfastError) {
    guard signal.type == SignalType.reviewChangesRequested.rawValue else { return nil }
    cycle = try task.nextReviewCycle()
    let body = signal.payloadJSON?["body"]?.stringValue
    feedback = body.flatMap { $0.isEmpty ? nil : $0 }
  }

  func apply(to task: inout TaskEntry) {
    task.reviewCycle = cycle
    if let feedback { task.latestReviewFeedback = feedback }
  }
}

extension Signal {
  fileprivate var payloadJSON: JSON? { try? JSONReader.read(Array(payload.utf8)) }

  /// The task that the signal is about, as a target of operations.
  fileprivate func target(in project: ProjectName) -> TaskTarget {
    TaskTarget(project: project, task: TaskFilename(stored: planFile))
  }

  fileprivate func checkedTarget(in project: ProjectName) throws(HoldfastError) -> TaskTarget {
    guard !planFile.isEmpty else {
      throw HoldfastError(.invalidField, "the signal names no task: make one with a plan_file")
    }
    return target(in: project)
  }
}
