import HoldfastJSON
import HoldfastModel
import Testing

@testable import HoldfastMCP

@Suite struct CompletionTests {
  private let handoff: JSON = ["type": "ref/prompt", "name": "handoff"]
  private let task: JSON = ["type": "ref/resource", "uri": "task://{project}/{task}"]

  private func complete(
    _ ref: JSON, _ name: JSON, _ value: JSON, on backend: FakeBackend,
    context: JSON? = nil, modern: Bool = true
  ) throws -> JSON {
    let params: [(String, JSON)] = [
      ("ref", ref), ("argument", ["name": name, "value": value]),
    ]
    let result = try Conversation(backend: backend).result(
      "completion/complete", params + (context.map { [("context", $0)] } ?? []), modern: modern)
    return try #require(result["completion"])
  }

  private func names(_ list: String, _ names: [String]) -> JSON {
    .object(
      JSONObject([(list, .array(names.map { ["name": .string($0), "filename": .string($0)] }))]))
  }

  @Test(arguments: [true, false])
  func projectsThatBeginWithTheWordComeFirst(modern: Bool) throws {
    let backend = FakeBackend { _ in names("projects", ["api", "my-Web", "Web", "webshop"]) }
    let found = try complete(handoff, "project", "we", on: backend, modern: modern)
    #expect(found == ["values": ["Web", "webshop", "my-Web"], "total": 3, "hasMore": false])
  }

  @Test func anAnswerHasAtMostAHundred() throws {
    let backend = FakeBackend { _ in names("projects", (0..<150).map { "p\($0)" }) }
    let found = try complete(task, "project", "", on: backend)
    #expect(found["values"]?.arrayValue?.count == 100)
    #expect(found["total"] == 150)
    #expect(found["hasMore"] == true)
  }

  @Test func tasksComeByTheirNamesAndThenByTheirTitles() throws {
    let backend = FakeBackend(project: "own") { call in
      call.fields["q"] == nil
        ? names("tasks", ["fix-a", "fix-b", "other"])
        : [
          "tasks": [
            ["filename": "fix-a", "title": "Fix it"], ["filename": "x", "title": "A FIX- for it"],
            ["filename": "y", "title": "It"],
          ]
        ]
    }
    let found = try complete(
      task, "task", "fix-", on: backend, context: ["arguments": ["project": "web"]])
    #expect(found == ["values": ["fix-a", "fix-b", "x"], "total": 3, "hasMore": false])
    #expect(backend.calls.map { $0.fields["project"] } == ["web", "web"])
    #expect(backend.calls[0].fields["cursor"] == "fix,\u{10FFFF}")
    _ = try complete(task, "task", "", on: backend)
    #expect(backend.calls[2].fields["project"] == "own")
    #expect(backend.calls[2].fields["cursor"] == nil)
    #expect(backend.calls.count == 3)
  }

  @Test func aFullPageSaysThatThereIsMore() throws {
    let backend = FakeBackend(project: "own") { _ in
      var page = names("tasks", (100...200).map { "t\($0)" }).objectValue ?? JSONObject()
      page.set("next_cursor", "t200")
      return .object(page)
    }
    let found = try complete(handoff, "task", "t", on: backend)
    #expect(found["values"]?.arrayValue?.count == 100)
    #expect(found["total"] == nil)
    #expect(found["hasMore"] == true)
    #expect(backend.calls.count == 1)
  }

  @Test func statusesAreThoseOfTheProjectsWorkflows() throws {
    let backend = FakeBackend(project: "own") { _ in
      [
        "workflows": [
          ["name": "graph", "statuses": [["name": "pending"], ["name": "in_progress"]]],
          ["name": "mine", "statuses": [["name": "pending"], ["name": "in_review"]]],
        ]
      ]
    }
    let ref: JSON = ["type": "ref/resource", "uri": "tasks://{project}/status/{status}"]
    #expect(
      try complete(ref, "status", "in", on: backend)["values"] == ["in_progress", "in_review"])
  }

  @Test func whatNobodyHasAListOfHasNoValues() throws {
    let nothing: JSON = ["values": [], "total": 0, "hasMore": false]
    let plan: JSON = ["type": "ref/prompt", "name": "plan"]
    #expect(try complete(plan, "goal", "a", on: FakeBackend()) == nothing)
    // Nobody says which project.
    #expect(try complete(handoff, "task", "a", on: FakeBackend()) == nothing)
    let refusing = FakeBackend(project: "p") { _ in throw HoldfastError(.invalidField, "no name") }
    #expect(try complete(handoff, "task", "a", on: refusing) == nothing)
  }

  @Test(arguments: [true, false])
  func whatRefersToNothingIsRefused(modern: Bool) throws {
    let argument: JSON = ["name": "task", "value": ""]
    let refusals: [([(String, JSON)], String)] = [
      ([("argument", argument)], "ref must have the type"),
      (
        [("ref", ["type": "ref/prompt", "name": "handof"]), ("argument", argument)], "\"handoff\""
      ),
      (
        [("ref", ["type": "ref/resource", "uri": "task://x"]), ("argument", argument)], "template"
      ),
      ([("ref", handoff)], "argument must be an object"),
      ([("ref", handoff), ("argument", ["name": "task", "value": 1])], "argument must be"),
      ([("ref", handoff), ("argument", ["name": "tusk", "value": ""])], "did you mean \"task\"?"),
    ]
    for (params, sentence) in refusals {
      let refusal = try Conversation().refusal("completion/complete", params, modern: modern)
      #expect(refusal.code == -32602)
      #expect(refusal.message.contains(sentence), "\(refusal.message)")
    }
    let away = Conversation(
      backend: FakeBackend(project: "p") { _ in throw HoldfastError(.unavailable, "not now") })
    let refusal = try away.refusal(
      "completion/complete", [("ref", handoff), ("argument", argument)], modern: modern)
    #expect(refusal.code == -32603)
  }

  @Test(arguments: [("b", "a\u{10FFFF}"), ("", ""), ("a\u{E000}", "a\u{D7FF}\u{10FFFF}")])
  func aListStartsRightBeforeABeginning(beginning: String, before: String) {
    #expect(Completion.before(beginning) == before)
  }

  /// What is declared is served, and the other way round.
  @Test(arguments: [true, false])
  func theCapabilitiesAreWhatIsServed(modern: Bool) throws {
    let hello = try Conversation().result(
      modern ? "server/discover" : "initialize", [("protocolVersion", "2025-11-25")],
      modern: modern)
    #expect(
      hello["capabilities"]?.objectValue?.members.map(\.key) == [
        "tools", "resources", "prompts", "completions",
      ])
    let refusal = try Conversation().refusal("resources/subscribe", modern: modern)
    #expect(refusal.code == -32601)
  }
}
