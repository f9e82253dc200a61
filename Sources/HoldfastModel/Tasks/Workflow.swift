/// A named set of statuses, with their aliases, and the moves between them.
public struct Workflow: Hashable, Sendable {
  /// The name of the workflow.
  public let name: String
  /// The statuses in the order in which a task usually passes them.
  public let statuses: [TaskStatus]
  /// Other words that are read as a status, and the status that each stands for.
  public let aliases: [TaskStatus: TaskStatus]
  /// The table of moves.
  public let moves: [WorkflowMove]
  /// Whether words outside of ``statuses`` are statuses too, kept as given.
  public let acceptsAnyStatus: Bool

  /// Creates a workflow from statuses with their aliases and moves.
  ///
  /// - Parameters:
  ///   - name: The name of the workflow.
  ///   - statuses: The statuses in order.
  ///   - aliases: Other words for statuses.
  ///   - moves: The table of moves.
  ///   - acceptsAnyStatus: Whether other words are statuses too.
  public init(
    name: String, statuses: [TaskStatus],
    aliases: [TaskStatus: TaskStatus] = [:], moves: [WorkflowMove] = [],
    acceptsAnyStatus: Bool = false
  ) {
    self.name = name
    self.statuses = statuses
    self.aliases = aliases
    self.moves = moves
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
}

extension Workflow {
  /// The workflow of the task-store contract.
  public static let standard = Workflow(
    name: "standard", statuses: standardStatuses, aliases: standardAliases, moves: standardMoves)

  /// The standard workflow in a project that keeps words of another system beside its own.
  public static let foreign = Workflow(
    name: "foreign", statuses: standardStatuses, aliases: standardAliases, moves: standardMoves,
    acceptsAnyStatus: true)

  private static let standardStatuses: [TaskStatus] = [
    .ready, .planning, .implementing, .reviewing, .verifying, .done, .cancelled,
  ]

  private static let standardAliases: [TaskStatus: TaskStatus] = [
    TaskStatus(stored: "in_progress"): .implementing,
    TaskStatus(stored: "completed"): .done,
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
