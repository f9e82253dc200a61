import HoldfastJSON
import Testing

@Suite struct JSONStringTests {
  @Test(
    arguments: [
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u00E9""#, "Aéé"),
      (#""\u0000""#, "\0"), (#""a\u0000b""#, "a\0b"), (#""\ud83d\ude00""#, "😀"),
      (#""\uD800\uDC00""#, "\u{10000}"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
      (#""\uFFFF""#, "\u{FFFF}"), (#""\uD7FF\uE000""#, "\u{D7FF}\u{E000}"),
      (#""x\u2028y""#, "x\u{2028}y"), (#""é€😀""#, "é€😀"), (#""é\n€\t😀""#, "é\n€\t😀"),
      ("\"\u{7F}\"", "\u{7F}"), ("\"\u{10FFFF}\"", "\u{10FFFF}"), (#""\\u0041""#, #"\u0041"#),
      (#""'/""#, "'/"), ("\"\u{FEFF}\"", "\u{FEFF}"),
    ])
  func `escapes and raw characters are read`(text: String, expected: String) throws {
    let value = try #require(try read(text).stringValue)
    #expect(Array(value.utf8) == Array(expected.utf8))
  }

  @Test(arguments: 0...40)
  func `an escape is found wherever it stands`(position: Int) throws {
    let before = String(repeating: "x", count: position)
    let after = String(repeating: "y", count: 40 - position)
    #expect(try read(#""\#(before)\n\#(after)""#) == .string(before + "\n" + after))
    #expect(try read(#""\#(before)\"\#(after)""#) == .string(before + "\"" + after))
    #expect(try read(#""\#(before)""#) == .string(before))
    let error = try refusal("\"\(before)\n\(after)\"")
    #expect(error.reason == .controlCharacter)
    #expect(error.offset == position + 1)
  }

  @Test(arguments: UInt8(0)...0x1F)
  func `a raw control character is refused`(byte: UInt8) throws {
    let error = try refusal(quoted([0x61, byte, 0x62]))
    #expect(error.reason == .controlCharacter)
    #expect(error.offset == 2)
  }

  @Test(
    arguments: [
      #""\x""#, #""\'""#, #""\0""#, #""\a""#, #""\v""#, #""\U0041""#, #""\u""#, #""\u004""#,
      #""\u004g""#, #""\u 041""#, #""\u+041""#, #""\u{41}""#, "\"\\\n\"", #""\é""#, #""\ ""#,
      #""\ud83d\u12""#,
    ])
  func `an unknown escape is refused`(text: String) throws {
    #expect(try refusal(text).reason == .invalidEscape)
  }

  @Test(
    arguments: [
      #""\ud800""#, #""\udc00""#, #""\udbff""#, #""\udfff""#, #""\udc00\ud800""#,
      #""\ud800\ud800""#, #""\ud800\u0041""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\\udc00""#,
    ])
  func `half a surrogate pair is refused where it stands`(text: String) throws {
    let error = try refusal(text)
    #expect(error.reason == .loneSurrogate)
    #expect(error.offset == 1)
  }

  static let invalidUTF8: [[UInt8]] = [
    [0x80], [0xBF], [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC2], [0xC3, 0x28],
    [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1],
    [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
    [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
    [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
    [0xFE], [0xFF],
  ]

  @Test(arguments: invalidUTF8)
  func `bytes that are not UTF-8 are refused where they stand`(bytes: [UInt8]) throws {
    for prefix in ["", "abc", "é€😀 0123456789", #"\n"#, #"\u00e9\t"#] {
      let error = try refusal(quoted(Array(prefix.utf8) + bytes + Array("tail".utf8)))
      #expect(error.reason == .invalidUTF8)
      #expect(error.offset == 1 + prefix.utf8.count)
    }
    #expect(try refusal(quoted(bytes)).reason == .invalidUTF8)
    #expect(try refusal([0x7B] + quoted(bytes) + Array(":1}".utf8)).reason == .invalidUTF8)
  }

  @Test func `an escape does not complete a broken sequence`() throws {
    let error = try refusal(quoted([0xC3] + Array(#"\u00a9"#.utf8)))
    #expect(error.reason == .invalidUTF8)
    #expect(error.offset == 1)
  }

  @Test func `bytes that are not UTF-8 outside of strings are refused`() throws {
    #expect(try refusal([0xFF]).reason == .unexpectedCharacter)
    #expect(try refusal([0xEF, 0xBB, 0xBF, 0x31]).reason == .unexpectedCharacter)
    #expect(try refusal([0xFF, 0xFE, 0x31, 0x00]).reason == .unexpectedCharacter)
  }

  @Test func `the first thing wrong is the one reported`() throws {
    #expect(try refusal("\"\\x\n\"").reason == .invalidEscape)
    #expect(try refusal(#""\x"#).reason == .invalidEscape)
    #expect(try refusal("\"\\n\n\"").reason == .controlCharacter)
    #expect(try refusal(#""\ud800"#).offset == 1)
  }
}
