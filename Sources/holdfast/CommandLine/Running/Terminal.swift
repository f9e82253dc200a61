private import CSystem

/// What stands at the three ends of this process.
struct Terminal: Sendable {
  /// Whether the input is typed by a person.
  var isInput = false
  /// Whether a person reads the output.
  var isOutput = false
  /// Whether a person reads the errors.
  var isError = false
  /// The width in columns; 80 where there is no terminal.
  var width = Terminal.defaultWidth

  /// The width that is used where there is none.
  static let defaultWidth = 80

  /// No terminal anywhere.
  init() {}

  /// What stands at the ends of this process.
  static func current() -> Terminal {
    var terminal = Terminal()
    terminal.isInput = holdfast_is_terminal(0)
    terminal.isOutput = holdfast_is_terminal(1)
    terminal.isError = holdfast_is_terminal(2)
    let descriptor: Int32 = terminal.isOutput ? 1 : 2
    if terminal.isOutput || terminal.isError {
      let width = Int(holdfast_terminal_width(descriptor))
      if width > 0 { terminal.width = width }
    }
    return terminal
  }
}
