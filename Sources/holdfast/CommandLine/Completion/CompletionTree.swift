/// A tree of commands as the completion scripts walk it.
struct CompletionTree {
  /// One command.
  struct Node {
    /// The words from the root to it.
    let path: [String]
    /// Its declaration.
    let command: Command

    /// The words with spaces between them.
    var name: String { path.joined(separator: " ") }
  }

  /// Every command that is shown, the root first.
  let nodes: [Node]
  /// The name of the program.
  let program: String
  /// Its other names, which take the same words.
  let otherNames: [String]

  /// The tree below a root.
  init(_ root: Command) {
    var nodes: [Node] = []
    root.walk { nodes.append(Node(path: $0, command: $1)) }
    self.nodes = nodes
    program = root.name
    otherNames = root.aliases
  }

  /// The spellings of a call of each command, aliases included, with the name that they lead to.
  var spellings: [(words: [String], name: String)] {
    nodes.dropFirst().map { node in
      let above = node.path.dropLast().joined(separator: " ")
      let words = [node.command.name] + node.command.aliases
      return (words.map { "\(above) \($0)" }, node.name)
    }
  }

  /// The spellings of an option: `-b` and `--branch`.
  static func spellings(of option: Option) -> [String] {
    (option.short.map { ["-\($0)"] } ?? []) + ["--\(option.name)"]
  }
}
