public import HoldfastJSON

/// A workflow as a project defines it: what its statuses are called and mean, and where tasks may go.
public struct WorkflowDefinition: Sendable {
  /// The statuses in the order in which a task usually passes them.
  public let statuses: [Status]
  /// The status of a new task; empty for the first one that is open.
  public let initial: String
  /// Where operations of the graph lead, when that is not the first status of their category.
  public let operations: Operations

  /// The most statuses of one workflow.
  public static let statusesMax = 64
  /// The longest definition, in bytes of its JSON.
  public static let bytesMax = 64 * 1024

  public init(reading fields: inout Fields) throws(HoldfastError) {
    statuses = try fields.required(
      "statuses", "Its 1 to \(Self.statusesMax) statuses, as a task usually passes them.")
    initial = try fields.value(
      "initial", "The status of a new task, open or waiting; the first open one when left out.",
      default: "")
    operations = try fields.value(
      "operations",
      "Where operations lead, when that is not the first status of their category.",
      default: Operations())
  }

  /// Reads a definition that was checked before it was stored.
  public init(stored text: String) throws {
    guard case .object(let object) = try JSONReader.read(Array(text.utf8)) else {
      throw HoldfastError(.corrupt, "the definition of a workflow is no object")
    }
    var fields = Fields(object)
    try self.init(reading: &fields)
  }

  /// The workflow that it defines.
  public func workflow(named name: WorkflowName) -> Workflow {
    let categories = Dictionary(
      statuses.map { ($0.name, $0.category) }, uniquingKeysWith: { first, _ in first })
    return Workflow(
      name: name.text, statuses: statuses.map(\.name),
      aliases: Dictionary(
        statuses.flatMap { status in status.aliases.map { ($0, status.name) } },
        uniquingKeysWith: { first, _ in first }),
      categories: categories,
      steps: Dictionary(
        statuses.compactMap { status in status.moves.map { (status.name, $0) } },
        uniquingKeysWith: { first, _ in first }),
      initial: initial.isEmpty
        ? statuses.first { $0.category == .open }?.name : TaskStatus(stored: initial),
      targets: operations.targets)
  }

  /// One status of a workflow.
  public struct Status: FieldValue {
    public let name: TaskStatus
    public let category: StatusCategory
    /// Other words that are read as this status.
    public let aliases: [TaskStatus]
    /// Where a task may go from here; nil for anywhere.
    public let moves: [TaskStatus]?

    /// The longest name of a status, in bytes.
    static let bytesMax = 64
    /// The most other words for one status.
    static let aliasesMax = 16

    public static var fieldSchema: FieldSchema {
      .object(
        Fields.describe("WorkflowStatus") { fields throws(HoldfastError) in
          _ = try Self(reading: &fields)
        })
    }
    public static var placeholder: Status {
      Status(name: .ready, category: .open, aliases: [], moves: nil)
    }

    private init(
      name: TaskStatus, category: StatusCategory, aliases: [TaskStatus], moves: [TaskStatus]?
    ) {
      self.name = name
      self.category = category
      self.aliases = aliases
      self.moves = moves
    }

    public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
      guard case .object(let object) = json else {
        throw field.mustBe("a status as an object, not \(json.kind)")
      }
      var fields = Fields(object)
      do throws(HoldfastError) {
        try self.init(reading: &fields)
      } catch {
        throw field.invalid("\(field.name): \(error.message)")
      }
      if let unknown = fields.unknownKeys.first {
        throw field.invalid(
          "\(field.name) has no field \(unknown.quoted): it has name, category, aliases and moves")
      }
    }

    private init(reading fields: inout Fields) throws(HoldfastError) {
      name = TaskStatus(stored: try fields.required("name", "What it is called."))
      category = try fields.required("category", "What it means.")
      aliases = try fields.value(
        "aliases", "Other words for it, at most \(Self.aliasesMax).", default: [String]()
      ).map(TaskStatus.init(stored:))
      let moves: [String]? = try fields.optional(
        "moves",
        "Where a task may go from here; anywhere when left out. Claims and releases need none.")
      self.moves = moves?.map(TaskStatus.init(stored:))
    }
  }

  /// Where operations of the graph lead.
  public struct Operations: FieldValue {
    public let targets: [GraphOperation: TaskStatus]

    public static var fieldSchema: FieldSchema {
      .object(
        Fields.describe("WorkflowOperations") { fields throws(HoldfastError) in
          _ = try Self(reading: &fields)
        })
    }
    public static var placeholder: Operations { Operations() }

    init() { targets = [:] }

    public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
      guard case .object(let object) = json else {
        throw field.mustBe("an object of operations and their statuses, not \(json.kind)")
      }
      var fields = Fields(object)
      try self.init(reading: &fields)
      if let unknown = fields.unknownKeys.first {
        let names = GraphOperation.allCases.map(\.rawValue)
        throw field.invalid(
          "\(field.name) has no operation \(unknown.quoted): there are \(names.joined(separator: ", "))"
            + EditDistance.hint(unknown, among: names))
      }
    }

    private init(reading fields: inout Fields) throws(HoldfastError) {
      var targets: [GraphOperation: TaskStatus] = [:]
      for operation in GraphOperation.allCases {
        let word: String? = try fields.optional(operation.fieldName, operation.fieldDescription)
        targets[operation] = word.map(TaskStatus.init(stored:))
      }
      self.targets = targets
    }
  }
}

// MARK: What a definition keeps to

extension WorkflowDefinition {
  /// Refuses a definition by which tasks could not be worked on.
  public func check() throws(HoldfastError) {
    guard (1...Self.statusesMax).contains(statuses.count) else {
      throw FieldPosition("statuses").mustBe(
        "a list of 1 to \(Self.statusesMax) statuses, not of \(statuses.count)")
    }
    try checkWords()
    for category in [StatusCategory.open, .active, .done]
    where !statuses.contains(where: { $0.category == category }) {
      throw FieldPosition("statuses").invalid(
        "statuses: one of them must be \(category.name): a task begins open, is active while it is "
          + "claimed, and is done in the end")
    }
    for (index, status) in statuses.enumerated() {
      let field = FieldPosition("statuses[\(index)].moves")
      var seen: Set<TaskStatus> = [status.name]
      for move in status.moves ?? [] {
        _ = try known(move, field)
        guard seen.insert(move).inserted else {
          throw field.invalid(
            "\(field.name) must name each other status at most once, and \(move.text.quoted) "
              + (move == status.name ? "is the one it starts from" : "is there twice"))
        }
      }
    }
    try checkTargets()
  }

  private func checkWords() throws(HoldfastError) {
    var taken: [TaskStatus: TaskStatus] = [:]
    for (index, status) in statuses.enumerated() {
      let field = FieldPosition("statuses[\(index)]")
      guard status.aliases.count <= Status.aliasesMax else {
        throw field.invalid(
          "\(field.name).aliases must be at most \(Status.aliasesMax), not \(status.aliases.count)")
      }
      for word in [status.name] + status.aliases {
        do throws(HoldfastError) {
          try NameRule.checkWord(word.text, "status", bytes: 1...Status.bytesMax)
        } catch {
          throw field.invalid("\(field.name): \(error.message)")
        }
        if let other = taken.updateValue(status.name, forKey: word) {
          throw field.invalid(
            "\(field.name): the word \(word.text.quoted) stands for \(other.text.quoted) already: each "
              + "name and alias is there once")
        }
      }
    }
  }

  private func checkTargets() throws(HoldfastError) {
    if !initial.isEmpty {
      let category = try known(TaskStatus(stored: initial), FieldPosition("initial"))
      guard category == .open || category == .waiting else {
        throw FieldPosition("initial").mustBe(
          "a status that is open or waiting; \(initial.quoted) is \(category.name)")
      }
    }
    for operation in GraphOperation.allCases {
      guard let target = operations.targets[operation] else { continue }
      let field = FieldPosition("operations.\(operation.rawValue)")
      let category = try known(target, field)
      guard category == operation.category else {
        throw field.mustBe(
          "a status that is \(operation.category.name); \(target.text.quoted) is \(category.name)")
      }
    }
  }

  /// The category of one of the statuses, or the refusal that there is no such.
  private func known(
    _ status: TaskStatus, _ field: FieldPosition
  ) throws(HoldfastError) -> StatusCategory {
    if let known = statuses.first(where: { $0.name == status }) { return known.category }
    let names = statuses.map(\.name.text)
    throw field.mustBe(
      "one of \(names.joined(separator: ", ")), not \(status.text.quoted)"
        + EditDistance.hint(status.text, among: names))
  }
}
