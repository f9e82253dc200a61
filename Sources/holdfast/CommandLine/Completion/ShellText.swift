/// Text as the shells read it.
enum ShellText {
  /// Whether a word means itself in every shell, without quotes.
  static func isPlain(_ word: String) -> Bool {
    guard !word.isEmpty else { return false }
    return word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"),
        UInt8(ascii: ","):
        true
      default: false
      }
    }
  }

  /// A text in single quotes for bash and zsh.
  static func quoted(_ text: String) -> String {
    "'" + replacing(text, ["'": "'\\''"]) + "'"
  }

  /// A text in single quotes for fish.
  static func quotedForFish(_ text: String) -> String {
    "'" + replacing(text, ["\\": "\\\\", "'": "\\'"]) + "'"
  }

  /// A text with some of its characters replaced.
  static func replacing(_ text: String, _ replacements: [Character: String]) -> String {
    var result = ""
    for character in text {
      if let replacement = replacements[character] {
        result += replacement
      } else {
        result.append(character)
      }
    }
    return result
  }

  /// The name of a shell function for a command.
  static func functionName(_ path: [String]) -> String {
    "_" + path.map { replacing($0, ["-": "_"]) }.joined(separator: "_")
  }
}
