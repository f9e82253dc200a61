import HoldfastJSON
import Testing

@Suite struct JSONValueTests {
  @Test(
    arguments: [
      (nil, "null"), (true, "a boolean"), (1, "a number"), ("x", "a string"), ([], "an array"),
      ([:], "an object"),
    ] as [(JSON, String)]
  )
  func `a value names its kind and answers only as that`(value: JSON, kind: String) {
    #expect(value.kind == kind)
    #expect((value.boolValue != nil) == (kind == "a boolean"))
    #expect((value.int64Value != nil) == (kind == "a number"))
    #expect((value.stringValue != nil) == (kind == "a string"))
    #expect((value.arrayValue != nil) == (kind == "an array"))
    #expect((value.objectValue != nil) == (kind == "an object"))
    #expect(value["key"] == nil)
  }

  @Test func `members are found by key`() throws {
    let value: JSON = ["a": 1, "b": ["c": true]]
    #expect(value["a"]?.int64Value == 1)
    #expect(value["b"]?["c"]?.boolValue == true)
    #expect(value["A"] == nil)
    #expect(value[""] == nil)
  }

  @Test func `duplicate keys are kept and the last one counts`() throws {
    let value = try read(#"{"a":1,"b":2,"\u0061":3}"#)
    #expect(value["a"] == 3)
    #expect(value.objectValue?.members.map(\.key) == ["a", "b", "a"])
    #expect(value.renderedText() == #"{"a":1,"b":2,"a":3}"#)
    #expect(value == ["b": 2, "a": 3])
    #expect(value != ["a": 1, "b": 2])
  }

  @Test func `set replaces the value that counts or appends`() {
    var object = JSONObject([("a", 1), ("b", 2), ("a", 3)])
    object.set("a", 4)
    object.set("c", 5)
    #expect(JSON.object(object).renderedText() == #"{"a":1,"b":2,"a":4,"c":5}"#)
    object.members.removeAll { $0.key == "a" }
    #expect(object == JSONObject([("c", 5), ("b", 2)]))
    #expect(JSONObject().members.isEmpty)
  }

  @Test func `strings and keys are compared by bytes`() {
    let composed = "\u{E9}"
    let decomposed = "e\u{301}"
    #expect(JSON.string(composed) == JSON.string(composed))
    #expect(JSON.string(composed) != JSON.string(decomposed))
    #expect(JSON.string("\u{212B}") != JSON.string("\u{C5}"))
    let object = JSONObject([(composed, 1), (decomposed, 2)])
    #expect(object[composed] == 1)
    #expect(object[decomposed] == 2)
    #expect(object == JSONObject([(decomposed, 2), (composed, 1)]))
    #expect(object != JSONObject([(composed, 2), (decomposed, 1)]))
  }

  @Test(
    arguments: [
      (nil, false), (true, false), (1, 2), ("a", "b"), ([1, 2], [2, 1]), (["a": 1], ["a": 2]),
      (["a": 1], ["b": 1]), (["a": 1], ["a": 1, "b": 2]), ([], [:]), (0, nil), ("1", 1), ("", nil),
    ] as [(JSON, JSON)]
  )
  func `different values differ`(left: JSON, right: JSON) {
    #expect(left != right)
    #expect(right != left)
    #expect(left == left)
  }

  @Test func `pretty text has one member or element on each line`() throws {
    let value: JSON = ["a": 1, "b": [], "c": [nil, ["d": "x\n"]], "e": [:]]
    let text = """
      {
        "a": 1,
        "b": [],
        "c": [
          null,
          {
            "d": "x\\n"
          }
        ],
        "e": {}
      }
      """
    #expect(value.renderedText(pretty: true) == text)
    #expect(try read(text) == value)
    #expect(JSON.string("x").renderedText(pretty: true) == #""x""#)
    #expect(JSON.array([]).renderedText(pretty: true) == "[]")
  }
}
