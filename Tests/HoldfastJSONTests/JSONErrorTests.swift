import HoldfastJSON
import Testing

@Suite struct JSONErrorTests {
  @Test(
    arguments: [
      ("[1,2", "unexpected end of JSON at line 1, column 5"),
      ("", "no JSON value at line 1, column 1"),
      ("\n\n  [1,\n  x]", "unexpected character in JSON at line 4, column 3"),
      ("\r\n1.", "invalid number in JSON at line 2, column 3"),
      (#"["\q"]"#, "invalid escape in a JSON string at line 1, column 3"),
      (#"["é€😀\ud800"]"#, "lone surrogate in a JSON string at line 1, column 6"),
      ("\"é\n\"", "control character in a JSON string at line 1, column 3"),
      ("[]\n[]", "unexpected content after the JSON value at line 2, column 1"),
    ])
  func `an error says what is wrong and where`(text: String, description: String) throws {
    #expect(try refusal(text).description == description)
  }

  @Test func `an error in bytes counts from the start of the line`() throws {
    let error = try refusal(Array("[\n\n \"é".utf8) + [0xFF, 0x22, 0x5D])
    #expect(error.reason == .invalidUTF8)
    #expect(error.offset == 7)
    #expect(error.line == 3)
    #expect(error.column == 4)
    #expect(error.description == "invalid UTF-8 in a JSON string at line 3, column 4")
  }

  @Test func `nesting beyond the limit is told`() throws {
    let error = try refusal(String(repeating: "[", count: 513))
    #expect(error.description == "JSON nested too deeply at line 1, column 513")
  }
}
