/// Media types in headers (RFC 9110, sections 8.3 and 12.5.1).
enum MediaTypes {
  private typealias Text = Substring.UTF8View

  /// Whether a `Content-Type` header names a type, whatever its parameters.
  static func names(_ type: String, _ header: String) -> Bool {
    isSame(name(of: Substring(header).utf8), type)
  }

  /// Whether `Accept` headers allow a type; none allows all.
  static func accepts(_ type: String, _ headers: [String]) -> Bool {
    guard !headers.isEmpty else { return true }
    let family = type.prefix { $0 != "/" } + "/*"
    return headers.contains { header in
      header.utf8.split(separator: UInt8(ascii: ",")).contains { range in
        let name = name(of: range)
        guard isSame(name, type) || isSame(name, String(family)) || isSame(name, "*/*") else {
          return false
        }
        return !range.split(separator: UInt8(ascii: ";")).dropFirst().contains(where: isZero)
      }
    }
  }

  /// What stands before the parameters.
  private static func name(of range: Text) -> Text {
    trimmed(range.prefix { $0 != UInt8(ascii: ";") })
  }

  /// Whether a parameter is the weight 0, which refuses a type.
  private static func isZero(_ parameter: Text) -> Bool {
    let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1).map(trimmed)
    guard parts.count == 2, isSame(parts[0], "q") else { return false }
    return Double(Substring(parts[1])) == 0
  }

  private static func trimmed(_ text: Text) -> Text {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return text
  }

  /// Whether a text is a word in lower case, as letters of either case count.
  private static func isSame(_ text: Text, _ word: String) -> Bool {
    text.count == word.utf8.count
      && zip(text, word.utf8).allSatisfy { byte, wanted in
        byte == wanted
          || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == wanted
      }
  }
}
