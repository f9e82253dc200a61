/// A number as JSON writes it: decimal digits of any length, never rounded by being read.
///
/// Two numbers are equal when they are written alike: `1` and `1.0` differ.
public struct JSONNumber: Sendable, Hashable, CustomStringConvertible {
  /// The number exactly as it was written.
  public let text: String

  /// Takes text that is known to follow the grammar of RFC 8259.
  init(checked text: String) {
    self.text = text
  }

  /// A whole number.
  public init(_ value: Int64) {
    text = String(value)
  }

  /// A finite number, written with the fewest digits that read back as the same value.
  /// - Precondition: The value is finite: JSON can write neither infinity nor "not a number".
  public init(_ value: Double) {
    precondition(value.isFinite, "JSON can write only finite numbers")
    // Below 2^53 every whole double is exactly an integer.
    if value.magnitude < 0x1p53, value == Double(Int64(value)) {
      text = value == 0 && value.sign == .minus ? "-0" : String(Int64(value))
    } else {
      text = value.description
    }
  }

  /// The number as written.
  public var description: String { text }

  /// The nearest double, or nil when the number is beyond what a double can hold.
  public var double: Double? {
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }
}
