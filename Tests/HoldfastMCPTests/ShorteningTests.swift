import HoldfastJSON
import HoldfastTesting
import Testing

@testable import HoldfastMCP

/// Answers stay within what clients show, and say what was left out.
@Suite struct ShorteningTests {
  private func fit(_ json: JSON) -> JSONObject {
    Shortening.fit(json.objectValue ?? JSONObject()).object
  }

  private func size(_ object: JSONObject) -> Int { JSON.object(object).rendered().count }

  @Test func `a small answer stays as it is`() {
    let json: JSON = ["id": "t", "tags": ["a", "b"], "content": "text", "n": 1, "none": nil]
    #expect(JSON.object(fit(json)) == json)
  }

  @Test func `times lose their fractions`() {
    let json: JSON = [
      "claimed_at": "2026-01-02T03:04:05.678901Z",
      "list": [["due_until": "2026-01-02T03:04:05.6Z"]], "text": "at 03:04:05.678Z",
    ]
    let wanted: JSON = [
      "claimed_at": "2026-01-02T03:04:05Z", "list": [["due_until": "2026-01-02T03:04:05Z"]],
      "text": "at 03:04:05.678Z",
    ]
    #expect(JSON.object(fit(json)) == wanted)
  }

  @Test func `a long text is cut, and where it goes on is said`() throws {
    let content = String(repeating: "0123456789", count: 3_000)
    let short = fit(["id": "t", "content": .string(content)])
    #expect(size(short) <= Shortening.bytesMax)
    let kept = try #require(short["content"]?.stringValue)
    #expect(kept.hasSuffix("…"))
    let sentence = try #require(short["cut"]?.stringValue)
    let from = try #require(sentence.split(separator: " ").last.flatMap { Int($0) })
    #expect(content.hasPrefix(kept.dropLast()))
    #expect(from == kept.utf8.count - 3)
    #expect(from > 2_000, "half of the room at least is used")
  }

  @Test func `long lists lose their ends, and how many is said`() {
    let tasks = (0..<2_000).map { JSON.object(JSONObject([("id", .string("task-\($0)"))])) }
    let short = fit(["tasks": .array(tasks), "next": "hint"])
    #expect(size(short) <= Shortening.bytesMax)
    let kept = short["tasks"]?.arrayValue?.count ?? 0
    #expect(kept > 100)
    #expect(short["cut"]?.stringValue?.contains("\(2_000 - kept) entries left out") == true)
    #expect(short["next"] == "hint")
  }

  @Test func `a long list inside of something is cut, too`() {
    let tags = (0..<3_000).map { JSON.string("tag-\($0)") }
    let short = fit(["task": ["id": "t", "tags": .array(tags)], "fence": 3])
    #expect(size(short) <= Shortening.bytesMax)
    #expect(short["fence"] == 3)
    #expect(short["task"]?["id"] == "t")
    #expect(short["cut"] != nil)
  }

  @Test func `many members give way, too`() {
    var members = JSONObject()
    for number in 0..<3_000 { members.set("key-\(number)", .string("value")) }
    let short = fit(["id": "t", "metadata": .object(members)])
    #expect(size(short) <= Shortening.bytesMax)
    #expect(short["id"] == "t")
    #expect(short["cut"] != nil)
  }

  @Test(arguments: ["a", "ü", "€", "😀", "e\u{301}", "👩‍👩‍👧‍👦", "\u{0}", "\""])
  func `no character is broken`(_ character: String) {
    let text = String(repeating: character, count: 9_000)
    for limit in [3, 4, 5, 6, 7, 8, 100, 101, 102, 103] {
      let cut = Shortening.cut(text, to: limit)
      #expect(cut.utf8.count <= limit)
      #expect(cut.hasSuffix("…"))
      #expect(!cut.unicodeScalars.contains("\u{FFFD}"))
      #expect(text.unicodeScalars.starts(with: cut.unicodeScalars.dropLast()))
    }
    #expect(size(fit(["content": .string(text), "id": "t"])) <= Shortening.bytesMax)
    #expect(Shortening.cut("short", to: 100) == "short")
  }

  @Test func `whatever comes, it fits`() {
    var random = SeededGenerator(seed: 26)
    for _ in 0..<60 {
      var object = JSONObject()
      for number in 0..<Int.random(in: 1...12, using: &random) {
        object.set("m\(number)", Self.anything(depth: 0, &random))
      }
      let before = size(object)
      let (short, text) = Shortening.fit(object)
      #expect(text == JSON.object(short).rendered())
      #expect(size(short) <= Shortening.bytesMax)
      if before <= Shortening.bytesMax - 200 { #expect(short == object) }
    }
  }

  private static func anything(depth: Int, _ random: inout SeededGenerator) -> JSON {
    switch Int.random(in: 0...(depth > 3 ? 2 : 5), using: &random) {
    case 0: return .number(JSONNumber(Int64.random(in: 0...1_000_000, using: &random)))
    case 1: return .bool(true)
    case 2:
      let count = Int.random(in: 0...1_500, using: &random)
      return .string(String(repeating: Bool.random(using: &random) ? "ä" : "\\", count: count))
    case 3, 4:
      return .array(
        (0..<Int.random(in: 0...12, using: &random)).map { _ in
          anything(depth: depth + 1, &random)
        })
    default:
      var object = JSONObject()
      for number in 0..<Int.random(in: 0...12, using: &random) {
        object.set("k\(number)", anything(depth: depth + 1, &random))
      }
      return .object(object)
    }
  }
}
