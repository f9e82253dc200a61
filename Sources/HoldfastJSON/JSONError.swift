/// Why bytes are not the JSON that was asked for, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Sendable, Hashable, CaseIterable {
    /// There is nothing but white space.
    case empty
    /// The input ends inside a value.
    case unexpectedEnd
    /// A byte that cannot stand here.
    case unexpectedCharacter
    /// A number that is not written as RFC 8259 demands, such as `01`, `1.` or `-`.
    case invalidNumber
    /// An escape that JSON does not know, or `\u` without four hexadecimal digits.
    case invalidEscape
    /// An escaped surrogate without its other half.
    case loneSurrogate
    /// A control character inside a string that is not escaped.
    case controlCharacter
    /// Bytes inside a string that are not UTF-8.
    case invalidUTF8
    /// More nesting than the limit allows.
    case tooDeep
    /// Something follows the value.
    case trailingContent
  }

  /// What is wrong.
  public let reason: Reason
  /// The byte where it is wrong, counted from 0.
  public let offset: Int
  /// The line of that byte, counted from 1.
  public let line: Int
  /// The column of that byte, counted from 1 in Unicode scalars.
  public let column: Int

  /// Finds the line and the column of an offset.
  init(_ reason: Reason, at offset: Int, in bytes: UnsafeRawBufferPointer) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == Byte.newline {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.reason = reason
    self.offset = offset
    self.line = line
    self.column = column
  }

  /// One sentence without a full stop, such as "unexpected end of JSON at line 1, column 5".
  public var description: String {
    "\(reason.sentence) at line \(line), column \(column)"
  }
}

extension JSONError.Reason {
  fileprivate var sentence: String {
    switch self {
    case .empty: "no JSON value"
    case .unexpectedEnd: "unexpected end of JSON"
    case .unexpectedCharacter: "unexpected character in JSON"
    case .invalidNumber: "invalid number in JSON"
    case .invalidEscape: "invalid escape in a JSON string"
    case .loneSurrogate: "lone surrogate in a JSON string"
    case .controlCharacter: "control character in a JSON string"
    case .invalidUTF8: "invalid UTF-8 in a JSON string"
    case .tooDeep: "JSON nested too deeply"
    case .trailingContent: "unexpected content after the JSON value"
    }
  }
}
