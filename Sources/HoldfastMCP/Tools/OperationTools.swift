internal import HoldfastModel
internal import HoldfastStore

/// Operations as tools of their own, with all of their arguments and answers.
enum OperationTools {
  /// The operations by their own names, but for names that these tools have.
  static func others(than tools: [Tool]) -> [Tool] {
    let taken = Set(tools.map(\.name))
    return OperationCatalog.all.filter { !taken.contains($0.name) }.map(tool)
  }

  private static func tool(_ operation: OperationEntry) -> Tool {
    Tool(
      operation.name, title: title(operation.name), operation.summary, operation, .all,
      nested: nil, kind: operation.isMutation ? .destructive : .read)
  }

  private static func title(_ name: String) -> String {
    let words = name.replacing("_", with: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}
