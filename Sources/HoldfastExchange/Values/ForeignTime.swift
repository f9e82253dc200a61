internal import HoldfastModel

/// Times as other programs write them.
enum ForeignTime {
  /// A time that was understood; nil inside for an unset one.
  struct Read: Equatable {
    let time: Timestamp?
  }

  /// Reads RFC 3339; what Go's `time.Time.String()` prints (`2026-01-02 15:04:05.9 +0100 CET m=+0.1`);
  /// SQLite's `2026-01-02 15:04:05` and the day alone, both in UTC; and numbers in a text.
  ///
  /// - Returns: nil for anything else.
  static func read(_ text: String) -> Read? {
    let text = text.trimmed
    if text.isEmpty { return Read(time: nil) }
    if let number = Int64(text) { return read(number) }
    if let number = Double(text) { return read(number) }
    guard let normalised = normalised(text), let time = try? Timestamp.parse(normalised) else {
      // The year 1 in any zone means unset, also where its offset moves it into the year 0.
      return text.hasPrefix("0001-01-01") || text.hasPrefix("0000-12-31") ? Read(time: nil) : nil
    }
    return Read(time: time)
  }

  /// Reads a number since 1970: seconds, milliseconds, microseconds or nanoseconds by its size.
  static func read(_ number: Int64) -> Read? {
    if number == 0 { return Read(time: nil) }
    let unit: Int64 =
      switch number.magnitude {
      case ..<100_000_000_000: 1_000_000_000
      case ..<100_000_000_000_000: 1_000_000
      case ..<100_000_000_000_000_000: 1_000
      default: 1
      }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    return overflow ? nil : Read(time: Timestamp(nanoseconds: product))
  }

  /// Reads seconds since 1970 with a fraction, as far as a double keeps it.
  static func read(_ number: Double) -> Read? {
    guard number.isFinite else { return nil }
    if number == number.rounded(), let whole = Int64(exactly: number) { return read(whole) }
    guard number.magnitude < 9e9 else { return nil }
    let seconds = number.rounded(.down)
    let nanoseconds = ((number - seconds) * 1e9).rounded()
    return Read(time: Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000 + Int64(nanoseconds)))
  }

  /// The text as RFC 3339, or nil when it has another shape.
  private static func normalised(_ text: String) -> String? {
    var rest = Array(text.utf8)[...]
    guard rest.count >= 10 else { return nil }
    let date = rest.prefix(10)
    rest = rest.dropFirst(10)
    if rest.isEmpty { return String(decoding: date, as: UTF8.self) + "T00:00:00Z" }
    guard let separator = rest.first, separator | 0x20 == UInt8(ascii: "t") || separator == 0x20
    else { return nil }
    rest = rest.dropFirst()
    let clock = rest.prefix { isDigit($0) || $0 == UInt8(ascii: ":") }
    rest = rest.dropFirst(clock.count)
    // `15:04` has no seconds.
    let seconds = clock.count == 5 ? Array(clock) + Array(":00".utf8) : Array(clock)
    var fraction: [UInt8] = []
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix(while: isDigit)
      rest = rest.dropFirst(1 + digits.count)
      if !digits.isEmpty { fraction = [UInt8(ascii: ".")] + Array(digits.prefix(9)) }
    }
    guard let offset = offset(rest) else { return nil }
    return String(decoding: Array(date) + [UInt8(ascii: "T")] + seconds + fraction, as: UTF8.self)
      + offset
  }

  /// `Z`, `+01:00`, ` +0100 CET m=+0.1`, ` UTC` or nothing, as an offset of RFC 3339.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> String? {
    let words = bytes.split(separator: 0x20)
    guard let first = words.first else { return "Z" }
    let word = String(decoding: first, as: UTF8.self)
    if word == "Z" || word == "z" || word == "UTC" || word == "GMT" { return "Z" }
    guard let sign = first.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
      return nil
    }
    let digits = first.dropFirst().filter { $0 != UInt8(ascii: ":") }
    guard digits.allSatisfy(isDigit), digits.count == 4 || digits.count == 2 else { return nil }
    let hours = String(decoding: digits.prefix(2), as: UTF8.self)
    let minutes = digits.count == 4 ? String(decoding: digits.suffix(2), as: UTF8.self) : "00"
    return (sign == UInt8(ascii: "+") ? "+" : "-") + hours + ":" + minutes
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
