import HoldfastJSON
import Testing

@Suite struct JSONReaderTests {
  @Test(
    arguments: [
      ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("0", 0), ("-12", -12),
      (#""""#, ""), (#""a""#, "a"), ("[]", []), ("{}", [:]), ("[1]", [1]), ("[1,2,3]", [1, 2, 3]),
      ("[[],[[]]]", [[], [[]]]), (#"{"a":1}"#, ["a": 1]), (#"{"":{}}"#, ["": [:]]),
      (#"{"a":[{"b":null}],"c":"d"}"#, ["a": [["b": nil]], "c": "d"]),
    ] as [(String, JSON)]
  )
  func `every kind of value is read`(text: String, expected: JSON) throws {
    #expect(try read(text) == expected)
  }

  @Test func `white space may stand around every token`() throws {
    let space = " \t\r\n"
    let tokens = ["{", #""a""#, ":", "[", "1", ",", "null", "]", ",", #""b""#, ":", "{", "}", "}"]
    let text = space + tokens.joined(separator: space) + space
    #expect(try read(text) == ["a": [1, nil], "b": [:]])
  }

  @Test(arguments: ["\u{C}", "\u{B}", "\u{A0}", "\u{2028}", "\0"])
  func `other white space is refused`(space: String) throws {
    #expect(try refusal(space + "1").reason == .unexpectedCharacter)
    #expect(try refusal("1" + space).reason == .trailingContent)
    #expect(try refusal("[" + space + "]").reason == .unexpectedCharacter)
  }

  @Test(
    arguments: [
      "nul", "tru", "fals", "[", "{", "[1", "[1,", #"{"a"#, #"{"a""#, #"{"a":"#, #"{"a":1"#,
      #"{"a":1,"#, #"""#, #""abc"#, #""\"#, #""\u"#, #""\u00"#, #""\u004"#, "[[]", #"["a"#,
    ])
  func `a document that ends too soon is refused at its end`(text: String) throws {
    let error = try refusal(text)
    #expect(error.reason == .unexpectedEnd)
    #expect(error.offset == text.utf8.count)
  }

  @Test(
    arguments: [
      ("nulL", 3), ("True", 0), ("NaN", 0), ("Infinity", 0), ("-Infinity", 1), ("'a'", 0),
      ("[1,]", 3), ("[,1]", 1), ("[1 2]", 3), ("[1:2]", 2), ("[}", 1), ("{]", 1), ("{,}", 1),
      (#"{"a":1,}"#, 7), (#"{"a",1}"#, 4), (#"{"a"}"#, 4), (#"{"a":}"#, 5), ("{a:1}", 1),
      ("{'a':1}", 1), ("{1:1}", 1), ("{null:1}", 1), (#"{"a":1 "b":2}"#, 7), ("// x", 0),
      ("/* x */1", 0), ("[1 /**/]", 3), ("+1", 0), (".5", 0), ("]", 0), ("}", 0), (",", 0),
      ("[nullx]", 5), ("\u{FEFF}1", 0), ("\\u0031", 0), ("#", 0),
    ])
  func `what the grammar does not know is refused where it stands`(
    text: String, offset: Int
  ) throws {
    let error = try refusal(text)
    #expect(error.reason == .unexpectedCharacter || error.reason == .invalidNumber)
    #expect(error.offset == offset)
  }

  @Test(arguments: ["", " ", "\n\t \r\n"])
  func `nothing but white space is empty`(text: String) throws {
    let error = try refusal(text)
    #expect(error.reason == .empty)
    #expect(error.offset == text.utf8.count)
    #expect(throws: JSONError.self) { try JSONReader.readFirst(Array(text.utf8)) }
  }

  @Test(
    arguments: [
      ("1 2", 2), ("{} {}", 3), ("[]]", 2), (#""a" x"#, 4), ("nullx", 4), ("truefalse", 4),
      ("1\0", 1), ("{},", 2),
    ])
  func `a second value is refused`(text: String, offset: Int) throws {
    let error = try refusal(text)
    #expect(error.reason == .trailingContent)
    #expect(error.offset == offset)
  }

  @Test(
    arguments: [
      (#"{"a":1}garbage"#, ["a": 1], 7), (" [1] [2]", [1], 4), ("truefalse", true, 4),
      ("12 13", 12, 2), (#""a"\#u{FF}"#, "a", 3), ("null", nil, 4),
    ] as [(String, JSON, Int)]
  )
  func `the first value is read and what follows is ignored`(
    text: String, expected: JSON, consumed: Int
  ) throws {
    let first = try JSONReader.readFirst(Array(text.utf8))
    #expect(first.value == expected)
    #expect(first.consumed == consumed)
  }

  @Test(arguments: ["[1,", "01", "1.x", "nulx", #""\x" 1"#])
  func `a first value that is wrong is refused`(text: String) {
    #expect(throws: JSONError.self) { try JSONReader.readFirst(Array(text.utf8)) }
  }

  @Test func `a raw buffer is read in place`() throws {
    let bytes = Array("[1] x".utf8)
    let first = try bytes.withUnsafeBytes { try JSONReader.readFirst($0) }
    #expect(first.value == [1])
    let whole = try bytes.withUnsafeBytes {
      try JSONReader.read(UnsafeRawBufferPointer(rebasing: $0[..<3]))
    }
    #expect(whole == [1])
    #expect(throws: JSONError.self) {
      try JSONReader.read(UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }
}
