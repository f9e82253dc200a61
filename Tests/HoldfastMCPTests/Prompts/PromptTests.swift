import HoldfastJSON
import Testing

@testable import HoldfastMCP

@Suite struct PromptTests {
  private let conversation = Conversation()

  private func text(_ result: JSON) -> String {
    result["messages"]?.arrayValue?.first?["content"]?["text"]?.stringValue ?? ""
  }

  @Test(arguments: [true, false])
  func theListSaysWhatEachTakes(modern: Bool) throws {
    let list = try conversation.result("prompts/list", modern: modern)
    let prompts = try #require(list["prompts"]?.arrayValue)
    #expect(prompts.compactMap { $0["name"]?.stringValue } == ["work", "plan", "handoff"])
    #expect(
      prompts[1]["arguments"]?.arrayValue?.map { [$0["name"], $0["required"]] } == [
        ["goal", true], ["project", false],
      ])
    #expect(prompts.allSatisfy { $0["description"]?.stringValue?.isEmpty == false })
    #expect(list["ttlMs"] == (modern ? 300_000 : nil))
    #expect(list["cacheScope"] == (modern ? "private" : nil))
  }

  @Test(arguments: [true, false])
  func aPromptIsOneMessageWithItsArgumentsInIt(modern: Bool) throws {
    let plan = try conversation.result(
      "prompts/get",
      [("name", "plan"), ("arguments", ["goal": " Search is fast ", "project": "web"])],
      modern: modern)
    #expect(plan["messages"]?.arrayValue?.count == 1)
    #expect(plan["messages"]?.arrayValue?.first?["role"] == "user")
    #expect(text(plan).contains("<goal>\nSearch is fast\n</goal>"))
    #expect(text(plan).contains("project \"web\""))
    // What may be kept is a list's to say.
    #expect(plan["ttlMs"] == nil)
  }

  @Test func aPromptWithoutAProjectNamesNone() throws {
    let work = try conversation.result("prompts/get", [("name", "work")])
    #expect(text(work).hasPrefix("Do one task of Holdfast, from"))
    let handoff = try conversation.result(
      "prompts/get", [("name", "handoff"), ("arguments", ["task": "k3m9"])])
    #expect(text(handoff).contains("the task \"k3m9\" of Holdfast so that"))
  }

  @Test(arguments: [true, false])
  func whatIsNoPromptIsRefused(modern: Bool) throws {
    let refusals: [([(String, JSON)], String)] = [
      ([("name", "wrok")], "there is no prompt \"wrok\"; did you mean \"work\"?"),
      ([], "prompts/get needs the name of a prompt"),
      ([("name", "plan")], "the prompt plan needs goal: What should be true in the end."),
      ([("name", "plan"), ("arguments", ["goal": "  "])], "the prompt plan needs goal"),
      (
        [("name", "work"), ("arguments", ["projekt": "x"])],
        "takes no \"projekt\"; did you mean \"project\"?"
      ),
      ([("name", "work"), ("arguments", ["project": 4])], "project must be a string"),
      ([("name", "work"), ("arguments", [])], "arguments must be an object, not an array"),
    ]
    for (params, sentence) in refusals {
      let refusal = try conversation.refusal("prompts/get", params, modern: modern)
      #expect(refusal.code == -32602)
      #expect(refusal.message.contains(sentence))
      #expect(refusal.status == (modern ? 400 : 200))
    }
    let cursor = try conversation.refusal("prompts/list", [("cursor", "x")], modern: modern)
    #expect(cursor.code == -32602)
  }

  /// An agent that follows a prompt must not be sent to a tool that it does not have.
  @Test func promptsNameToolsOfTheCoreAlone() throws {
    for prompt in Prompts.all {
      let required = prompt.arguments.filter(\.isRequired).map { ($0.name, JSON.string("x")) }
      let text = text(
        .object(JSONObject(try prompt.messages(.object(JSONObject(required))))))
      let words = text.split { !($0.isLetter || $0 == "_") }.map(String.init)
      let tools = Set(words.filter { $0.hasPrefix("task_") || $0.hasPrefix("files_") })
      #expect(tools.subtracting(Toolset.core.names).isEmpty)
      #expect(tools.count >= 2)
      #expect(text.utf8.count < 2_500)
    }
  }
}
