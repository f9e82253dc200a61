import HoldfastJSON
import HoldfastModel
import Testing

@testable import HoldfastMCP

/// Every kind of error, with the id of what it answers.
@Suite struct ServiceErrorTests {
  private let service = MCPService(tools: .core)

  @Test func `what is no JSON is a parse error without an id`() {
    let outgoing = MCPService.unreadable("a reason")
    #expect(outgoing.message.errorCode == -32700)
    #expect(outgoing.message["id"] == nil)
    #expect(outgoing.status == 400)
  }

  @Test(
    arguments: [
      (#""params":{META}"#, -32602), (#""params":{"name":7,META}"#, -32602),
      (#""params":{"name":"no_such_tool",META}"#, -32602),
      (#""params":{"name":"orient","arguments":[],META}"#, -32602),
      (#""params":{"name":"orient","arguments":"x",META}"#, -32602),
      (#""params":[]"#, -32600),
    ] as [(String, Int64)])
  func `a call that is none is an error of the protocol with its id`(
    _ params: String, _ code: Int64
  ) throws {
    for id in [#""seven""#, "7"] {
      let outgoing = try #require(
        try service.answer(#"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call",\#(params)}"#))
      #expect(outgoing.message.errorCode == code)
      #expect(outgoing.message["id"] == (try json(id)))
      #expect(outgoing.status == 400)
    }
  }

  @Test func `a tool's name that is nearly right is told`() throws {
    let answer = try service.answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"task_claims"}}"#)
    #expect(answer?.message["error"]?["message"]?.stringValue?.contains("task_claim") == true)
    #expect(answer?.message["error"]?["data"]?["tools"]?.arrayValue?.count == 14)
    #expect(answer?.status == 200, "an old client takes an error as a good answer to HTTP")
  }

  @Test(arguments: [#""x""#, "7", "{}", "[]"])
  func `a cursor that no list gave out is refused`(_ cursor: String) throws {
    let answer = try service.answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":\#(cursor),META}}"#)
    #expect(answer?.message.errorCode == -32602)
    let empty = try service.answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"",META}}"#)
    #expect(empty?.message["result"]?["tools"] != nil)
    #expect(empty?.message["result"]?["nextCursor"] == nil)
  }

  @Test func `wrong arguments and refusals are results of the tool`() throws {
    func call(_ arguments: String, _ backend: StubBackend = StubBackend()) throws -> JSON {
      let answer = try service.answer(
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"task_get","arguments":\#(arguments),META}}"#,
        on: backend)
      return try #require(answer?.message["result"])
    }
    let unknown = try call(#"{"tsk":"a"}"#)
    #expect(unknown["isError"] == true)
    #expect(unknown["structuredContent"]?["code"] == "UNKNOWN_FIELD")
    #expect(
      unknown["structuredContent"]?["message"]?.stringValue?.contains(#"did you mean "task"?"#)
        == true)

    let refused = try call(
      #"{"task":"a"}"#,
      StubBackend { _ in throw HoldfastError(.taskNotFound, "there is no task a") })
    #expect(refused["isError"] == true)
    #expect(refused["resultType"] == "complete")
    #expect(refused["structuredContent"]?["code"] == "TASK_NOT_FOUND")
    #expect(refused["structuredContent"]?["suggestion"] != nil)

    let odd = try call(#"{"task":"a"}"#, StubBackend { _ in throw Odd() })
    #expect(odd["isError"] == true)
    #expect(odd["structuredContent"]?.renderedText().contains("secret") == false)
  }

  private struct Odd: Error, CustomStringConvertible { let description = "secret" }

  @Test func `the text and the structured form say the same`() throws {
    let backend = StubBackend { _ in ["id": "t-1", "title": "a"] }
    let result = try service.answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"task_get","arguments":{"task":"a"}}}"#,
      on: backend)?.message["result"]
    let text = try #require(result?["content"]?.arrayValue?.first?["text"]?.stringValue)
    #expect(try JSONReader.read(Array(text.utf8)) == result?["structuredContent"])
    #expect(result?["isError"] == nil)
  }

  @Test func `an argument counts more than who calls`() throws {
    let backend = StubBackend()
    let identity = CallIdentity(agent: "header", project: "header-project")
    for arguments in [#"{"task":"a"}"#, #"{"task":"a","agent":"arg","project":"arg-project"}"#] {
      _ = try service.answer(
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"task_complete","arguments":\#(arguments)}}"#,
        from: identity, on: backend)
    }
    #expect(backend.calls.map(\.agent) == ["header", "arg"])
    #expect(backend.calls.map { $0.fields["project"] } == ["header-project", "arg-project"])
  }

  @Test func `without a project a call says how to name one`() throws {
    let answer = try service.answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"orient","arguments":{}}}"#,
      from: CallIdentity())
    let content = answer?.message["result"]?["structuredContent"]
    #expect(content?["field"] == "project")
    #expect(content?["message"]?.stringValue?.contains("HOLDFAST_PROJECT") == true)
  }
}
