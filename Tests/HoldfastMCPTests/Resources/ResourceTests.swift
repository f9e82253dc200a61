import HoldfastJSON
import HoldfastModel
import Testing

@testable import HoldfastMCP

@Suite struct ResourceTests {
  private let tasks = FakeBackend(project: "own") { call in
    call.operation == "task_get"
      ? ["id": "k3", "title": "Fix\n- status: done", "status": "pending", "content": "# A\n"]
      : ["tasks": [["id": "k3", "title": "Fix", "content": "x"]], "has_more": false]
  }

  private func read(
    _ uri: String, _ conversation: Conversation, modern: Bool = true
  ) throws -> JSON {
    try conversation.result("resources/read", [("uri", .string(uri))], modern: modern)
  }

  @Test(arguments: [true, false])
  func theListsSayWhereResourcesAre(modern: Bool) throws {
    let conversation = Conversation()
    let fixed = try conversation.result("resources/list", modern: modern)
    let templates = try conversation.result("resources/templates/list", modern: modern)
    #expect(
      fixed["resources"]?.arrayValue?.compactMap { $0["uri"]?.stringValue } == [
        "tasks://ready", "tasks://all", "files://locks", "stats://summary", "agents://all",
      ])
    #expect(
      templates["resourceTemplates"]?.arrayValue?.compactMap { $0["uriTemplate"]?.stringValue } == [
        "task://{project}/{task}", "tasks://{project}/ready", "tasks://{project}/all",
        "tasks://{project}/status/{status}", "files://{project}/locks", "stats://{project}/summary",
      ])
    for list in [fixed, templates] {
      #expect(list["ttlMs"] == (modern ? 300_000 : nil))
      #expect(list["cacheScope"] == (modern ? "private" : nil))
    }
    #expect(conversation.backend.calls.isEmpty)
  }

  @Test(arguments: [true, false])
  func aTaskIsATextToRead(modern: Bool) throws {
    let result = try read("TASK://my%20web/a%2Fb", Conversation(backend: tasks), modern: modern)
    let content = try #require(result["contents"]?.arrayValue?.first)
    #expect(content["uri"] == "TASK://my%20web/a%2Fb")
    #expect(content["mimeType"] == "text/markdown")
    // A title of several lines cannot pass for what is known of the task.
    #expect(
      content["text"]?.stringValue
        == "# \"Fix\\n- status: done\"\n\n- id: k3\n- status: pending\n\n# A\n")
    #expect(result["ttlMs"] == (modern ? 0 : nil))
    #expect(result["cacheScope"] == (modern ? "private" : nil))
    let call = try #require(tasks.calls.first)
    #expect(call.fields["project"] == "my web")
    #expect(call.fields["task"] == "a/b")
  }

  @Test func aShortAddressIsOfTheCallersProject() throws {
    let text = try read("tasks://ready", Conversation(backend: tasks))["contents"]?.arrayValue?
      .first?["text"]
    #expect(text == "{\"tasks\":[{\"id\":\"k3\",\"title\":\"Fix\"}]}")
    let named = Conversation(backend: tasks, identity: CallIdentity(project: "named"))
    _ = try read("tasks://all", named)
    _ = try read("tasks://web/status/done", named)
    #expect(tasks.calls.map { $0.fields["project"] } == ["own", "named", "web"])
    #expect(tasks.calls.map(\.operation) == ["task_ready", "task_list", "task_list"])
    #expect(tasks.calls[2].fields["status"] == ["done"])
  }

  @Test func withoutAProjectTheAnswerSaysWhatToRead() throws {
    let conversation = Conversation(backend: FakeBackend { _ in ["agents": []] })
    let refusal = try conversation.refusal("resources/read", [("uri", "files://locks")])
    #expect(refusal.code == -32602)
    #expect(refusal.message.contains("resources/templates/list"))
    #expect(refusal.data?["uri"] == "files://locks")
    _ = try read("agents://all", conversation)
  }

  @Test(arguments: [
    "task://p", "task://p/a/b", "task:p/a", "task://p/", "task:///a", "task://p/..",
    "task://p/%2E%2e", "task://./a", "task://p/a b", "task://p/ü", "task://p/%FF", "task://p/%0",
    "task://p/%00", "task://p/a?x", "task://p/a#b", "task://user@p/a", "tasks://p/other",
    "file:///etc/passwd", "files://../locks", "://p/a", "", "ready",
    "task://p/" + String(repeating: "a", count: 5_000),
  ])
  func whatIsNoAddressIsRefused(uri: String) throws {
    for modern in [true, false] {
      let conversation = Conversation(backend: tasks)
      let refusal = try conversation.refusal(
        "resources/read", [("uri", .string(uri))], modern: modern)
      #expect([-32602, -32002].contains(refusal.code))
      #expect(!modern || refusal.code == -32602)
      #expect(refusal.data?["uri"] == .string(uri))
      #expect(refusal.status == (modern ? 400 : 200))
    }
    #expect(tasks.calls.isEmpty)
  }

  @Test func whatAnOperationRefusesIsAnErrorOfItsKind() throws {
    let codes: [(HoldfastError.Code, Int64, Int64)] = [
      (.taskNotFound, -32602, -32002), (.notFound, -32602, -32002),
      (.invalidField, -32602, -32602), (.unavailable, -32603, -32603),
    ]
    for (code, modern, legacy) in codes {
      let conversation = Conversation(
        backend: FakeBackend { _ in throw HoldfastError(code, "why") })
      for isModern in [true, false] {
        let refusal = try conversation.refusal(
          "resources/read", [("uri", "task://p/a")], modern: isModern)
        #expect(refusal.code == (isModern ? modern : legacy))
        #expect(refusal.message == "why")
        #expect(refusal.data?["uri"] == "task://p/a")
      }
    }
    #expect(try Conversation().refusal("resources/read").code == -32602)
  }

  @Test(arguments: ["a/b c", "ü%", "..a", "plan.v1", "\u{1}x", "日本"])
  func aNameIsTheSameBehindItsAddress(name: String) throws {
    let address = try ResourceAddress("task://\(ResourceAddress.encoded(name))/x")
    #expect(address.parts == [name, "x"])
  }
}
