internal import HoldfastJSON

/// The tools that a client sees, in a fixed order, and what belongs to them.
public struct Toolset: Sendable {
  let tools: [Tool]
  /// In whose words they answer.
  let form: ToolForm
  /// What the client can read by its address.
  let resources: ResourceSet
  /// What the client's agent reads before its first call.
  let instructions: String
  private let byName: [String: Tool]
  /// What `tools/list` answers, made once.
  let definitions: [JSON]

  init(
    _ tools: [Tool], form: ToolForm = .native, resources: ResourceSet = Resources.all,
    instructions: String = Instructions.text
  ) {
    self.tools = tools
    self.form = form
    self.resources = resources
    self.instructions = instructions
    byName = Dictionary(tools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    definitions = tools.map(\.definition)
  }

  /// The tools of that name; nil for a name that no set has.
  public init?(named name: String) {
    switch name {
    case "core": self = .core
    case "all": self = .all
    case "task-store": self = .taskStore
    case "task-graph": self = .taskGraph
    default: return nil
    }
  }

  /// The names that ``init(named:)`` knows.
  public static let allNames = ["core", "all", "task-store", "task-graph"]

  /// What an agent needs for a day's work.
  public static let core = Toolset(CoreTools.all)

  /// These, and every other operation under its own name.
  public static let all = Toolset(CoreTools.all + OperationTools.others(than: CoreTools.all))

  /// The tools of the task store.
  public static let taskStore = Toolset(
    TaskStoreTools.all, form: .taskStore, instructions: Instructions.taskStore)

  /// The tools of the task graph, in its first generation.
  public static let taskGraph = Toolset(
    TaskGraphTools.all, form: .taskGraph, resources: TaskGraphResources.all,
    instructions: Instructions.taskGraph)

  /// The prompts, which name tools of the core set.
  var hasPrompts: Bool { form == .native }

  var names: [String] { tools.map(\.name) }

  func named(_ name: String) -> Tool? { byName[name] }
}
