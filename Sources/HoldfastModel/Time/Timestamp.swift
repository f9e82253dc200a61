/// A point in time, to the nanosecond, from 1677-09-21 to 2262-04-11.
///
/// Times are compared as numbers: RFC 3339 text with trimmed fractions does not sort
/// (`…00.5Z` comes before `…00Z`). An unset time is no `Timestamp`; it is `nil`.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted; negative before.
  public let nanoseconds: Int64

  /// Creates a time from nanoseconds since 1970-01-01T00:00:00Z.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// What is written for an unset time, and read as one.
  public static let unsetText = "0001-01-01T00:00:00Z"

  /// Whether one time is before another.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Reads RFC 3339 text: `2026-01-02T01:04:05.123456789+02:00`.
  ///
  /// - Returns: The time, or `nil` for the unset time, `0001-01-01T00:00:00Z` in any offset.
  /// - Throws: ``HoldfastError`` with a sentence when the text is not RFC 3339, has more than 9
  ///   digits of fraction or a leap second, or lies outside of 1677 to 2262.
  public static func parse(_ text: String) throws(HoldfastError) -> Timestamp? {
    try parse(utf8: text.utf8Span.span)
  }

  /// Reads RFC 3339 text from its UTF-8 bytes, by the rules of ``parse(_:)``.
  ///
  /// - Returns: The time, or `nil` for the unset time.
  /// - Throws: ``HoldfastError`` as ``parse(_:)`` does.
  public static func parse(utf8 bytes: Span<UInt8>) throws(HoldfastError) -> Timestamp? {
    var reader = RFC3339Reader(count: bytes.count)
    return try reader.read(bytes)
  }

  /// Appends the time as RFC 3339 text in UTC, trailing zeros of the fraction trimmed.
  public func write(into bytes: inout [UInt8]) {
    let (seconds, fraction) = Self.divided(nanoseconds, by: 1_000_000_000)
    let (days, secondOfDay) = Self.divided(seconds, by: 86_400)
    let date = CivilDate(daysSince1970: days)
    Self.append(date.year, digits: 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.append(date.month, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.append(date.day, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: "T"))
    Self.append(secondOfDay / 3_600, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    Self.append(secondOfDay / 60 % 60, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    Self.append(secondOfDay % 60, digits: 2, to: &bytes)
    if fraction != 0 {
      var digits = 9
      var rest = fraction
      while rest.isMultiple(of: 10) {
        rest /= 10
        digits -= 1
      }
      bytes.append(UInt8(ascii: "."))
      Self.append(rest, digits: digits, to: &bytes)
    }
    bytes.append(UInt8(ascii: "Z"))
  }

  /// The time as RFC 3339 text in UTC.
  public var description: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(30)
    write(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Division that rounds down, so that the rest is never negative.
  private static func divided(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }

  private static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
    var unit: Int64 = 1
    for _ in 1..<digits { unit *= 10 }
    while unit > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / unit % 10))
      unit /= 10
    }
  }
}
