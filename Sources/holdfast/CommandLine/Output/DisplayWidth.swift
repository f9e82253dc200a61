/// How many columns text takes on a terminal.
enum DisplayWidth {
  /// The columns of a character: 0, 1, or 2 for East Asian wide characters and emoji.
  static func of(_ character: Character) -> Int {
    if let byte = character.asciiValue { return byte < 0x20 || byte == 0x7F ? 0 : 1 }
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    let isEmoji =
      scalar.properties.isEmojiPresentation
      || character.unicodeScalars.contains { $0.value == 0xFE0F }
    return isEmoji || isWide(scalar.value) ? 2 : 1
  }

  /// The blocks of East Asian wide and full-width characters (Unicode TR 11), in broad strokes.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}

extension StringProtocol {
  /// The columns that the text takes on a terminal.
  var displayWidth: Int {
    if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return utf8.count }
    return reduce(0) { $0 + DisplayWidth.of($1) }
  }

  /// The text, filled up with spaces at its end to a number of columns.
  func padded(to columns: Int) -> String {
    let missing = columns - displayWidth
    return missing > 0 ? self + String(repeating: " ", count: missing) : String(self)
  }

  /// The text, filled up with spaces to a number of scalars, as the `%-14s` of Go does.
  func padded(toScalars count: Int) -> String {
    let missing = count - unicodeScalars.count
    return missing > 0 ? self + String(repeating: " ", count: missing) : String(self)
  }

  /// The text, cut with an ellipsis where it takes more columns.
  func prefix(displayWidth columns: Int) -> String {
    guard displayWidth > columns else { return String(self) }
    var result = ""
    var width = 0
    for character in self {
      width += DisplayWidth.of(character)
      guard width < columns else { break }
      result.append(character)
    }
    return result + "…"
  }
}
