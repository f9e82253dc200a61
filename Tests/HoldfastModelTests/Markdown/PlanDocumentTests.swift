import HoldfastModel
import Testing

@Suite struct PlanDocumentTests {
  private func plan(_ text: String) -> PlanDocument { PlanDocument(parsing: Array(text.utf8)) }

  private func tasks(_ text: String) -> [Int64] {
    plan("## Wave 1\n" + text).waves.flatMap { $0.tasks.map(\.number) }
  }

  private let document = """
    # Auth overhaul

    **Goal:** Let people in. \t
    **Architecture:** One door
    **Tech Stack:** Swift, SQLite

    ## Wave 1: Foundations
    ### Task 1: Door
    text
    ### Task 2 — Key
    ### Wave 2
    #### Task 3 – Lock
    #### Task 4 - Bell
    **Goal:** another
    # Second
    """

  @Test(arguments: ["\n", "\r\n"])
  func `a plan is read`(lineEnd: String) throws {
    let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
    let plan = plan(lines.joined(separator: lineEnd))
    #expect(plan.goal == "Let people in.")
    #expect(plan.firstHeading == "Auth overhaul")
    #expect(plan.waves.map(\.number) == [1, 2])
    #expect(plan.waves.map { $0.tasks.map(\.number) } == [[1, 2], [3, 4]])
    #expect(plan.waves.flatMap { $0.tasks.map(\.title) } == ["Door", "Key", "Lock", "Bell"])
    #expect(plan.warnings.isEmpty)
    #expect(plan.duplicateTaskNumbers.isEmpty)
    #expect(!plan.isBlank)
    try plan.check()
  }

  @Test(
    arguments: [
      ("## Wave 1", [1]), ("### Wave 12: x", [12]), ("##\tWave  3", [3]), ("## Wave 1.", [1]),
      ("## Wave 007", [7]), ("## Wave 2 (later)", [2]),
      ("# Wave 1", []), ("#### Wave 1", []), ("##Wave 1", []), (" ## Wave 1", []),
      ("## wave 1", []), ("## Wave", []), ("## Wave one", []), ("## Wave 1a", []),
      ("## Wave 1.5", []), ("## Wave1", []), ("## Waves 1", []), ("## Wave -1", []),
      ("## Wave 99999999999999999999", []), ("text ## Wave 1", []),
    ] as [(String, [Int64])])
  func `a wave header is`(line: String, numbers: [Int64]) {
    #expect(plan(line).waves.map(\.number) == numbers)
  }

  @Test(
    arguments: [
      ("### Task 1: a", [1]), ("#### Task 1: a", [1]), ("### Task 1 : a", [1]),
      ("### Task 1:a", [1]), ("### Task 1 - a", [1]), ("### Task 1 — a", [1]),
      ("### Task 1–a", [1]), ("### Task 9223372036854775807: a", [.max]),
      ("## Task 1: a", []), ("##### Task 1: a", []), ("### Task 1", []), ("### Task 1:", []),
      ("### Task 1:  ", []), ("### Task 1 a", []), ("### Task: a", []), ("### Task 1. a", []),
      ("### Task 1.2: a", []), ("### task 1: a", []), ("- ### Task 1: a", []),
      ("### Task 9223372036854775808: a", []),
    ] as [(String, [Int64])])
  func `a task header is`(line: String, numbers: [Int64]) {
    #expect(tasks(line) == numbers)
  }

  @Test(
    arguments: [
      ("```\n### Task 1: a\n```\n### Task 2: b", [2]),
      ("~~~ swift\n### Task 1: a\n~~~\n### Task 2: b", [2]),
      ("````\n```\n### Task 1: a\n````\n### Task 2: b", [2]),
      ("```\n~~~\n### Task 1: a\n```\n### Task 2: b", [2]),
      ("```\n``` not closed\n### Task 1: a", []),
      ("   ```\n### Task 1: a\n  ````  \n### Task 2: b", [2]),
      ("    ```\n### Task 1: a", [1]),
      ("``` a`b\n### Task 1: a", [1]),
      ("~~~ a`b\n### Task 1: a", []),
      ("``\n### Task 1: a", [1]),
      ("```\r\n### Task 1: a\r\n```\r\n### Task 2: b\r\n", [2]),
      ("```\n### Task 1: a", []),
    ] as [(String, [Int64])])
  func `headers inside code are none`(text: String, numbers: [Int64]) {
    #expect(tasks(text) == numbers)
  }

  @Test func `goal and heading inside code are none`() {
    let plan = plan("```\n**Goal:** x\n# y\n```\n")
    #expect(plan.goal == nil)
    #expect(plan.firstHeading == nil)
  }

  @Test(arguments: ["", "Goal: x", " **Goal:** x", "**Goal:**", "**Goal:**  ", "**goal:** x"])
  func `without a goal line there is no goal`(text: String) {
    #expect(plan(text).goal == nil)
  }

  @Test func `a byte order mark is passed over`() {
    #expect(plan("\u{FEFF}**Goal:** x").goal == "x")
  }

  @Test func `duplicate numbers are named once each`() {
    let plan = plan(
      "## Wave 1\n### Task 3: a\n### Task 1: b\n### Task 3: c\n## Wave 2\n### Task 1: d\n"
        + "### Task 3: e\n### Task 2: f")
    #expect(plan.duplicateTaskNumbers == [1, 3])
    let error = refusal(try plan.check())
    #expect(error?.message == "duplicate task numbers in the document: 1, 3")
    #expect(error?.code.httpStatus == 400)
  }

  @Test func `a document without waves or tasks is fine with a warning`() throws {
    #expect(plan("text").warnings.count == 1)
    #expect(plan("## Wave 1\n").warnings.count == 1)
    let stray = plan("### Task 1: a\n## Wave 1\n### Task 2: b\n")
    #expect(stray.warnings == ["1 task header(s) before the first wave were left out"])
    #expect(stray.waves.flatMap(\.tasks).map(\.number) == [2])
    try plan("text").check()
  }

  @Test(arguments: [
    ("", true), (" \r\n\t", true), ("\u{0B}\u{0C}", true), ("x", false), ("\0", false),
  ])
  func `a document of white space is blank`(text: String, isBlank: Bool) {
    #expect(plan(text).isBlank == isBlank)
  }
}
