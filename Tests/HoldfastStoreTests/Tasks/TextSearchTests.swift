import Testing

@testable import HoldfastStore

@Suite struct TextSearchTests {
  @Test(arguments: [
    ("b", "abc"), ("abc", "abc"), ("ABC", "xabc"), ("abc", "aabABC"), ("é", "café"),
    (" ", "a b"), ("c", "abc"), ("\u{0}b", "a\u{0}b"),
  ])
  func `a text is found anywhere, ASCII letters in either case`(needle: String, text: String) {
    #expect(TextSearch(needle).matches(text))
  }

  @Test(arguments: [
    ("abc", "ab"), ("x", "abc"), ("a", ""), ("É", "é"), ("e\u{301}", "é"), ("[", "{"), ("@", "`"),
  ])
  func `nothing else is found`(needle: String, text: String) {
    #expect(!TextSearch(needle).matches(text))
  }
}
