import HoldfastModel
import Testing

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("", ""), ("aZ09-._~", "aZ09-._~"), ("a b/c", "a%20b%2Fc"), ("é%", "%C3%A9%25"), ("\0", "%00"),
  ])
  func `what is not unreserved is encoded, and comes back`(_ text: String, _ encoded: String) {
    #expect(PercentEncoding.text(text.utf8) == encoded)
    #expect(PercentEncoding.bytes(encoded.utf8) == Array(text.utf8))
  }

  @Test(arguments: ["%", "%4", "%4g", "%g4", "a%", "%%41", "%+1", "%-1"])
  func `a percent sign without two hex digits is refused`(_ text: String) {
    #expect(PercentEncoding.bytes(text.utf8) == nil)
  }

  @Test func `a plus is a space only in forms`() {
    #expect(PercentEncoding.bytes("a+%2b".utf8) == Array("a++".utf8))
    #expect(PercentEncoding.bytes("a+%2b".utf8, plusIsSpace: true) == Array("a +".utf8))
  }
}
