import Testing

@testable import holdfast

@Suite struct VisibleTextTests {
  @Test(arguments: [
    ("plain", "plain"),
    ("grüße 日本 👩‍👩‍👧", "grüße 日本 👩‍👩‍👧"),
    ("\u{1B}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
    ("a\tb\nc", "a\\u{9}b\\u{a}c"),
    ("\u{7F}\u{85}\u{9B}31m", "\\u{7f}\\u{85}\\u{9b}31m"),
    ("a\u{202E}b\u{2066}c\u{200F}", "a\\u{202e}b\\u{2066}c\\u{200f}"),
    ("\u{2028}\u{FEFF}\u{E0041}", "\\u{2028}\\u{feff}\\u{e0041}"),
    ("\r\n", "\\u{d}\\u{a}"),
  ])
  func `what steers a terminal becomes visible`(text: String, visible: String) {
    #expect(VisibleText.line(text) == visible)
  }

  @Test func `text of several lines keeps its breaks`() {
    #expect(VisibleText.lines("a\tb\nc\rd") == "a\tb\nc\\u{d}d")
    #expect(VisibleText.lines("a\r\nb") == "a\\u{d}\nb")
  }

  @Test(
    arguments: [
      ([0x61, 0xFF, 0x62], "a\\xffb"),
      ([0xC3, 0xA9, 0xC3], "é\\xc3"),
      ([0xE2, 0x82, 0x41, 0x0A], "\\xe2\\x82A\n"),
      ([0x9B, 0x33, 0x31, 0x6D], "\\x9b31m"),
    ] as [([UInt8], String)])
  func `bytes that are no text become visible`(bytes: [UInt8], visible: String) {
    #expect(String(decoding: VisibleText.lines(bytes), as: UTF8.self) == visible)
  }

  @Test func `JSON keeps its meaning`() {
    #expect(VisibleText.json("{\"a\":\"\u{7F}\u{E0041}\"}") == "{\"a\":\"\\u007f\\udb40\\udc41\"}")
  }
}
