import HoldfastJSON
import Testing

@Suite struct JSONValueCountTests {
  @Test(arguments: [
    ("0", 1), ("[0,0]", 3), (#"{"a":0,"b":[0]}"#, 4), (#""a,[{""#, 1), (#"["\",[",0]"#, 3),
    (#"["\\",0]"#, 3), (#"{"a,":"b,"}"#, 2),
  ])
  func `values are counted outside strings`(_ text: String, _ count: Int) {
    #expect(JSONReader.valueCountMax(of: Array(text.utf8)) == count)
  }

  @Test(arguments: ["", "\"", "\"\\", "[\"\\\"", "[,", "\"a\nb\",0"])
  func `broken text is counted to its end`(_ text: String) {
    #expect((1...3).contains(JSONReader.valueCountMax(of: Array(text.utf8))))
  }

  @Test func `it is never less than what reading makes`() throws {
    var random = RandomJSON(seed: 7)
    for _ in 0..<300 {
      let value = random.value()
      #expect(JSONReader.valueCountMax(of: value.rendered()) >= Self.count(value))
    }
  }

  private static func count(_ value: JSON) -> Int {
    switch value {
    case .array(let elements): elements.reduce(1) { $0 + count($1) }
    case .object(let object): object.members.reduce(1) { $0 + count($1.value) }
    default: 1
    }
  }
}
