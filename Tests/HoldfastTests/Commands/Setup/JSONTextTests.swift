import HoldfastJSON
import HoldfastTesting
import Testing

@testable import holdfast

/// JSON that somebody wrote is changed in one place, with its comments and commas.
@Suite struct JSONTextTests {
  private func after(
    _ before: String, _ change: (inout JSONText) throws -> Void
  ) throws -> String {
    var text = JSONText(Array(before.utf8))
    try change(&text)
    _ = try JSONReader.read(JSONText.plain(text.bytes))
    return String(decoding: text.bytes, as: UTF8.self)
  }

  @Test(arguments: [
    ("{\"a\": 1, // b\n \"c\": [1, 2,], /* , */ }", "{\"a\":1,\"c\":[1,2]}"),
    ("{\"a\": \"// no\\\" /* ,} */\"}", "{\"a\":\"// no\\\" /* ,} */\"}"),
    ("// all\n[]", "[]"), ("{\"a\": 1 /* open", "{\"a\":1"),
  ])
  func plain(text: String, plain: String) throws {
    let bytes = JSONText.plain(text.utf8)
    #expect(bytes.count == text.utf8.count)
    guard let json = try? JSONReader.read(bytes) else { return #expect(!plain.hasSuffix("}")) }
    #expect(json.renderedText() == plain)
  }

  @Test(arguments: [
    ("{\n  \"a\": 1,\n  \"b\": 2\n}", "a", "{\n  \"b\": 2\n}"),
    ("{\n  \"a\": 1,\n  \"b\": 2\n}", "b", "{\n  \"a\": 1\n}"),
    ("{\n  \"a\": 1\n}", "a", "{\n}"), ("{\"a\": 1}", "a", "{}"),
    ("{\"a\": 1, \"b\": 2, \"c\": 3}", "b", "{\"a\": 1,  \"c\": 3}"),
    ("{\n  \"a\": 1, // one\n  \"b\": 2 }", "b", "{\n  \"a\": 1 // one\n   }"),
    ("{\n  \"a\": 1,\n  \"b\": 2,\n}", "b", "{\n  \"a\": 1,\n}"), ("{\"a\": 1}", "z", "{\"a\": 1}"),
  ])
  func remove(before: String, name: String, expected: String) throws {
    #expect(try after(before) { try $0.remove(at: [name]) } == expected)
  }

  @Test(arguments: [
    ("{}", "{\n  \"l\": [\n    1\n  ]\n}"), ("{\"l\": []}", "{\"l\": [\n  1\n]}"),
    ("{\"l\": [0]}", "{\"l\": [0,\n  1\n]}"),
    ("{\n  \"l\": [\n    0, // z\n  ]\n}", "{\n  \"l\": [\n    0,\n    1, // z\n  ]\n}"),
  ])
  func append(before: String, expected: String) throws {
    #expect(try after(before) { try $0.append(1, toArrayAt: ["l"]) } == expected)
  }

  @Test func `what comes into a list goes out of it again to the byte`() throws {
    for before in [
      "{\n  \"l\": [\n    0\n  ]\n}\n", "{\"l\": [0]}", "{\"l\": [ 0, {\"a\": []} ],}",
    ] {
      let there = try JSONReader.read(JSONText.plain(before.utf8))["l"]?.arrayValue?.count ?? 0
      let with = try after(before) { try $0.append(["x": [1]], toArrayAt: ["l"]) }
      let without = try after(with) { try $0.remove(there, ofArrayAt: ["l"]) }
      #expect(
        try JSONReader.read(JSONText.plain(without.utf8))
          == JSONReader.read(JSONText.plain(before.utf8)))
    }
    let before = "{\n  \"l\": [\n    0\n  ]\n}\n"
    let with = try after(before) { try $0.append(["x": [1]], toArrayAt: ["l"]) }
    #expect(try after(with) { try $0.remove(1, ofArrayAt: ["l"]) } == before)
  }
}
