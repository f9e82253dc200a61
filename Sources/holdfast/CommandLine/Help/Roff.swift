/// Writes the requests of the `man` macros of roff.
struct Roff {
  /// The document so far.
  private(set) var text = ""

  /// Adds a request with its arguments, such as `.SH "EXIT STATUS"`.
  mutating func request(_ name: String, _ arguments: String...) {
    text += "." + name
    for argument in arguments { text += " \"\(Self.escaped(argument))\"" }
    text += "\n"
  }

  /// Adds text, a line for each line.
  mutating func lines(_ content: String) {
    for line in content.split(separator: "\n", omittingEmptySubsequences: false) {
      // An empty line would be printed; a paragraph is what is meant.
      text += line.isEmpty ? ".PP\n" : Self.line(Self.escaped(String(line))) + "\n"
    }
  }

  /// Adds a line that holds font changes already.
  mutating func formatted(_ line: String) {
    text += Self.line(line) + "\n"
  }

  /// Text in bold.
  static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

  /// Text in italics.
  static func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }

  /// Text with what roff would read as an instruction written as the character that it is.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\"": result += "\\(dq"
      default: result.append(character)
      }
    }
    return result
  }

  /// A line that cannot be taken for a request.
  private static func line(_ text: String) -> String {
    text.hasPrefix(".") ? "\\&" + text : text
  }
}
