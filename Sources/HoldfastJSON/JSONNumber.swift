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

  /// A whole number divided by a power of ten, exactly: 250000 with six decimals is `0.25`.
  public init(_ value: Int128, decimals: Int = 0) {
    var digits = String(value.magnitude)
    if decimals > 0 {
      digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
      let fraction = digits.suffix(decimals)
      let kept = fraction.lastIndex { $0 != "0" }.map { fraction[...$0] } ?? ""
      digits = String(digits.dropLast(decimals)) + (kept.isEmpty ? "" : "." + kept)
    }
    text = (value < 0 ? "-" : "") + digits
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
