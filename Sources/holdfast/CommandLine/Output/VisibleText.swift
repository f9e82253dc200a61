/// Makes characters visible that would steer a terminal or deceive its reader.
///
/// A task's name or content is written by anybody. Printed as it is, an escape sequence in it could
/// clear the screen, change the title or type for the user; a direction mark could show a line in
/// another order than it is.
enum VisibleText {
  /// The text as one line: line breaks are made visible, too.
  static func line(_ text: String) -> String {
    escaped(text, keepsBreaks: false) { "\\u{\(String($0.value, radix: 16))}" }
  }

  /// The text with its line breaks and tabs.
  static func lines(_ text: String) -> String {
    escaped(text, keepsBreaks: true) { "\\u{\(String($0.value, radix: 16))}" }
  }

  /// The bytes with their line breaks and tabs; what is not UTF-8 becomes visible as well.
  static func lines(_ bytes: [UInt8]) -> [UInt8] {
    if let text = String(validating: bytes, as: UTF8.self) { return Array(lines(text).utf8) }
    var result: [UInt8] = []
    var decoder = UTF8()
    var index = 0
    while index < bytes.count {
      var rest = bytes[index...].makeIterator()
      if case .scalarValue(let scalar) = decoder.decode(&rest) {
        let count = UTF8.width(scalar)
        result.append(contentsOf: lines(String(Character(scalar))).utf8)
        index += count
      } else {
        result.append(contentsOf: "\\x\(String(bytes[index], radix: 16))".utf8)
        index += 1
      }
      decoder = UTF8()
    }
    return result
  }

  /// JSON text, in which such characters stand only inside strings, as JSON's own escapes.
  static func json(_ text: String) -> String {
    escaped(text, keepsBreaks: true) { scalar in
      String(scalar).utf16.map { "\\u" + hex($0) }.joined()
    }
  }

  /// A number as four hexadecimal digits.
  private static func hex(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  private static func escaped(
    _ text: String, keepsBreaks: Bool, as escape: (Unicode.Scalar) -> String
  ) -> String {
    func isKept(_ scalar: Unicode.Scalar) -> Bool {
      !isDangerous(scalar) || (keepsBreaks && (scalar == "\n" || scalar == "\t"))
    }
    guard !text.unicodeScalars.allSatisfy(isKept) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isKept(scalar) {
        result.append(scalar)
      } else {
        result.append(contentsOf: escape(scalar).unicodeScalars)
      }
    }
    return String(result)
  }

  /// Whether a terminal, or its reader, could take the scalar for something else.
  static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E: false
    // Control characters: C0, DEL and C1.
    case 0...0x1F, 0x7F...0x9F: true
    // Direction marks, embeddings, overrides and isolates.
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    // Line and paragraph separators, the byte order mark, annotations, tags.
    case 0x2028, 0x2029, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
    default: false
    }
  }
}
