internal import HoldfastJSON

/// Line ends that a client has written as a backslash and a letter.
enum LiteralLineEnds {
  /// A text with its literal `\n` and other escapes of JSON read as such, when it has no real line end;
  /// one with line ends, or without escapes, is kept as it is.
  @Sendable static func decoded(_ text: JSON) -> JSON {
    guard let raw = text.stringValue, !raw.utf8.contains(where: isLineEnd),
      raw.contains("\\n") || raw.contains("\\r")
    else { return text }
    let quoted = "\"" + raw.replacing("\"", with: "\\\"") + "\""
    guard let decoded = (try? JSONReader.read(Array(quoted.utf8)))?.stringValue,
      decoded.utf8.contains(where: isLineEnd)
    else { return text }
    return .string(decoded)
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }
}
