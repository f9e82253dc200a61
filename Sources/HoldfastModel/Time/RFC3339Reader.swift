/// A reader of one RFC 3339 time (https://www.rfc-editor.org/rfc/rfc3339#section-5.6).
struct RFC3339Reader {
  private var position = 0
  private let count: Int

  init(count: Int) { self.count = count }

  /// Reads the whole text; `nil` is the unset time.
  mutating func read(_ bytes: Span<UInt8>) throws(HoldfastError) -> Timestamp? {
    let date = CivilDate(
      year: try number(4, bytes), month: try number(2, after: "-", bytes),
      day: try number(2, after: "-", bytes))
    guard position < count, bytes[position] | 0x20 == UInt8(ascii: "t") else {
      throw refusal(bytes, "it is not RFC 3339, such as 2026-01-02T15:04:05Z")
    }
    position += 1
    let hour = try number(2, bytes)
    let minute = try number(2, after: ":", bytes)
    let second = try number(2, after: ":", bytes)
    let nanosecond = try fraction(bytes)
    let offset = try offset(bytes)
    guard position == count else {
      throw refusal(bytes, "something follows after the offset")
    }
    guard date.exists else { throw refusal(bytes, "the calendar has no such day") }
    guard second != 60 else { throw refusal(bytes, "leap seconds are not accepted") }
    guard hour <= 23, minute <= 59, second <= 59 else {
      throw refusal(bytes, "the clock has no such time of day")
    }
    let seconds =
      date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second - offset
    if seconds == Self.unsetSeconds && nanosecond == 0 { return nil }
    guard let nanoseconds = Self.nanoseconds(seconds, nanosecond) else {
      throw refusal(bytes, "only times from 1677-09-21 to 2262-04-11 can be kept")
    }
    return Timestamp(nanoseconds: nanoseconds)
  }

  /// 0001-01-01T00:00:00Z, in seconds since 1970.
  private static let unsetSeconds =
    CivilDate(year: 1, month: 1, day: 1).daysSince1970 * 86_400

  /// The sum in nanoseconds, or `nil` when Int64 does not hold it.
  ///
  /// Seconds below 0 move one towards 0 first: the product alone may not fit where the sum does.
  private static func nanoseconds(_ seconds: Int64, _ fraction: Int64) -> Int64? {
    let isNegative = seconds < 0
    let (product, overflow) =
      (isNegative ? seconds + 1 : seconds).multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return nil }
    let (sum, sumOverflow) = product.addingReportingOverflow(
      isNegative ? fraction - 1_000_000_000 : fraction)
    return sumOverflow ? nil : sum
  }

  private mutating func number(
    _ digits: Int, after separator: Unicode.Scalar? = nil, _ bytes: Span<UInt8>
  ) throws(HoldfastError) -> Int64 {
    if let separator {
      guard position < count, bytes[position] == UInt8(ascii: separator) else {
        throw refusal(bytes, "it is not RFC 3339, such as 2026-01-02T15:04:05Z")
      }
      position += 1
    }
    var value: Int64 = 0
    for _ in 0..<digits {
      guard position < count, let digit = Self.digit(bytes[position]) else {
        throw refusal(bytes, "it is not RFC 3339, such as 2026-01-02T15:04:05Z")
      }
      value = value * 10 + digit
      position += 1
    }
    return value
  }

  /// Reads the fraction, if there is one, in nanoseconds.
  private mutating func fraction(_ bytes: Span<UInt8>) throws(HoldfastError) -> Int64 {
    guard position < count, bytes[position] == UInt8(ascii: ".") else { return 0 }
    position += 1
    var value: Int64 = 0
    var digits = 0
    while position < count, let digit = Self.digit(bytes[position]) {
      digits += 1
      guard digits <= 9 else {
        throw refusal(bytes, "a fraction has at most 9 digits")
      }
      value = value * 10 + digit
      position += 1
    }
    guard digits > 0 else { throw refusal(bytes, "a fraction has at least 1 digit") }
    for _ in digits..<9 { value *= 10 }
    return value
  }

  /// Reads `Z` or `±hh:mm`, in seconds east of UTC.
  private mutating func offset(_ bytes: Span<UInt8>) throws(HoldfastError) -> Int64 {
    guard position < count else {
      throw refusal(bytes, "an offset is missing, such as Z or +02:00")
    }
    let sign: Int64
    switch bytes[position] {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"):
      position += 1
      return 0
    case UInt8(ascii: "+"): sign = 1
    case UInt8(ascii: "-"): sign = -1
    default: throw refusal(bytes, "an offset is missing, such as Z or +02:00")
    }
    position += 1
    let hours = try number(2, bytes)
    let minutes = try number(2, after: ":", bytes)
    guard hours <= 23, minutes <= 59 else {
      throw refusal(bytes, "an offset is at most 23:59")
    }
    return sign * (hours * 3_600 + minutes * 60)
  }

  private static func digit(_ byte: UInt8) -> Int64? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      ? Int64(byte - UInt8(ascii: "0")) : nil
  }

  private func refusal(_ bytes: Span<UInt8>, _ reason: String) -> HoldfastError {
    var text: [UInt8] = []
    for index in 0..<min(count, 64) { text.append(bytes[index]) }
    let shown = String(decoding: text, as: UTF8.self) + (count > 64 ? "…" : "")
    return HoldfastError(.invalidField, "invalid time \(shown.quoted): \(reason)")
  }
}
