/// Writes compact JSON into bytes and puts the commas where they belong.
///
///     var writer = JSONWriter()
///     writer.beginObject()
///     writer.key("filename")
///     writer.string(task.filename)
///     writer.endObject()
///     send(writer.bytes)
///
/// The writer does not check that the calls make a whole document: that is the caller's grammar.
public struct JSONWriter: Sendable {
  /// What has been written so far, in UTF-8, but for what was taken.
  public internal(set) var bytes: [UInt8] = []

  let escapingHTML: Bool
  /// Whether a value has just ended, so that the next one needs a comma before it.
  private var needsComma = false

  /// An empty document.
  /// - Parameters:
  ///   - escapingHTML: Whether `<`, `>`, `&`, U+2028 and U+2029 are written as `\u003c` and so
  ///     on, as Go's `encoding/json` does.
  ///   - capacity: The number of bytes to make room for at once.
  public init(escapingHTML: Bool = false, reserving capacity: Int = 256) {
    self.escapingHTML = escapingHTML
    bytes.reserveCapacity(capacity)
  }

  /// Takes what has been written so far; what follows goes on from there.
  public mutating func takeBytes() -> [UInt8] {
    let taken = bytes
    bytes = []
    return taken
  }

  /// Opens an object.
  public mutating func beginObject() {
    startValue()
    bytes.append(Byte.openBrace)
    needsComma = false
  }

  /// Closes the innermost object.
  public mutating func endObject() {
    bytes.append(Byte.closeBrace)
    needsComma = true
  }

  /// Opens an array.
  public mutating func beginArray() {
    startValue()
    bytes.append(Byte.openBracket)
    needsComma = false
  }

  /// Closes the innermost array.
  public mutating func endArray() {
    bytes.append(Byte.closeBracket)
    needsComma = true
  }

  /// Writes a boolean.
  public mutating func bool(_ value: Bool) {
    startValue()
    append(value ? "true" : "false")
  }

  /// Writes `null`.
  public mutating func null() {
    startValue()
    append("null")
  }

  /// Writes a whole number.
  public mutating func int(_ value: Int) {
    int(Int64(value))
  }

  /// Writes a whole number.
  public mutating func int(_ value: Int64) {
    startValue()
    var digits: [20 of UInt8] = .init(repeating: Byte.minus)
    var start = digits.count
    var rest = value.magnitude
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      start -= 1
      digits[start] = Byte.zero + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    } while rest > 0
    if value < 0 { start -= 1 }  // the byte is a minus already
    digits.span.extracting(start...).withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// Writes a number as it is written.
  public mutating func number(_ value: JSONNumber) {
    startValue()
    bytes.append(contentsOf: value.text.utf8)
  }

  /// Writes a value that is already rendered, as it is.
  public mutating func raw(_ rendered: [UInt8]) {
    startValue()
    bytes.append(contentsOf: rendered)
  }

  /// Writes any value.
  public mutating func value(_ json: JSON) {
    switch json {
    case .null: null()
    case .bool(let flag): bool(flag)
    case .number(let value): number(value)
    case .string(let text): string(text)
    case .array(let elements):
      beginArray()
      for element in elements { value(element) }
      endArray()
    case .object(let object):
      beginObject()
      for member in object.members {
        key(member.key)
        value(member.value)
      }
      endObject()
    }
  }

  /// Ends a document with a newline; another one may follow.
  public mutating func newline() {
    bytes.append(Byte.newline)
    needsComma = false
  }
}

extension JSONWriter {
  /// Writes the comma that is due, and counts on a value being written next.
  @inline(__always)
  mutating func startValue() {
    if needsComma { bytes.append(Byte.comma) }
    needsComma = true
  }

  /// Writes the colon behind a key.
  @inline(__always)
  mutating func endKey() {
    bytes.append(Byte.colon)
    needsComma = false
  }

  /// Starts the line of a member or an element, after the comma that is due.
  mutating func startLine(depth: Int) {
    if needsComma { bytes.append(Byte.comma) }
    endLine(depth: depth)
  }

  /// Starts a line without a comma.
  mutating func endLine(depth: Int) {
    newline()
    bytes.append(contentsOf: repeatElement(Byte.space, count: depth * 2))
  }

  /// Writes the space between a key and its value.
  mutating func appendSpace() {
    bytes.append(Byte.space)
  }

  @inline(__always)
  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }
}
