/// A call to learn from, as help and the manual page show it.
struct Example: Sendable {
  /// What is typed.
  let line: String
  /// What it does, in a sentence.
  let explanation: String

  /// A call and what it does.
  init(_ line: String, _ explanation: String) {
    self.line = line
    self.explanation = explanation
  }
}
