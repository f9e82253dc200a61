internal import HoldfastJSON

/// The tools that a client sees, in a fixed order.
public struct Toolset: Sendable {
  let tools: [Tool]
  private let byName: [String: Tool]
  /// What `tools/list` answers, made once.
  let definitions: [JSON]

  init(_ tools: [Tool]) {
    self.tools = tools
    byName = Dictionary(tools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    definitions = tools.map(\.definition)
  }

  /// The tools of that name; nil for a name that no set has.
  public init?(named name: String) {
    switch name {
    case "core": self = .core
    case "all": self = .all
    default: return nil
    }
  }

  /// The names that ``init(named:)`` knows.
  public static let allNames = ["core", "all"]

  /// What an agent needs for a day's work.
  public static let core = Toolset(CoreTools.all)

  /// These, and every other operation under its own name.
  public static let all = Toolset(CoreTools.all + OperationTools.others(than: CoreTools.all))

  var names: [String] { tools.map(\.name) }

  func named(_ name: String) -> Tool? { byName[name] }
}
