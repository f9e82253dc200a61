import HoldfastJSON
import HoldfastModel

/// A failure on its way to the caller: its line, or its JSON, and its exit code.
struct ErrorReport {
  private let error: HoldfastError
  private let program: String
  private let command: String

  /// Reports a failure.
  /// - Parameters:
  ///   - error: The failure; one that is not a ``HoldfastError`` is an internal one.
  ///   - program: The name of the program.
  ///   - command: The words of the command that failed.
  init(_ error: any Error, program: String, command: String) {
    self.error =
      (error as? HoldfastError) ?? HoldfastError(.internalError, "\(error)")
    self.program = program
    self.command = command
  }

  /// The failure as JSON: `error`, `code` and what else helps to act on it.
  var json: JSON {
    var object = JSONObject([("error", .string(error.message)), ("code", .string(error.code.name))])
    for detail in error.details { object.set(detail.name, detail.value) }
    return .object(object)
  }

  /// The tasks that would wait for one another, in their order.
  private var circle: String? {
    guard error.code == .dependencyCycle, let path = json["path"]?.arrayValue else { return nil }
    return path.compactMap(\.stringValue).joined(separator: " → ")
  }

  /// Prints the failure after the results so far.
  /// - Returns: The exit code.
  func print(to output: Console) -> Int32 {
    if output.isJSON {
      let text = json.renderedText()
      output.errorText((output.terminal.isError ? VisibleText.json(text) : text) + "\n")
    } else {
      let message = output.terminal.isError ? VisibleText.lines(error.message) : error.message
      output.errorText("\(program): \(message)\n")
      if let circle { output.errorText("The circle: \(circle)\n") }
      if error.code == .usage { output.errorText("Try '\(command) --help'.\n") }
    }
    return error.code.exitCode
  }
}
