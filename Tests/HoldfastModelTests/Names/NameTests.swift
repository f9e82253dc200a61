import HoldfastModel
import Testing

@Suite struct NameTests {
  private let composed = "caf\u{E9}"
  private let decomposed = "cafe\u{301}"

  @Test func `names of different bytes are different names`() throws {
    #expect(composed == decomposed, "Swift's String calls them equal.")
    let a = try ProjectName(composed)
    let b = try ProjectName(decomposed)
    #expect(a != b)
    #expect(Set([a, b, a]).count == 2)
    #expect([a: 1, b: 2].count == 2)
    #expect(areEqual(a, b) == false)
  }

  private func areEqual<N: Equatable>(_ a: N, _ b: N) -> Bool { a == b }

  @Test func `text of one byte count that is canonically equal stays different`() {
    let a = TopicName(stored: "a\u{323}\u{307}")
    let b = TopicName(stored: "a\u{307}\u{323}")
    #expect(a.text.utf8.count == b.text.utf8.count)
    #expect(a != b)
  }

  @Test func `names sort by bytes`() throws {
    let names = ["b", "a", "Z", "a\u{301}", "\u{E9}", "aa", "\u{FFFD}", "\u{1F600}"]
      .map { ProjectName(stored: $0) }
    let sorted = names.sorted().map(\.text)
    let expected = names.map(\.text).sorted { Array($0.utf8).lexicographicallyPrecedes($1.utf8) }
    #expect(sorted.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    #expect(!(names[0] < names[0]))
  }

  @Test func `a name prints as its text`() throws {
    #expect("\(try AgentID("agent one"))" == "agent one")
  }

  @Test func `every name refuses the character U+0000`() {
    let text = "a\0b"
    #expect(refusal(try ProjectName(text))?.code == .invalidField)
    #expect(refusal(try TaskFilename(text)) != nil)
    #expect(refusal(try TopicName(text)) != nil)
    #expect(refusal(try AgentID(text)) != nil)
    #expect(refusal(try WorkerName(text)) != nil)
    #expect(refusal(try TaskStatus(text)) != nil)
  }

  @Test func `a project name has 1 to 255 bytes`() throws {
    #expect(
      refusal(try ProjectName(""))?.message
        == "project name must not be empty")
    _ = try ProjectName(" ")
    _ = try ProjectName(String(repeating: "x", count: 255))
    let tooLong = String(repeating: "\u{E9}", count: 128)
    #expect(
      refusal(try ProjectName(tooLong))?.message
        == "project name must be at most 255 bytes long, not 256")
  }

  @Test func `an agent id has 1 to 64 bytes`() throws {
    #expect(refusal(try AgentID(""))?.message == "Agent ID cannot be empty")
    _ = try AgentID(String(repeating: "x", count: 64))
    let tooLong = String(repeating: "\u{E9}", count: 33)
    #expect(
      refusal(try AgentID(tooLong))?.message
        == "Agent ID must be at most 64 characters, got 66")
  }

  @Test func `a worker may have no name`() throws {
    #expect(try WorkerName("").text == "")
    let tooLong = String(repeating: "x", count: 256)
    #expect(refusal(try WorkerName(tooLong)) != nil)
  }

  @Test(arguments: ["", " ", "\t\n", "\u{3000}", "\u{A0}\u{2028}"])
  func `a blank topic name is refused`(text: String) {
    #expect(
      refusal(try TopicName(text))?.message
        == "topic name must not be empty")
  }

  @Test func `a topic name keeps its white space`() throws {
    #expect(try TopicName(" a b ").text == " a b ")
  }
}
