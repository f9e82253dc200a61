internal import HoldfastJSON

/// Line ends that a client has written as a backslash and a letter.
enum LiteralLineEnds {
  /// A text with its literal `\n`, `\r\n` and `\r` read as line ends, when it has no real one; a text with
  /// line ends, and all else in it, is kept as it is.
  @Sendable static func decoded(_ text: JSON) -> JSON {
    guard let raw = text.stringValue, !raw.utf8.contains(where: isLineEnd) else { return text }
    return .string(
      raw.replacing("\\r\\n", with: "\r\n").replacing("\\n", with: "\n")
        .replacing("\\r", with: "\r"))
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }
}
