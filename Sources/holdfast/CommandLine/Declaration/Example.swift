/// A call to learn from, as help and the manual page show it.
struct Example: Sendable {
  /// What is typed.
  private let line: String
  /// What it does, in a sentence.
  let explanation: String

  /// A call and what it does.
  init(_ line: String, _ explanation: String) {
    self.line = line
    self.explanation = explanation
  }

  /// The line under the name that the program was called by.
  func line(calling program: String) -> String { program + line.drop { $0 != " " } }

  /// The program that it is declared with.
  var program: String { String(line.prefix { $0 != " " }) }
}
