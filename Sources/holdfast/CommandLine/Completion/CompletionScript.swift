/// The completions of a tree of commands for one shell, line by line.
struct CompletionScript {
  let tree: CompletionTree
  /// The shell function that completes the program's words.
  let function: String
  private(set) var text = ""

  init(for root: Command) {
    tree = CompletionTree(root)
    function = ShellText.functionName([root.name])
  }

  mutating func line(_ line: String) { text += line + "\n" }
}
