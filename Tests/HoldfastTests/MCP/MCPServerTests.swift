import Glibc
import HoldfastJSON
import HoldfastTesting
import Testing

/// `/mcp` of `holdfast serve`.
@Suite struct MCPServerTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private static let types = [
    ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
  ]
  private static let meta = """
    "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
    "io.modelcontextprotocol/clientCapabilities":{}}
    """

  private static func request(_ method: String, _ params: String = "") -> String {
    #"{"jsonrpc":"2.0","id":"x","method":"\#(method)","params":{\#(params)}}"#
  }

  private static func modern(_ method: String, _ name: String? = nil) -> [(String, String)] {
    [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)]
      + (name.map { [("Mcp-Name", $0)] } ?? [])
  }

  /// Calls a tool as a modern client does; gives its result.
  private func call(
    _ client: HTTPClient, _ tool: String, _ arguments: JSON = [:], _ more: [(String, String)] = []
  ) throws -> JSON {
    let params = #""name":"\#(tool)","arguments":\#(arguments.renderedText()),\#(Self.meta)"#
    let answer = client.post(
      "/mcp", Self.request("tools/call", params),
      headers: Self.types + Self.modern("tools/call", tool) + more)
    guard answer.status == 200, let result = answer.json?["result"] else {
      throw TestFailure("\(answer.status): \(answer.text)")
    }
    return result
  }

  @Test func `broken requests cost none of the memory of later ones`() throws {
    let service = try home.serve()
    defer { service.process.signal(SIGTERM) }
    // Each has as many values as a body may have.
    let many = "[" + String(repeating: "0,", count: 200_000) + "0]"
    for _ in 0..<6 {
      #expect(service.client.post("/mcp?tools=%zz", many, headers: Self.types).status == 400)
    }
    let batch = service.client.post("/mcp", many, headers: Self.types)
    #expect(batch.status == 400, "\(batch.text)")
    let notified = service.client.post(
      "/mcp", #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
      headers: Self.types + [("MCP-Protocol-Version", "1999-01-01")])
    #expect(notified.status == 400)
  }

  @Test func `the rows of the table over a real connection`() throws {
    let service = try home.serve()
    defer { service.process.signal(SIGTERM) }
    let client = service.client
    func post(_ body: String, _ headers: [(String, String)] = []) -> HTTPClient.Answer {
      client.post("/mcp", body, headers: Self.types + headers)
    }
    let discovered = post(
      Self.request("server/discover", Self.meta), Self.modern("server/discover"))
    #expect(discovered.status == 200)
    #expect(discovered["Content-Type"] == "application/json")
    #expect(discovered["Mcp-Session-Id"] == nil)
    #expect(discovered.json?["id"] == "x")
    #expect(discovered.json?["result"]?["supportedVersions"] == ["2026-07-28"])

    let old =
      #""protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}"#
    let list = Self.request("tools/list", Self.meta)
    let named = Self.request("tools/call", #""name":"no_such",\#(Self.meta)"#)
    let twice = [("MCP-Protocol-Version", "2026-07-28")] + Self.modern("tools/list")
    let rows: [(String, String, [(String, String)], Int, Int64?)] = [
      ("handshake", Self.request("initialize", old), [], 200, nil),
      (
        "handshake, modern header", Self.request("initialize", old), Self.modern("initialize"), 400,
        -32020
      ),
      (
        "handshake, modern claim", Self.request("initialize", old + "," + Self.meta),
        Self.modern("initialize"), 404, -32601
      ),
      ("no headers", list, [], 400, -32020),
      ("another method", list, Self.modern("tools/call"), 400, -32020),
      ("a header twice", list, twice, 400, -32020),
      ("modern", list, Self.modern("tools/list"), 200, nil),
      (
        "no claim, modern header", Self.request("tools/list"), Self.modern("tools/list"), 400,
        -32602
      ),
      (
        "no claim, odd header", Self.request("tools/list"), [("MCP-Protocol-Version", "1")], 400,
        -32022
      ),
      ("no claim", Self.request("tools/list"), [], 200, nil),
      ("unknown method", Self.request("no/such", Self.meta), Self.modern("no/such"), 404, -32601),
      ("unknown method of old", Self.request("no/such"), [], 200, -32601),
      ("no name", named, Self.modern("tools/call"), 400, -32020),
      ("another name", named, Self.modern("tools/call", "orient"), 400, -32020),
      ("unknown tool", named, Self.modern("tools/call", "no_such"), 400, -32602),
      ("base64", named, Self.modern("tools/call", "=?base64?bm9fc3VjaA==?="), 400, -32602),
      ("broken base64", named, Self.modern("tools/call", "=?base64?bm9fc3VjaA?="), 400, -32020),
      ("no JSON", "{", [], 400, -32700),
      ("null id", #"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, [], 400, -32600),
      ("list", "[\(list)]", [], 400, -32600),
    ]
    for (title, body, headers, status, code) in rows {
      let answer = post(body, headers)
      #expect(answer.status == status, "\(title): \(answer.text)")
      #expect(answer.json?.mcpError == code, "\(title)")
      if status != 400 || (code != -32700 && code != -32600) {
        #expect(answer.json?["id"] == "x", "\(title)")
      }
    }
    for body in [
      #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
      #"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ] {
      let answer = post(body)
      #expect(answer.status == 202)
      #expect(answer.body.isEmpty)
    }
    // What other eras send along is ignored.
    let session = post(
      list, Self.modern("tools/list") + [("Mcp-Session-Id", "stale"), ("Last-Event-ID", "7")])
    #expect(session.status == 200)
    #expect(session["Mcp-Session-Id"] == nil)
  }

  @Test func `what is no POST of JSON is refused`() throws {
    let service = try home.serve()
    defer { service.process.signal(SIGTERM) }
    let client = service.client
    let list = Self.request("tools/list")
    for method in ["GET", "DELETE", "PUT", "PATCH"] {
      let answer = client.send(
        method, "/mcp", body: method == "GET" ? nil : Array(list.utf8), headers: Self.types)
      #expect(answer.status == 405, "\(method)")
      #expect(answer["Allow"]?.contains("POST") == true, "\(method)")
    }
    #expect(client.get("/mcp", headers: [("Accept", "text/event-stream")]).status == 405)
    #expect(
      client.post("/mcp", list, headers: [("Content-Type", "text/plain"), Self.types[1]]).status
        == 415)
    #expect(client.post("/mcp", list, headers: [Self.types[1]]).status == 415)
    #expect(
      client.post("/mcp", list, headers: [Self.types[0], ("Accept", "application/json")]).status
        == 406)
    #expect(client.post("/mcp/", list, headers: Self.types).status == 404)
    let large = [UInt8](repeating: UInt8(ascii: " "), count: 4 * 1024 * 1024 + 1)
    #expect(client.send("POST", "/mcp", body: large, headers: Self.types).status == 413)
    let padded = Array(list.utf8) + large.dropFirst(list.utf8.count + 1)
    #expect(client.send("POST", "/mcp", body: padded, headers: Self.types).status == 200)
  }

  @Test func `foreign pages and hosts are kept out`() throws {
    let service = try home.serve()
    defer { service.process.signal(SIGTERM) }
    let client = service.client
    let list = Self.request("tools/list")
    func status(_ headers: [(String, String)]) -> Int {
      client.post("/mcp", list, headers: Self.types + headers).status
    }
    for origin in ["https://evil.example", "null", "", "http://127.0.0.1:1", "file://"] {
      #expect(
        status([("Host", "127.0.0.1:\(client.port)"), ("Origin", origin)]) == 403, "\(origin)")
    }
    for host in ["127.0.0.1", "localhost"] {
      let ours = "\(host):\(client.port)"
      #expect(status([("Host", ours), ("Origin", "http://\(ours)")]) == 200)
      #expect(status([("Host", ours)]) == 200)
    }
    #expect(status([("Host", "evil.example")]) == 421)
    let foreign = client.get("/mcp", headers: [("Origin", "https://evil.example")])
    #expect([403, 405].contains(foreign.status))
  }

  @Test func `headers say who calls and for which project, and arguments count more`() throws {
    let service = try home.serve()
    defer { service.process.signal(SIGTERM) }
    let client = service.client
    let headers = [("X-Agent-ID", "ann"), ("Holdfast-Project", "shop")]
    _ = try call(client, "task_create", ["title": "a"], headers)
    let claim = try call(client, "task_claim", [:], headers)["structuredContent"]
    #expect(claim?["task"]?["title"] == "a")
    #expect(client.get("/v1/projects/shop/tasks").json?.arrayValue?.count == 1)
    let held = try call(client, "orient", ["agent": "bob"], headers)["structuredContent"]
    #expect(held?["held"]?.arrayValue?.isEmpty == true)
    let other = try call(client, "task_list", ["project": "other"], headers)["structuredContent"]
    #expect(other?["tasks"]?.arrayValue?.isEmpty != false)
    let nameless = try call(client, "task_list")
    #expect(nameless["isError"] == true)
    #expect(nameless["structuredContent"]?["field"] == "project")
    let odd = try call(
      client, "orient", [:], [("X-Agent-ID", String(repeating: "a", count: 300)), headers[1]])
    #expect(odd["isError"] == true)
  }

  @Test func `a server for repositories keeps other projects out`() throws {
    guard home.isOnFile else { return }
    try home.repository("shop")
    let service = try home.serve("--repo", home.folder.file("shop"))
    defer { service.process.signal(SIGTERM) }
    let client = service.client
    #expect(try call(client, "task_create", ["title": "a", "project": "shop"])["isError"] == nil)
    let tools: [(String, JSON)] = [
      ("task_create", ["title": "a"]), ("orient", ["agent": "ann"]), ("task_list", [:]),
      ("task_get", ["task": "a"]), ("task_claim", ["agent": "ann"]),
      ("task_create_tree", ["tree": ["title": "a"]]),
      ("files_lock", ["files": ["a"], "agent": "ann"]),
    ]
    for (tool, arguments) in tools {
      var fields = try #require(arguments.objectValue)
      fields.set("project", "other")
      let named = try call(client, tool, .object(fields))
      #expect(named["isError"] == true, "\(tool): \(named.renderedText())")
      let header = try call(client, tool, arguments, [("Holdfast-Project", "other")])
      #expect(header["isError"] == true, "\(tool)")
    }
    let mine = try call(client, "task_list", ["project": "shop"])["structuredContent"]
    #expect(mine?["tasks"]?.arrayValue?.count == 1)
    #expect(try home.run("task", "list", "--project", "other").output.contains("a ") == false)
  }

  @Test func `without MCP there is no such path`() throws {
    let service = try home.serve("--mcp", "false")
    defer { service.process.signal(SIGTERM) }
    let answer = service.client.post("/mcp", Self.request("tools/list"), headers: Self.types)
    #expect(answer.status == 404)
  }

  @Test func `MCP may have a port of its own`() throws {
    let service = try home.serve("--mcp-port", "0")
    defer { service.process.signal(SIGTERM) }
    let line = try #require(service.process.line())
    #expect(line.hasPrefix("mcp server listening on http://127.0.0.1:"))
    #expect(line.hasSuffix("/mcp"))
    let port = try #require(
      line.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) })
    #expect(port != service.client.port)
    for client in [HTTPClient(port: port), service.client] {
      let answer = client.post("/mcp", Self.request("tools/list"), headers: Self.types)
      #expect(answer.status == 200)
    }
    let own = "127.0.0.1:\(port)"
    let page = HTTPClient(port: port).post(
      "/mcp", Self.request("tools/list"),
      headers: Self.types + [("Host", own), ("Origin", "http://\(own)")])
    #expect(page.status == 200)
  }

  @Test func `all tools are a matter of the query`() throws {
    let service = try home.serve()
    defer { service.process.signal(SIGTERM) }
    let client = service.client
    func count(_ path: String) -> Int? {
      client.post(path, Self.request("tools/list"), headers: Self.types)
        .json?["result"]?["tools"]?.arrayValue?.count
    }
    #expect(count("/mcp") == 14)
    #expect(count("/mcp?tools=core") == 14)
    #expect(count("/mcp?tools=all") ?? 0 > 60)
    #expect(count("/mcp?tools=x") == nil)
  }
}
