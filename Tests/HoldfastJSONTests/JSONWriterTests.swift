import HoldfastJSON
import Testing

@Suite struct JSONWriterTests {
  private func text(
    escapingHTML: Bool = false, _ write: (inout JSONWriter) -> Void
  ) -> String {
    var writer = JSONWriter(escapingHTML: escapingHTML)
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `commas stand between values and nowhere else`() {
    let written = text { writer in
      let name = "computed \"key\""
      writer.beginObject()
      writer.key("a")
      writer.beginArray()
      writer.endArray()
      writer.key("b")
      writer.beginObject()
      writer.endObject()
      writer.key(name)
      writer.beginArray()
      writer.int(1)
      writer.int(Int64(2))
      writer.bool(true)
      writer.bool(false)
      writer.null()
      writer.string("x")
      writer.number(JSONNumber(0.5))
      writer.raw(Array(#"{"r":1}"#.utf8))
      writer.value(["v": [1, 2]])
      writer.beginArray()
      writer.beginArray()
      writer.endArray()
      writer.endArray()
      writer.endArray()
      writer.endObject()
      writer.newline()
      writer.null()
      writer.newline()
    }
    #expect(
      written == """
        {"a":[],"b":{},"computed \\"key\\"":[1,2,true,false,null,"x",0.5,{"r":1},{"v":[1,2]},[[]]]}
        null

        """)
  }

  @Test(
    arguments: [
      0, 1, -1, 9, 10, -10, 99, 100, 1234, -98765, 1_000_000_007, .max, .min, .max - 1, .min + 1,
    ] as [Int64])
  func `a whole number is written in full`(value: Int64) {
    #expect(text { $0.int(value) } == String(value))
    #expect(text { $0.value(.number(JSONNumber(value))) } == String(value))
  }

  @Test(
    arguments: [
      ("", ""), ("plain", "plain"), ("\"\\/", #"\"\\/"#), ("\n\r\t\u{8}\u{C}", #"\n\r\t\b\f"#),
      ("\0\u{1}\u{B}\u{1F}", #"\u0000\u0001\u000b\u001f"#), ("\u{7F}", "\u{7F}"),
      ("é€😀\u{2028}<>&", "é€😀\u{2028}<>&"), ("a\nb", #"a\nb"#),
    ])
  func `only what must be escaped is escaped`(value: String, escaped: String) {
    let expected = Array("\"\(escaped)\"".utf8)
    #expect(JSON.string(value).rendered() == expected)
    #expect(
      JSON.object(JSONObject([(value, 1)])).rendered() == [0x7B] + expected + [0x3A, 0x31, 0x7D])
    var writer = JSONWriter()
    writer.string(utf8: Array(value.utf8))
    #expect(writer.bytes == expected)
  }

  @Test(
    arguments: [
      ("<a href=\"x\">&amp;", #"\u003ca href=\"x\"\u003e\u0026amp;"#),
      ("\u{2028}\u{2029}", #"\u2028\u2029"#), ("\u{2027}\u{202A}—€", "\u{2027}\u{202A}—€"),
      ("12345678<", #"12345678\u003c"#), ("\u{28A8}\u{A8}", "\u{28A8}\u{A8}"),
      ("\u{1}\n'/\u{7F}", #"\u0001\n'/\#u{7F}"#), ("—<—\u{2029}—", #"—\u003c—\u2029—"#),
    ])
  func `what HTML acts upon is escaped byte for byte`(value: String, escaped: String) {
    #expect(JSON.string(value).rendered(escapingHTML: true) == Array("\"\(escaped)\"".utf8))
    let key = JSON.object(JSONObject([(value, nil)])).rendered(escapingHTML: true)
    #expect(key == Array("{\"\(escaped)\":null}".utf8))
  }

  @Test(arguments: 0...40, ["\"", "\u{1F}", "<", "\u{2028}", "—"])
  func `an escape is found wherever it stands`(position: Int, special: String) throws {
    let before = String(repeating: "x", count: position)
    let value = JSON.string(before + special + String(repeating: "y", count: 40 - position))
    #expect(try JSONReader.read(value.rendered()) == value)
    #expect(try JSONReader.read(value.rendered(escapingHTML: true)) == value)
  }

  @Test(
    arguments: [
      ([0xFF], 1), ([0x80, 0x80], 2), ([0xE2, 0x82], 2), ([0xF0, 0x9F, 0x98], 3),
      ([0xED, 0xA0, 0x80], 3), ([0xC0, 0xAF], 2), ([0xC3], 1),
    ] as [([UInt8], Int)]
  )
  func `each byte that is not UTF-8 is replaced`(invalid: [UInt8], count: Int) {
    let bytes = Array("0123456789<é".utf8) + invalid + Array("\n€".utf8) + invalid
    let replaced = String(repeating: "\u{FFFD}", count: count)
    #expect(text { $0.string(utf8: bytes) } == "\"0123456789<é\(replaced)\\n€\(replaced)\"")
    let escaped = String(repeating: "\\ufffd", count: count)
    #expect(
      text(escapingHTML: true) { $0.string(utf8: bytes) }
        == "\"0123456789\\u003cé\(escaped)\\n€\(escaped)\"")
  }
}
