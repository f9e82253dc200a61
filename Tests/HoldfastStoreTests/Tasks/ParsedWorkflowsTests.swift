import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// Definitions of workflows, which are read once for each text.
@Suite struct ParsedWorkflowsTests {
  private let name = WorkflowName(stored: "train")

  private func definition(_ done: String) -> String {
    #"{"statuses":[{"name":"todo","category":"open"},{"name":"doing","category":"active"},{"name":"\#(done)","category":"done"}]}"#
  }

  @Test func `a text is read once, and another one anew`() throws {
    let parsed = ParsedWorkflows(bytesMax: 1024)
    let first = try #require(parsed.workflow(name, definition("done")))
    #expect(parsed.workflow(name, definition("done")) == first && parsed.count == 1)
    let other = parsed.workflow(name, definition("over"))
    #expect(other?.statuses.last?.text == "over" && parsed.count == 2)
    // Composed and decomposed letters are two words, and so are two names.
    let composed = parsed.workflow(name, definition("\u{e9}"))
    let decomposed = parsed.workflow(name, definition("e\u{301}"))
    #expect(composed != decomposed && parsed.count == 4)
    #expect(parsed.workflow(WorkflowName(stored: "plane"), definition("done"))?.name == "plane")
    #expect(parsed.count == 5)
  }

  @Test func `no more is kept than the limit says, and nothing that is damaged`() {
    let length = definition("0").utf8.count
    let parsed = ParsedWorkflows(bytesMax: 3 * length)
    for number in 0..<8 {
      #expect(parsed.workflow(name, definition("\(number)"))?.statuses.last?.text == "\(number)")
      #expect(parsed.count <= 3)
    }
    #expect(parsed.workflow(name, definition(String(repeating: "x", count: 3 * length))) != nil)
    #expect(parsed.workflow(name, "{") == nil)
    #expect(parsed.count <= 3)
  }
}
