import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Synchronization
import Testing

@testable import HoldfastMCP

/// One message a POST: the body says the era, and headers may not contradict it.
@Suite struct StreamableHTTPTests {
  private typealias Headers = [(String, String)]

  private static let types: [(String, String)] = [
    ("content-type", "application/json"), ("accept", "application/json, text/event-stream"),
  ]

  private func post(
    _ body: String, _ headers: Headers = [], types: Headers = Self.types, tools: String? = nil,
    on backend: StubBackend = StubBackend()
  ) -> (status: Int, json: JSON?) {
    let made = Mutex<StreamableHTTP.Answer?>(nil)
    let all = types + headers
    StreamableHTTP().handle(
      Array(filled(body).utf8),
      .init(tools: tools) { name in all.filter { $0.0 == name }.map(\.1) }, on: backend
    ) { reply in
      let answer = reply()
      made.withLock { $0 = answer }
    }
    let answer = made.withLock { $0 }
    return (answer?.status ?? 0, answer.flatMap { try? JSONReader.read($0.body) })
  }

  private func request(_ method: String, _ params: String, id: String = "5") -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{\#(params)}}"#
  }

  private func modern(_ method: String, name: String? = nil) -> Headers {
    [("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)]
      + (name.map { [("mcp-name", $0)] } ?? [])
  }

  // MARK: The table of eras

  @Test func `a modern request with its headers is answered`() {
    let answer = post(request("tools/list", "META"), modern("tools/list"))
    #expect(answer.status == 200)
    #expect(answer.json?["result"]?["resultType"] == "complete")
    #expect(answer.json?["id"] == 5)
  }

  @Test(arguments: [
    #""_meta":{"io.modelcontextprotocol/protocolVersion":7}"#,
    #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#,
    #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]}"#,
  ])
  func `a claim that is not whole is refused, with headers or without`(_ meta: String) {
    for headers in [[], modern("tools/list")] {
      let answer = post(request("tools/list", meta), headers)
      #expect(answer.status == 400)
      #expect(answer.json?.errorCode == -32602)
      #expect(answer.json?["id"] == 5)
    }
  }

  @Test(arguments: [
    [("mcp-protocol-version", "2025-11-25"), ("mcp-method", "tools/list")],
    [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call")],
    [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "Tools/List")],
    [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "")],
    [("mcp-method", "tools/list")], [("mcp-protocol-version", "2026-07-28")], [],
    [
      ("mcp-protocol-version", "2026-07-28"), ("mcp-protocol-version", "2026-07-28"),
      ("mcp-method", "tools/list"),
    ],
    [
      ("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/list"),
      ("mcp-method", "tools/list"),
    ],
  ])
  func `headers that contradict, are missing or come twice are refused`(
    _ headers: [(String, String)]
  ) {
    let answer = post(request("tools/list", "META"), headers)
    #expect(answer.status == 400)
    #expect(answer.json?.errorCode == -32020)
    #expect(answer.json?["id"] == 5)
  }

  @Test func `space around a header's value does not count`() {
    let answer = post(
      request("tools/list", "META"),
      [("mcp-protocol-version", " 2026-07-28\t"), ("mcp-method", "\ttools/list ")])
    #expect(answer.status == 200)
  }

  @Test func `a revision that nobody knows`() {
    let meta =
      #""_meta":{"io.modelcontextprotocol/protocolVersion":"2031-01-01","io.modelcontextprotocol/clientCapabilities":{}}"#
    let answer = post(
      request("tools/list", meta),
      [("mcp-protocol-version", "2031-01-01"), ("mcp-method", "tools/list")])
    #expect(answer.status == 400)
    #expect(answer.json?.errorCode == -32022)
    #expect(answer.json?["error"]?["data"]?["supported"] == ["2026-07-28"])
  }

  @Test func `a claim of an old revision is treated as old`() {
    let meta = #""_meta":{"io.modelcontextprotocol/protocolVersion":"2025-06-18"}"#
    for headers in [[], [("mcp-protocol-version", "2025-06-18")]] {
      let answer = post(request("tools/list", meta), headers)
      #expect(answer.status == 200)
      #expect(answer.json?["result"]?["resultType"] == nil)
    }
  }

  @Test func `initialize is of the old eras`() {
    let params =
      #""protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}"#
    for headers in [[], [("mcp-protocol-version", "2025-06-18")]] {
      let answer = post(request("initialize", params), headers)
      #expect(answer.status == 200)
      #expect(answer.json?["result"]?["protocolVersion"] == "2025-06-18")
    }
    let contradicted = post(
      request("initialize", params), [("mcp-protocol-version", "2026-07-28")])
    #expect(contradicted.status == 400)
    #expect(contradicted.json?.errorCode == -32020)
    let claimed = post(request("initialize", params + ",META"), modern("initialize"))
    #expect(claimed.status == 404)
    #expect(claimed.json?.errorCode == -32601)
  }

  @Test func `no claim under a modern header names the missing keys`() {
    let answer = post(request("tools/list", ""), modern("tools/list"))
    #expect(answer.status == 400)
    #expect(answer.json?.errorCode == -32602)
    let message = answer.json?["error"]?["message"]?.stringValue ?? ""
    #expect(message.contains(MetaKey.protocolVersion))
    #expect(message.contains(MetaKey.clientCapabilities))
  }

  @Test(arguments: [nil, "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
  func `no claim and no modern header is old`(_ version: String?) {
    let headers = version.map { [("mcp-protocol-version", $0)] } ?? []
    #expect(post(request("tools/list", ""), headers).json?["result"]?["tools"] != nil)
    let unknown = post(request("no/such", ""), headers)
    #expect(unknown.status == 200)
    #expect(unknown.json?.errorCode == -32601)
  }

  @Test(arguments: ["2031-01-01", "", "x"])
  func `no claim and a header of no revision is refused`(_ version: String) {
    let answer = post(request("tools/list", ""), [("mcp-protocol-version", version)])
    #expect(answer.status == 400)
    #expect(answer.json?.errorCode == -32022)
  }

  @Test(arguments: [nil, "2025-03-26", "2025-11-25", "2026-07-28"])
  func `notifications and responses are taken and dropped`(_ version: String?) {
    let headers = version.map { [("mcp-protocol-version", $0)] } ?? []
    for body in [
      #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
      #"{"jsonrpc":"2.0","method":"notifications/unheard-of","params":{META}}"#,
      #"{"jsonrpc":"2.0","id":1,"result":{}}"#,
      #"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}"#,
    ] {
      let answer = post(body, headers)
      #expect(answer.status == 202)
      #expect(answer.json == nil)
    }
  }

  @Test func `lists are of one revision alone`() {
    let ping = request("ping", "")
    for headers in [[], [("mcp-protocol-version", "2025-03-26")]] {
      let answer = post("[\(ping),\(request("ping", "", id: "6"))]", headers)
      #expect(answer.status == 200)
      #expect(answer.json?.arrayValue?.map { $0["id"] } == [5, 6])
      #expect(post(#"[{"jsonrpc":"2.0","method":"n"}]"#, headers).status == 202)
    }
    for (body, headers) in [
      ("[\(ping)]", [("mcp-protocol-version", "2025-06-18")]),
      ("[\(ping)]", [("mcp-protocol-version", "2026-07-28")]),
      ("[\(ping),\(request("tools/list", "META"))]", []), ("[]", []), ("[1]", []),
      (#"[\#(ping),{"jsonrpc":"2.0","id":1}]"#, []),
    ] as [(String, Headers)] {
      let answer = post(body, headers)
      #expect(answer.status == 400)
      #expect(answer.json?.errorCode == -32600)
    }
  }

  @Test(arguments: ["", "{", "\u{0}", #"{"jsonrpc":"2.0","id":1,"method":"ping"}{}"#])
  func `what is no JSON is a parse error`(_ body: String) {
    let answer = post(body)
    #expect(answer.status == 400)
    #expect(answer.json?.errorCode == -32700)
    #expect(answer.json?["id"] == nil)
  }

  // MARK: Mcp-Name

  private func name(_ header: String?, _ body: String, _ method: String = "tools/call") -> Int64? {
    let key = method == "resources/read" ? "uri" : "name"
    let answer = post(
      request(method, #""\#(key)":"\#(body)",META"#), modern(method, name: header))
    if answer.json?.errorCode == -32020 { #expect(answer.status == 400) }
    return answer.json?.errorCode
  }

  @Test func `Mcp-Name says which tool is called`() {
    #expect(name("orient", "orient") == nil)
    #expect(name(" orient ", "orient") == nil)
    for header in [nil, "", "Orient", "task_get", "orient,orient"] {
      #expect(name(header, "orient") == -32020, "\(header ?? "none")")
    }
    #expect(name("x", "y", "prompts/get") == -32020)
    #expect(name("holdfast://a", "holdfast://b", "resources/read") == -32020)
  }

  @Test func `Mcp-Name may stand in base64`() {
    #expect(name("=?base64?b3JpZW50?=", "orient") == nil)
    #expect(name("=?base64?w7w=?=", "ü") == -32602, "there is no such tool")
    #expect(name("=?base64??=", "") == -32602)
    for broken in ["b3JpZW50=", "b3J", "b3!pZW50", "w7", "/w==", "b3JpZW50 "] {
      #expect(name("=?base64?\(broken)?=", "orient") == -32020, "\(broken)")
    }
    // Without the exact frame it is the name itself.
    for literal in ["=?BASE64?b3JpZW50?=", "=?base64?b3JpZW50", "b3JpZW50", "=?base64?="] {
      #expect(name(literal, "orient") == -32020)
      #expect(name(literal, literal) == -32602, "\(literal)")
    }
  }

  @Test func `Mcp-Name twice is refused, and missing names are their own errors`() {
    let twice = post(
      request("tools/call", #""name":"orient",META"#),
      modern("tools/call", name: "orient") + [("mcp-name", "orient")])
    #expect(twice.json?.errorCode == -32020)
    let none = post(request("tools/call", "META"), modern("tools/call", name: "orient"))
    #expect(none.json?.errorCode == -32602)
    #expect(none.status == 400)
  }

  // MARK: Types

  @Test func `other types are refused`() {
    let body = request("tools/list", "")
    let accept = ("accept", "application/json, text/event-stream")
    for content in ["text/plain", "application/jsonx", "", "application/json-rpc"] {
      #expect(post(body, types: [("content-type", content), accept]).status == 415, "\(content)")
    }
    #expect(post(body, types: [accept]).status == 415)
    for content in ["application/json; charset=utf-8", "Application/JSON"] {
      #expect(post(body, types: [("content-type", content), accept]).status == 200, "\(content)")
    }
    let content = ("content-type", "application/json")
    for accept in [
      "application/json", "text/event-stream", "text/html",
      "application/json, text/event-stream;q=0", "",
    ] {
      #expect(post(body, types: [content, ("accept", accept)]).status == 406, "\(accept)")
    }
    for accept in ["*/*", "application/*, text/*", "text/event-stream;q=0.5, Application/Json"] {
      #expect(post(body, types: [content, ("accept", accept)]).status == 200, "\(accept)")
    }
    #expect(
      post(
        body, types: [content, ("accept", "application/json"), ("accept", "text/event-stream")]
      ).status == 200)
  }

  @Test func `the query chooses the set of tools`() {
    let all = post(request("tools/list", ""), tools: "all")
    #expect(all.json?["result"]?["tools"]?.arrayValue?.count == Toolset.all.names.count)
    let none = post(request("tools/list", ""), tools: "none")
    #expect(none.status == 400)
    #expect(none.json?.errorCode == -32602)
  }

  @Test func `headers say who calls and for which project`() {
    let backend = StubBackend()
    let answer = post(
      request("tools/call", #""name":"orient""#),
      [("x-agent-id", "ann"), ("holdfast-project", "shop")], on: backend)
    #expect(answer.status == 200)
    #expect(backend.calls.first?.agent == "ann")
    #expect(backend.calls.first?.fields["project"] == "shop")
  }

  @Test func `whatever is posted, the answer is JSON-RPC or a documented silence`() {
    var messages = MutatedMessages(seed: 12)
    for number in 0..<2_000 {
      let body = messages.next()
      let made = Mutex<StreamableHTTP.Answer?>(nil)
      let headers = number % 2 == 0 ? modern("tools/call", name: "orient") : []
      StreamableHTTP().handle(
        body, .init(tools: nil) { name in (Self.types + headers).filter { $0.0 == name }.map(\.1) },
        on: StubBackend()
      ) { reply in
        let answer = reply()
        made.withLock { $0 = answer }
      }
      let answer = made.withLock { $0 }
      if answer?.status == 202 {
        #expect(answer?.body.isEmpty == true)
      } else {
        let json = answer.flatMap { try? JSONReader.read($0.body) }
        #expect([200, 400, 404].contains(answer?.status))
        let ones = json?.arrayValue ?? [json ?? nil]
        #expect(ones.allSatisfy { MutatedMessages.isAnswer($0) })
      }
    }
  }
}
