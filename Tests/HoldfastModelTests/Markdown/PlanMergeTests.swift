import HoldfastModel
import Testing

@Suite struct PlanMergeTests {
  private let existing = [
    Subtask(number: 1, title: "one", status: "done"),
    Subtask(number: 2, title: "two", status: "running"),
    Subtask(number: 3, title: "three", status: "odd"),
  ]

  private func merged(
    _ text: String, _ existing: [Subtask]
  ) -> (subtasks: [Subtask], removed: [Int64]) {
    PlanDocument(parsing: Array(text.utf8)).merged(into: existing)
  }

  @Test func `the list follows the document and keeps what was done`() {
    let result = merged(
      "## Wave 1\n### Task 4: four\n### Task 2: second\n## Wave 2\n### Task 1: one\n", existing)
    #expect(
      result.subtasks == [
        Subtask(number: 1, title: "one", status: "done"),
        Subtask(number: 2, title: "second", status: "running"),
        Subtask(number: 4, title: "four", status: "pending"),
      ])
    #expect(result.removed == [3])
  }

  @Test func `the same document again changes nothing`() {
    let text = "## Wave 1\n### Task 3: three\n### Task 2: two\n### Task 1: one\n"
    let result = merged(text, existing.reversed())
    #expect(result.subtasks == existing)
    #expect(result.removed.isEmpty)
  }

  @Test func `a title in another normal form is a change`() {
    let before = [Subtask(number: 1, title: "caf\u{E9}")]
    #expect(merged("## Wave 1\n### Task 1: cafe\u{301}\n", before).subtasks != before)
  }

  @Test(arguments: ["", "text", "## Wave 1\n", "### Task 9: stray\n"])
  func `without waves and tasks the subtasks stay`(text: String) {
    let result = merged(text, existing)
    #expect(result.subtasks == existing)
    #expect(result.removed.isEmpty)
  }
}
