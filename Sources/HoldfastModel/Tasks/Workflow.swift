internal import HoldfastJSON

/// A named set of statuses, with their aliases, and the moves between them.
public struct Workflow: Hashable, Sendable {
  /// The name of the workflow.
  public let name: String
  /// The statuses in the order in which a task usually passes them.
  public let statuses: [TaskStatus]
  /// Other words that are read as a status, and the status that each stands for.
  public let aliases: [TaskStatus: TaskStatus]
  /// What each status means; one that is not here is that of an unknown word, which waits.
  public let categories: [TaskStatus: StatusCategory]
  /// The table of moves by events.
  public let moves: [WorkflowMove]
  /// Where a task may go without an event.
  ///
  /// From a status that is not here it may go to all others. Empty where events alone move it.
  public let steps: [TaskStatus: [TaskStatus]]
  /// The status of a new task; nil for the first one that is open.
  public let initial: TaskStatus?
  /// Where operations of the graph lead, when that is not the first status of their category.
  public let targets: [GraphOperation: TaskStatus]
  /// Whether words outside of ``statuses`` are statuses too, kept as given.
  public let acceptsAnyStatus: Bool

  /// Creates a workflow from statuses with their aliases and moves.
  ///
  /// - Parameters:
  ///   - name: The name of the workflow.
  ///   - statuses: The statuses in order.
  ///   - aliases: Other words for statuses.
  ///   - categories: What each status means.
  ///   - moves: The table of moves by events.
  ///   - steps: Where a task may go without an event.
  ///   - initial: The status of a new task.
  ///   - targets: Where operations of the graph lead.
  ///   - acceptsAnyStatus: Whether other words are statuses too.
  public init(
    name: String, statuses: [TaskStatus],
    aliases: [TaskStatus: TaskStatus] = [:], categories: [TaskStatus: StatusCategory],
    moves: [WorkflowMove] = [], steps: [TaskStatus: [TaskStatus]] = [:],
    initial: TaskStatus? = nil, targets: [GraphOperation: TaskStatus] = [:],
    acceptsAnyStatus: Bool = false
  ) {
    self.name = name
    self.statuses = statuses
    self.aliases = aliases
    self.categories = categories
    self.moves = moves
    self.steps = steps
    self.initial = initial
    self.targets = targets
    self.acceptsAnyStatus = acceptsAnyStatus
  }

  /// Returns the status that a caller's word stands for.
  ///
  /// - Throws: ``HoldfastError`` `invalid status: "x"; …` when the workflow has no such status.
  public func status(_ text: String) throws(HoldfastError) -> TaskStatus {
    let word = TaskStatus(stored: text)
    if let status = aliases[word] { return status }
    if statuses.contains(word) { return word }
    guard acceptsAnyStatus else {
      let names = statuses.map(\.text)
      throw HoldfastError(
        .invalidField,
        "invalid status: \(text.quoted); must be one of \(names.joined(separator: ", "))"
          + EditDistance.hint(text, among: names))
    }
    guard !text.isEmpty else {
      throw HoldfastError(.invalidField, "invalid status: \"\"; a status must not be empty")
    }
    return try TaskStatus(text)
  }

  /// What a status means.
  public func category(_ status: TaskStatus) -> StatusCategory { categories[status] ?? .waiting }

  /// What a status means; nil for one that the workflow has not, or has no more.
  public func knownCategory(_ status: TaskStatus) -> StatusCategory? {
    categories[status] ?? (acceptsAnyStatus ? category(status) : nil)
  }

  /// Where an operation of the task graph leads; nil when no status means that.
  public func status(after operation: GraphOperation) -> TaskStatus? {
    targets[operation] ?? statuses.first { categories[$0] == operation.category }
  }

  /// The status of a new task.
  ///
  /// - Throws: ``HoldfastError`` where no status is one that work can begin from.
  public func start() throws(HoldfastError) -> TaskStatus {
    guard let status = initial ?? status(after: .release) else {
      throw HoldfastError(.invalidField, "the workflow \(name.quoted) has no status to begin with")
    }
    return status
  }

  /// Whether events alone move its tasks, and a claim leaves their status as it is.
  public var isMovedByEvents: Bool { !moves.isEmpty }

  /// Where a task may go from a status without an event.
  public func next(after status: TaskStatus) -> [TaskStatus] {
    if isMovedByEvents { return [] }
    return steps[status] ?? statuses.filter { $0 != status }
  }

  /// Refuses a change of status that the workflow does not allow.
  ///
  /// - Throws: ``HoldfastError`` 409 that names where the task may go.
  public func checkStep(from source: TaskStatus, to target: TaskStatus) throws(HoldfastError) {
    let allowed = next(after: source)
    guard source != target, !allowed.contains(target) else { return }
    throw HoldfastError.invalidStep(from: source, to: target, allowed: allowed)
  }
}

extension HoldfastError {
  /// The refusal of a change of status, in the words of the task graph's contract.
  public static func invalidStep(
    from source: TaskStatus, to target: TaskStatus, allowed: [TaskStatus]
  ) -> HoldfastError {
    HoldfastError(
      .invalidTransition,
      "Invalid transition from '\(source)' to '\(target)'. Allowed transitions: "
        + "[\(allowed.map { "'\($0)'" }.joined(separator: ", "))]",
      details: [("allowed", .array(allowed.map { .string($0.text) }))])
  }
}

extension Workflow {
  /// The workflow of the task-store contract.
  public static let standard = Workflow(
    name: "standard", statuses: standardStatuses, aliases: standardAliases,
    categories: standardCategories, moves: standardMoves)

  /// The standard workflow in a project that keeps words of another system beside its own.
  public static let foreign = Workflow(
    name: "foreign", statuses: standardStatuses, aliases: standardAliases,
    categories: standardCategories, moves: standardMoves, acceptsAnyStatus: true)

  private static let standardStatuses: [TaskStatus] = [
    .ready, .planning, .implementing, .reviewing, .verifying, .done, .cancelled,
  ]

  private static let standardAliases: [TaskStatus: TaskStatus] = [
    TaskStatus(stored: "in_progress"): .implementing,
    TaskStatus(stored: "completed"): .done,
  ]

  private static let standardCategories: [TaskStatus: StatusCategory] = [
    .ready: .open, .planning: .active, .implementing: .active, .reviewing: .active,
    .verifying: .active, .done: .done, .cancelled: .cancelled,
  ]

  private static let standardMoves = [
    WorkflowMove(from: .ready, .planStart, to: .planning),
    WorkflowMove(from: .ready, .implementStart, to: .implementing),
    WorkflowMove(from: .ready, .markDone, to: .done),
    WorkflowMove(from: .ready, .cancel, to: .cancelled),
    WorkflowMove(from: .planning, .planStart, to: .planning),
    WorkflowMove(from: .planning, .plannerFinished, to: .ready),
    WorkflowMove(from: .planning, .cancel, to: .cancelled),
    WorkflowMove(from: .implementing, .implementFinished, to: .reviewing),
    WorkflowMove(from: .implementing, .cancel, to: .cancelled),
    WorkflowMove(from: .reviewing, .reviewApproved, to: .verifying),
    WorkflowMove(from: .reviewing, .reviewChanges, to: .implementing),
    WorkflowMove(from: .reviewing, .cancel, to: .cancelled),
    WorkflowMove(from: .verifying, .verifyApproved, to: .done),
    WorkflowMove(from: .verifying, .verifyFailed, to: .implementing),
    WorkflowMove(from: .verifying, .cancel, to: .cancelled),
    WorkflowMove(from: .done, .verificationStale, to: .verifying),
    WorkflowMove(from: .done, .startOver, to: .planning),
    WorkflowMove(from: .done, .reimplement, to: .implementing),
    WorkflowMove(from: .done, .requestReview, to: .reviewing),
    WorkflowMove(from: .done, .cancel, to: .cancelled),
    WorkflowMove(from: .cancelled, .reopen, to: .planning),
  ]
}
