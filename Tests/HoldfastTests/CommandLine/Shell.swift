/// The shells and tools that may be on this machine.
enum Shell {
  /// Whether a program is on the path.
  static func has(_ program: String) -> Bool {
    (try? ChildProcess.run(["sh", "-c", "command -v \(program)"]).code) == 0
  }
}
