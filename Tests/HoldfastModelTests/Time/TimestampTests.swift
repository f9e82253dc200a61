import Testing

@testable import HoldfastModel
import struct HoldfastTesting.SeededGenerator

@Suite struct TimestampTests {
  private func parse(_ text: String) -> Int64? {
    (try? Timestamp.parse(text))?.nanoseconds
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0),
      ("1970-01-01T00:00:00.000000001Z", 1),
      ("1969-12-31T23:59:59.999999999Z", -1),
      ("1969-12-31T23:59:58.5Z", -1_500_000_000),
      ("2026-01-02T01:04:05.123456789Z", 1_767_315_845_123_456_789),
      ("2026-01-02T03:04:05.123456789+02:00", 1_767_315_845_123_456_789),
      ("2026-01-01T23:34:05.123456789-01:30", 1_767_315_845_123_456_789),
      ("2000-02-29t12:00:00z", 951_825_600_000_000_000),
      ("2024-02-29T00:00:00-00:00", 1_709_164_800_000_000_000),
      ("1677-09-21T00:12:43.145224192Z", Int64.min),
      ("2262-04-11T23:47:16.854775807Z", Int64.max),
      ("1970-01-02T23:59:00+23:59", 86_400_000_000_000),
    ] as [(String, Int64)])
  func `a time is read to the nanosecond`(text: String, nanoseconds: Int64) {
    #expect(parse(text) == nanoseconds)
  }

  @Test(arguments: [
    ("2026-01-02T03:04:05.120+02:00", "2026-01-02T01:04:05.12Z"),
    ("2026-01-02T01:04:05.000000000Z", "2026-01-02T01:04:05Z"),
    ("2026-01-02T01:04:05.000000100Z", "2026-01-02T01:04:05.0000001Z"),
    ("1900-03-01T00:00:00Z", "1900-03-01T00:00:00Z"),
    ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"),
    ("1677-09-21T00:12:43.145224192Z", "1677-09-21T00:12:43.145224192Z"),
    ("2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z"),
    ("2024-12-31T23:30:00-01:00", "2025-01-01T00:30:00Z"),
  ])
  func `a time is written in UTC without trailing zeros`(given: String, written: String) throws {
    #expect(try Timestamp.parse(given)?.description == written)
  }

  @Test(arguments: [
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "0001-01-01T02:00:00+02:00",
    "0000-12-31T23:00:00-01:00", "0001-01-01t00:00:00z",
  ])
  func `the zero time is unset`(text: String) throws {
    #expect(try Timestamp.parse(text) == nil)
  }

  @Test(arguments: [
    "", " ", "2026", "2026-01-02", "2026-01-02T01:04Z", "2026-01-02T01:04:05",
    "2026-01-02 01:04:05Z", "2026-01-02T01:04:05.Z", "2026-01-02T01:04:05,5Z",
    "2026-01-02T01:04:05.1234567890Z", "2026-01-02T01:04:60Z", "2026-01-02T01:60:05Z",
    "2026-01-02T24:00:00Z", "2026-13-02T01:04:05Z", "2026-00-02T01:04:05Z",
    "2026-01-00T01:04:05Z", "2026-01-32T01:04:05Z", "2026-04-31T01:04:05Z",
    "2026-02-29T01:04:05Z", "1900-02-29T01:04:05Z", "2100-02-29T01:04:05Z",
    "2026-1-02T01:04:05Z", "2026-01-02T1:04:05Z", "2026-01-02T01:04:05+24:00",
    "2026-01-02T01:04:05+02:60", "2026-01-02T01:04:05+0200", "2026-01-02T01:04:05+02",
    "2026-01-02T01:04:05ZZ", "2026-01-02T01:04:05Z ", " 2026-01-02T01:04:05Z",
    "+2026-01-02T01:04:05Z", "12026-01-02T01:04:05Z", "2262-04-11T23:47:16.854775808Z",
    "1677-09-21T00:12:43.145224191Z", "0001-01-01T00:00:00.000000001Z", "9999-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z", "2026-01-02T01:04:05\u{FF3A}", "２026-01-02T01:04:05Z", "null",
  ])
  func `a text that is no time, or out of range, is refused`(text: String) {
    let error = refusal(try Timestamp.parse(text))
    #expect(error?.code == .invalidField)
    #expect(error?.message.hasPrefix("invalid time \"") == true)
  }

  @Test func `the sentence says what is wrong and cuts a long text`() {
    let leap = refusal(try Timestamp.parse("2016-12-31T23:59:60Z"))
    #expect(
      leap?.message == "invalid time \"2016-12-31T23:59:60Z\": leap seconds are not accepted")
    let long = String(repeating: "9", count: 100_000)
    let error = refusal(try Timestamp.parse(long))
    #expect((error?.message.utf8.count ?? .max) < 300)
  }

  @Test func `times of four hundred years come back by the calendar`() {
    var days = CivilDate(year: 1677, month: 1, day: 1).daysSince1970
    var expected = CivilDate(year: 1677, month: 1, day: 1)
    while expected.year < 2263 {
      let date = CivilDate(daysSince1970: days)
      guard date == expected, date.daysSince1970 == days, date.exists else {
        Issue.record("day \(days): \(date) instead of \(expected)")
        return
      }
      days += 1
      expected.day += 1
      if !expected.exists {
        expected.day = 1
        expected.month += 1
      }
      if expected.month > 12 {
        expected.month = 1
        expected.year += 1
      }
    }
  }

  @Test func `random times come back to the digit`() throws {
    var generator = SeededGenerator(seed: 42)
    for _ in 0..<20_000 {
      let time = Timestamp(
        nanoseconds: Int64.random(in: Int64.min...Int64.max, using: &generator))
      #expect(try Timestamp.parse(time.description) == time)
    }
  }

  @Test func `random bytes never trap`() {
    var generator = SeededGenerator(seed: 3)
    let letters = Array("0123456789-:.TZ+ \u{E9}".utf8)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...40, using: &generator)
      let bytes = (0..<count).map { _ in letters.randomElement(using: &generator) ?? 0 }
      _ = try? Timestamp.parse(utf8: bytes.span)
    }
  }

  @Test func `times compare as numbers`() throws {
    let earlier = try #require(try Timestamp.parse("2026-01-02T01:04:00Z"))
    let later = try #require(try Timestamp.parse("2026-01-02T01:04:00.5Z"))
    #expect(earlier < later)
  }
}
