import HoldfastModel
import Testing

@testable import HoldfastExchange

/// Times as other programs write them.
@Suite struct ForeignTimeTests {
  @Test(arguments: [
    ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
    ("2026-01-02T03:04:05.123456789+01:00", "2026-01-02T02:04:05.123456789Z"),
    ("2026-01-02 03:04:05.5 +0100 CET m=+0.000123", "2026-01-02T02:04:05.5Z"),
    ("2026-01-02 03:04:05 +0000 UTC", "2026-01-02T03:04:05Z"),
    ("2026-01-02 03:04:05.999999999 -0700 -07", "2026-01-02T10:04:05.999999999Z"),
    ("2026-01-02 03:04:05", "2026-01-02T03:04:05Z"),
    ("2026-01-02 03:04:05+02:00", "2026-01-02T01:04:05Z"),
    ("2026-01-02T03:04", "2026-01-02T03:04:00Z"),
    ("2026-01-02", "2026-01-02T00:00:00Z"),
    ("1767323045", "2026-01-02T03:04:05Z"),
    ("1767323045123", "2026-01-02T03:04:05.123Z"),
    ("1767323045123456", "2026-01-02T03:04:05.123456Z"),
    ("1767323045123456789", "2026-01-02T03:04:05.123456789Z"),
    ("1767323045.5", "2026-01-02T03:04:05.5Z"),
  ])
  func `a time is understood`(text: String, expected: String) {
    #expect(ForeignTime.read(text)?.time?.description == expected)
  }

  @Test(arguments: ["", "  ", "0", "0001-01-01T00:00:00Z", "0001-01-01 00:00:00 +0000 UTC"])
  func `an unset time is understood`(text: String) {
    #expect(ForeignTime.read(text) == ForeignTime.Read(time: nil))
  }

  @Test(arguments: [
    "yesterday", "2026-13-01", "2026-01-02T25:00:00Z", "2026/01/02", "2026-01-02 03:04:05 CET",
    "9999-01-01", "1e300", "nan", "-", "2026-01-02Tx", "2026-01-02 03:04:05 +1",
  ])
  func `anything else is refused`(text: String) {
    #expect(ForeignTime.read(text) == nil)
  }
}
