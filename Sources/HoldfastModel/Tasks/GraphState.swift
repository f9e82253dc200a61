public import HoldfastJSON

/// A status as clients of the task graph say it: one of its five, or one of the words that stand for them,
/// whatever the workflow of a task calls it.
public struct GraphState: FieldValue, Hashable {
  /// The word as it was said.
  public let word: TaskStatus

  /// The five, in the order of the contract.
  public static let all: [GraphState] = Workflow.graph.statuses.map(GraphState.init(word:))

  private init(word: TaskStatus) { self.word = word }

  /// What a task's status is called that means this.
  public init(_ category: StatusCategory) {
    switch category {
    case .open, .waiting: word = .pending
    case .active: word = .inProgress
    case .done: word = .completed
    case .failed: word = .failed
    case .cancelled: word = .cancelled
    }
  }

  /// The status among the five.
  public var status: TaskStatus { Workflow.graph.aliases[word] ?? word }

  /// Whether only tasks are meant that are for one agent.
  public var isAssigned: Bool { word == .assigned }

  /// What statuses mean that are called so.
  public var categories: Set<StatusCategory> {
    Set(StatusCategory.allCases.filter { GraphState($0).status == status })
  }

  public static var fieldSchema: FieldSchema { .text(choices: all.map(\.word.text)) }
  public static var placeholder: GraphState { GraphState(.open) }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    let text = try String(json, field: field)
    let word = TaskStatus(stored: text)
    let known = Workflow.graph.statuses + Workflow.graph.aliases.keys
    guard known.contains(word) else {
      let names = Self.all.map(\.word.text)
      var details: [(String, JSON)] = [("field", .string(field.name))]
      if let nearest = EditDistance.nearest(text, among: known.map(\.text)) {
        details.append(("suggestion", .string(nearest)))
      }
      throw HoldfastError(
        .invalidState,
        "Invalid state '\(text.legible)'. Valid states: [\(names.joined(separator: ", "))]",
        details: details)
    }
    self.word = word
  }

  public var fieldJSON: JSON { .string(word.text) }
}
