import HoldfastModel

/// Where a process of this program starts.
///
/// In a file of its own: closures written in the type that carries `@main` belong to the main actor
/// and trap on another thread.
enum Entry {
  static func run() -> Int32 {
    let name = CommandLine.arguments.first.map { Path.name(of: $0) }
    let root = name == "kas" ? CommandTree.kas : CommandTree.holdfast
    return Program(root: root, version: HoldfastVersion.current).runProcess()
  }
}
