private import Glibc
import HoldfastJSON
import HoldfastModel
private import Synchronization

/// Where the results, notes and errors of a call go.
///
/// Results are collected and leave in one `write` when the call ends, or in pieces of 64 KB. In a line,
/// characters that could break it or steer a terminal are made visible; in longer texts only when a
/// person reads them on a terminal. A reader that went away ends the output quietly.
final class Console: Sendable {
  /// Whether results and errors are JSON.
  let isJSON: Bool
  /// Whether notes and progress are left out.
  let isQuiet: Bool
  /// What stands at the ends of the process.
  let terminal: Terminal

  private let results: any ByteSink
  private let errors: any ByteSink
  private let state = Mutex(State())

  private struct State {
    var buffer: [UInt8] = []
    /// The `errno` of the first write of results that failed.
    var failure: Int32 = 0
    /// Whether a line of progress stands on the terminal.
    var hasStatus = false
  }

  /// How many bytes are collected before they leave.
  static let bufferBytesMax = 64 * 1024

  /// Creates an output.
  /// - Parameters:
  ///   - results: Takes the results.
  ///   - errors: Takes notes, progress and errors.
  ///   - terminal: What stands at the ends of the process.
  ///   - isJSON: Whether results and errors are JSON.
  ///   - isQuiet: Whether notes and progress are left out.
  init(
    to results: any ByteSink, errors: any ByteSink, terminal: Terminal = Terminal(),
    isJSON: Bool = false, isQuiet: Bool = false
  ) {
    self.results = results
    self.errors = errors
    self.terminal = terminal
    self.isJSON = isJSON
    self.isQuiet = isQuiet
  }

  // MARK: Results

  /// Adds a line to the results; line breaks and the like inside it are made visible.
  func line(_ text: String = "") { append(Array(VisibleText.line(text).utf8), newline: true) }

  /// Adds text of several lines to the results.
  func text(_ text: String) {
    append(Array((terminal.isOutput ? VisibleText.lines(text) : text).utf8))
  }

  /// Adds bytes to the results that may be anything, such as the content of a task.
  func content(_ bytes: [UInt8]) {
    append(terminal.isOutput ? VisibleText.lines(bytes) : bytes)
  }

  /// Adds a JSON document and a newline to the results, indented when a person reads it.
  func json(_ value: JSON) {
    if terminal.isOutput {
      append(Array(VisibleText.json(value.renderedText(pretty: true)).utf8), newline: true)
    } else {
      append(value.rendered(), newline: true)
    }
  }

  /// Adds a result in the form that was asked for.
  /// - Parameters:
  ///   - value: The result for `--json`.
  ///   - text: Prints the result for people.
  func show(_ value: @autoclosure () throws -> JSON, text: () throws -> Void) rethrows {
    if isJSON { json(try value()) } else { try text() }
  }

  /// Whether nobody reads the results any more, so that a long answer can stop.
  var isClosed: Bool { state.withLock { $0.failure != 0 } }

  /// Writes out what was collected, for a command that goes on running.
  func flush() {
    state.withLock { flush(&$0) }
  }

  /// Writes out what was collected at the end of a call.
  /// - Throws: ``HoldfastError`` when it could not be written; not when the reader went away.
  func finish() throws(HoldfastError) {
    let failure = state.withLock { state in
      clearStatus(&state)
      flush(&state)
      return state.failure
    }
    guard failure != 0, failure != EPIPE else { return }
    throw HoldfastError(
      failure == ENOSPC ? .storageFull : .internalError,
      "cannot write the output: \(SystemFailure.sentence(failure))")
  }

  // MARK: Notes and errors

  /// Prints a line for people beside the results, unless they asked for quiet.
  ///
  /// With `--json` it is an object with the member `note`.
  func note(_ text: String) {
    guard !isQuiet else { return }
    if isJSON {
      let json = JSON.object(JSONObject([("note", .string(text))])).renderedText()
      errorText((terminal.isError ? VisibleText.json(json) : json) + "\n")
    } else {
      errorText((terminal.isError ? VisibleText.line(text) : text) + "\n")
    }
  }

  /// Prints text on the standard error, after the results so far.
  ///
  /// The text is written as it is: whoever puts a user's words into it makes them visible first.
  func errorText(_ text: String) {
    state.withLock { state in
      clearStatus(&state)
      flush(&state)
      _ = errors.write(Array(text.utf8))
    }
  }

  /// Shows a line of progress on the terminal in place of the one before; nil takes it away.
  func status(_ text: String?) {
    guard terminal.isError, !isQuiet, !isJSON else { return }
    state.withLock { state in
      guard let text else { return clearStatus(&state) }
      let shown = VisibleText.line(text).prefix(displayWidth: max(1, terminal.width - 1))
      _ = errors.write(Array("\r\(shown)\u{1B}[K".utf8))
      state.hasStatus = true
    }
  }

  // MARK: Inside

  private func append(_ bytes: [UInt8], newline: Bool = false) {
    state.withLock { state in
      guard state.failure == 0 else { return }
      state.buffer.append(contentsOf: bytes)
      if newline { state.buffer.append(UInt8(ascii: "\n")) }
      if state.buffer.count >= Console.bufferBytesMax { flush(&state) }
    }
  }

  private func flush(_ state: inout State) {
    guard !state.buffer.isEmpty else { return }
    if terminal.isOutput { clearStatus(&state) }
    if state.failure == 0 { state.failure = results.write(state.buffer) }
    state.buffer.removeAll(keepingCapacity: true)
  }

  private func clearStatus(_ state: inout State) {
    guard state.hasStatus else { return }
    state.hasStatus = false
    _ = errors.write(Array("\r\u{1B}[K".utf8))
  }
}
