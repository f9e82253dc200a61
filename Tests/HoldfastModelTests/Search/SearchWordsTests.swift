import HoldfastModel
import Testing

/// How texts are cut into words.
@Suite struct SearchWordsTests {
  @Test(arguments: [
    ("", ""), ("Fix the LOGIN-page, now!", "fix the login page now"),
    ("user_id = 42;v2.1", "user id 42 v2 1"), ("Été à Zürich, Łódź", "ete a zurich lodz"),
    ("E\u{301}te\u{301}", "ete"), ("Ώρα Άλφα ΣΟΦΟΣ σοφός", "ωρα αλφα σοφοσ σοφοσ"),
    ("Ёлка й и\u{306}", "елка и и"), ("İstanbul", "istanbul"), ("Straße ẞ", "straße ß"),
    ("日本語 テスト", "日 本 語 テ ス ト"), ("한국어 검색", "한국어 검색"),
    ("a\u{ad}b c\u{200d}d", "ab cd"), ("x\u{0}y", "x y"), ("<b>&amp;</b>", "b amp b"),
    ("नमस्ते", "नमस्ते"), ("²½", "²½"), ("👍 ok", "ok"),
  ])
  func `a text has these words`(text: String, words: String) {
    #expect(SearchWords.joined(text) == words)
  }

  @Test(
    arguments: [
      [0xff, 0x61, 0xc3], [0x61, 0xe2, 0x82], [0xf0, 0x9f, 0x61], [0xc0, 0xbc, 0x61],
      [0xed, 0xa0, 0x80, 0x61], [0xf4, 0x90, 0x80, 0x80, 0x61],
    ] as [[UInt8]])
  func `what is not UTF-8 stands between words`(bytes: [UInt8]) {
    #expect(bytes.withUnsafeBytes { SearchWords.joined($0) } == "a")
  }

  @Test func `places are those of the bytes`() {
    var places: [Range<Int>] = []
    Array("é, b日c".utf8).withUnsafeBytes { bytes in
      SearchWords.each(in: bytes) { places.append($1) }
    }
    #expect(places == [0..<2, 4..<5, 5..<8, 8..<9])
  }

  @Test func `long words and long texts are cut`() {
    #expect(SearchWords.joined(String(repeating: "a", count: 500)).utf8.count == 100)
    #expect(SearchWords.joined("a" + String(repeating: "ж", count: 500)).utf8.count == 99)
    let long = String(repeating: "word ", count: 100_000)
    #expect(SearchWords.joined(long).utf8.count <= SearchWords.textBytesMax)
  }
}
