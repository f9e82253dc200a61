import Glibc
import HoldfastJSON
import HoldfastTesting
import Testing

/// `holdfast mcp`: an agent's client starts it and talks to it in lines.
@Suite struct MCPProcessTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private static let meta = """
    {"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
    "io.modelcontextprotocol/clientCapabilities":{}}}
    """
  private static let handshake = """
    {"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}
    """

  // MARK: Messages

  @Test func `eras are mixed on one connection`() throws {
    let mcp = try MCPProcess(home)
    let discovered = try mcp.request("server/discover", Self.meta, id: #""d""#)
    #expect(discovered["id"] == "d")
    #expect(discovered["result"]?["supportedVersions"] == ["2026-07-28"])
    let shaken = try mcp.request("initialize", Self.handshake, id: "0")
    #expect(shaken["id"] == 0)
    #expect(shaken["result"]?["protocolVersion"] == "2025-06-18")
    let modern = try mcp.request("tools/list", Self.meta)
    #expect(modern["result"]?["resultType"] == "complete")
    mcp.send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
    let old = try mcp.request("tools/list")
    #expect(old["result"]?["resultType"] == nil)
    #expect(old["result"]?["tools"] == modern["result"]?["tools"])
    #expect(try mcp.request("ping")["result"] == [:])
    #expect(try mcp.request("ping", Self.meta).mcpError == -32601)
    #expect(try mcp.request("initialize", Self.handshake)["result"] != nil)
    #expect(mcp.end() == 0)
  }

  @Test func `nothing is made before a tool is called`() throws {
    let mcp = try MCPProcess(home)
    _ = try mcp.request("server/discover", Self.meta)
    _ = try mcp.request("tools/list", Self.meta)
    #expect(!fileExists(home.storePath))
    #expect(mcp.end() == 0)
  }

  @Test func `a broken line does not end it`() throws {
    let mcp = try MCPProcess(home)
    mcp.send("{\r\n\r\n\n  \n")
    #expect(try mcp.answer().mcpError == -32700)
    mcp.send(Array("\u{22}".utf8) + [0xFF, 0x0A])
    #expect(try mcp.answer().mcpError == -32700)
    mcp.send(#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#)
    #expect(try mcp.answer().mcpError == -32600)
    mcp.send(#"{"jsonrpc":"2.0","id":3,"method":"ping"}"# + "\r")
    #expect(try mcp.answer()["id"] == 3)
    mcp.send(Array(#"{"jsonrpc":"2.0","id":4,"method":"ping"}"#.utf8))
    #expect(mcp.end() == 0)
    #expect(mcp.process.rest().contains(#""id":4"#), "the last line needs no end")
  }

  @Test func `the end of the input is the end of the process`() throws {
    let idle = try MCPProcess(home)
    #expect(idle.end() == 0)
    #expect(idle.process.rest() == "")

    let working = try MCPProcess(home, agent: "ann")
    try working.call("task_create", ["title": "a"])
    #expect(working.end() == 0)
    #expect(working.process.rest() == "")

    // Also while a call waits for something to do.
    let waiting = try MCPProcess(home, agent: "ann")
    try waiting.call("task_claim")
    waiting.send(
      #"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"task_claim","arguments":{"wait_ms":60000}}}"#
    )
    #expect(waiting.end() == 0)
    #expect(try home.run("verify").code == 0)
  }

  @Test func `it ends at SIGTERM as at the end of its input`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    try mcp.call("orient")
    mcp.process.signal(SIGTERM)
    #expect(mcp.process.wait() == 0)
  }

  // MARK: Work

  @Test func `pages of a list that is too long to be shown miss nothing`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    let children = (0..<300).map { number -> JSON in
      ["title": .string("A task with a title of some length, number \(number)")]
    }
    try mcp.call("task_create_tree", ["tree": ["title": "all", "children": .array(children)]])
    for limit in [0, 40, 250, 10_000] as [JSON] {
      var seen: [JSON] = []
      var cursor: JSON?
      repeat {
        var arguments = JSONObject([("limit", limit)])
        if let cursor { arguments.set("cursor", cursor) }
        let page = try mcp.call("task_list", .object(arguments))
        #expect(page["cut"] == nil)
        seen += page["tasks"]?.arrayValue?.compactMap { $0["id"] } ?? []
        cursor = page["next_cursor"]
      } while cursor != nil && seen.count <= 301
      #expect(seen.count == 301 && Set(seen.map { $0.stringValue }).count == 301, "\(limit)")
    }
  }

  @Test func `what is wrong with a call is said in the words of its arguments`() throws {
    let mcp = try MCPProcess(home)
    func refusal(_ tool: String, _ arguments: JSON) throws -> String {
      let result = try mcp.result(of: tool, arguments)
      #expect(result["isError"] == true)
      return result["structuredContent"]?["message"]?.stringValue ?? ""
    }
    #expect(try refusal("task_create", [:]) == "title is required")
    #expect(try refusal("task_create", ["title": ""]) == "title must not be empty")
    #expect(try refusal("files_lock", ["agent": "ann"]) == "files is required")
    #expect(try refusal("files_lock", ["agent": "ann", "files": []]) == "files must not be empty")
    #expect(try refusal("task_claim", [:]).hasPrefix("agent is required: pass agent, or have"))
    // Who says in each call who calls is not refused where it does not matter.
    let made = try mcp.call("task_create", ["title": "a", "content": "b", "agent": "ann"])
    #expect(made["content"] == nil, "its caller knows the text")
    #expect(
      try mcp.call("task_get", ["task": made["id"] ?? nil, "agent": "ann"])["content"] == "b")
  }

  @Test func `a day's work`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    let tree: JSON = [
      "title": "Ship the shop",
      "children": [["title": "Write it"], ["title": "Test it", "content": "Look closely."]],
    ]
    let made = try #require(try mcp.call("task_create_tree", ["tree": tree])["all_ids"]?.arrayValue)
    #expect(made.count == 3)

    let first = try mcp.call("orient")
    #expect(first["ready"]?.arrayValue?.map { $0["title"] } == ["Write it"])
    #expect(first["next"]?.stringValue?.contains("task_claim") == true)

    let claim = try mcp.call("task_claim")
    #expect(claim["task"]?["title"] == "Write it")
    let task = try #require(claim["task"]?["id"])
    let fence = try #require(claim["fence"])
    #expect(try mcp.call("orient")["held"]?.arrayValue?.count == 1)
    let note = try mcp.call("task_note", ["task": task, "text": "The key is under the mat."])
    #expect(note["author"] == "ann", "who is configured says it")
    let ended = try mcp.call(
      "task_complete", ["task": task, "reason": "It is in shop.swift.", "fence": fence])
    #expect(ended["unblocked"] == [made[2]])

    let next = try mcp.call("task_claim")
    #expect(next["task"]?["title"] == "Test it")
    #expect(next["task"]?["content"] == "Look closely.")
    #expect(next["results"]?.arrayValue?.map { $0["reason"] } == ["It is in shop.swift."])
    let second = try #require(next["task"]?["id"])

    // Who comes after a failure sees what was tried.
    try mcp.call("task_note", ["task": second, "text": "Mind the gap."])
    try mcp.call("task_release", ["task": second, "reason": "no browser here"])
    let again = try mcp.call("task_claim", ["task": second, "agent": "bob"])
    #expect(again["comments"]?.arrayValue?.map { $0["text"] } == ["Mind the gap."])
    #expect(again["attempts"]?.arrayValue?.first?["reason"] == "no browser here")
    #expect(again["attempts"]?.arrayValue?.first?["agent"] == "ann")
    try mcp.call(
      "task_complete", ["task": second, "agent": "bob", "fence": again["fence"] ?? .null])
    #expect(try mcp.call("task_claim")["task"]?["title"] == "Ship the shop")
    #expect(mcp.end() == 0)
    #expect(try home.run("verify").code == 0)
  }

  @Test func `a refusal says what to call next`() throws {
    let mcp = try MCPProcess(home)
    let task = try #require(try mcp.call("task_create", ["title": "a"])["id"])
    try mcp.call("task_claim", ["agent": "ann", "task": task])
    for (tool, arguments, code) in [
      ("task_claim", ["agent": "bob", "task": task], "ALREADY_CLAIMED"),
      ("task_complete", ["agent": "bob", "task": task], "NOT_OWNER"),
      ("task_get", ["task": "no-such"], "TASK_NOT_FOUND"),
    ] as [(String, JSON, JSON)] {
      let result = try mcp.result(of: tool, arguments)
      #expect(result["isError"] == true)
      #expect(result["structuredContent"]?["code"] == code, "\(result.renderedText())")
      #expect(result["structuredContent"]?["suggestion"]?.stringValue?.isEmpty == false)
    }
    let stale = try mcp.result(
      of: "task_complete", ["agent": "ann", "task": task, "fence": 999])
    #expect(stale["isError"] == true)
    #expect(try mcp.call("task_get", ["task": task])["status"] == "in_progress")
    let odd = try mcp.result(of: "task_create", ["title": 7])
    #expect(odd["isError"] == true)
    #expect(odd["structuredContent"]?["field"] == "title")
    #expect(mcp.end() == 0)
  }

  @Test func `an agent that nobody has connected is made known`() throws {
    let mcp = try MCPProcess(home, agent: "new-agent")
    try mcp.call("task_create", ["title": "a"])
    let claim = try mcp.call("task_claim")
    #expect(claim["task"]?["title"] == "a")
    try mcp.call("orient", ["agent": "another"])
    try mcp.call("files_lock", ["files": ["a.swift"], "agent": "third"])
    #expect(mcp.end() == 0)
    let agents = try home.run("agent", "list", "--json").json?["agents"]?.arrayValue?.compactMap {
      $0["id"]?.stringValue
    }
    #expect(agents?.contains("new-agent") == true, "\(agents ?? [])")
    #expect(agents?.contains("third") == true)
  }

  @Test func `who does not say who calls is told how`() throws {
    let mcp = try MCPProcess(home)
    try mcp.call("task_create", ["title": "a"])
    for tool in ["task_claim", "files_lock"] {
      let result = try mcp.result(of: tool, tool == "files_lock" ? ["files": ["a"]] : [:])
      #expect(result["isError"] == true)
      #expect(result["structuredContent"]?["message"]?.stringValue?.contains("agent") == true)
    }
    #expect(mcp.end() == 0)
  }

  @Test func `the project is that of the folder unless it is named`() throws {
    try home.repository("shop")
    let mcp = try MCPProcess(home, project: nil, directory: home.folder.file("shop"))
    try mcp.call("task_create", ["title": "here"])
    try mcp.call("task_create", ["title": "there", "project": "other"])
    #expect(try mcp.call("task_list")["tasks"]?.arrayValue?.map { $0["title"] } == ["here"])
    #expect(mcp.end() == 0)
    #expect(try home.run("task", "list", "--project", "shop").output.contains("here"))
  }

  @Test func `what is made in a repository belongs to it, and not to another of its name`() throws {
    try home.repository("a/shop")
    try home.repository("b/shop")
    let agent = try MCPProcess(
      home, project: nil, agent: "ada", directory: home.folder.file("a/shop"))
    try agent.call("task_create", ["title": "one"])
    let other = try home.run(in: "b/shop", "task", "list")
    #expect(other.code == 4, "\(other)")
    #expect(try home.run(in: "a/shop", "task", "list").output.contains("one"))
  }

  @Test func `calls run beside each other`() throws {
    let mcp = try MCPProcess(home)
    for number in 0..<20 {
      mcp.send(
        #"{"jsonrpc":"2.0","id":\#(number),"method":"tools/call","params":{"name":"task_create","arguments":{"title":"t\#(number)"}}}"#
      )
    }
    let ids = try (0..<20).map { _ in try mcp.answer()["id"]?.int64Value ?? -1 }
    #expect(Set(ids) == Set(0..<20))
    #expect(mcp.end() == 0)
    #expect(try home.run("task", "list", "--json").json?["tasks"]?.arrayValue?.count == 20)
  }

  @Test func `a claim that was cancelled is given back`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    try mcp.call("orient")
    mcp.send(
      #"{"jsonrpc":"2.0","id":"w","method":"tools/call","params":{"name":"task_claim","arguments":{"wait_ms":30000}}}"#
    )
    mcp.send(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"w"}}"#)
    let task = try #require(try mcp.call("task_create", ["title": "a"])["id"])
    let claim = try mcp.call("task_claim", ["agent": "bob", "wait_ms": 30_000])
    #expect(claim["task"]?["id"] == task)
    #expect(mcp.end() == 0)
    #expect(!mcp.process.rest().contains(#""w""#), "a cancelled request gets no answer")
  }

  // MARK: Several processes

  @Test func `when the first of two is killed, the other one goes on`() throws {
    let first = try MCPProcess(home, agent: "ann")
    let task = try #require(try first.call("task_create", ["title": "a"])["id"])
    let second = try MCPProcess(home, agent: "bob")
    let claim = try second.call("task_claim")
    #expect(claim["task"]?["id"] == task)
    first.process.crash()
    let fence = try #require(claim["fence"])
    try second.call("task_complete", ["task": task, "fence": fence, "reason": "done"])
    try second.call("task_create", ["title": "b"])
    let third = try MCPProcess(home, agent: "cyd")
    #expect(try third.call("task_claim")["task"]?["title"] == "b")
    #expect(second.end() == 0)
    #expect(try third.call("task_get", ["task": task])["status"] == "completed")
    #expect(third.end() == 0)
    #expect(try home.run("verify").code == 0)
  }

  @Test func `a call that the first one was killed in is done once`() throws {
    let first = try MCPProcess(home, agent: "ann")
    try first.call("task_create", ["title": "a"])
    let second = try MCPProcess(home, agent: "bob")
    try second.call("orient")
    for number in 0..<50 {
      second.send(
        #"{"jsonrpc":"2.0","id":\#(number),"method":"tools/call","params":{"name":"task_create","arguments":{"title":"t\#(number)"}}}"#
      )
    }
    _ = try second.answer()
    first.process.crash()
    for _ in 1..<50 {
      let answer = try second.answer()
      #expect(answer["result"]?["isError"] == nil, "\(answer.renderedText())")
    }
    #expect(second.end() == 0)
    let titles = try home.run("task", "list", "--json").json?["tasks"]?.arrayValue?.map {
      $0["title"]?.stringValue ?? ""
    }
    #expect(titles?.count == 51)
    #expect(try home.run("verify").code == 0)
  }

  @Test func `commands and a server work beside it`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    try mcp.call("orient")
    #expect(try home.run("task", "create", "by-command").code == 0)
    #expect(try mcp.call("task_list")["tasks"]?.arrayValue?.count == 1)
    #expect(mcp.end() == 0)

    let service = try home.serve()
    let beside = try MCPProcess(home, agent: "ann")
    try beside.call("task_create", ["title": "through the server"])
    #expect(service.client.get("/v1/projects/p/tasks").json?.arrayValue?.count == 2)
    service.process.signal(SIGTERM)
    #expect(service.process.wait() == 0)
    try beside.call("task_create", ["title": "without the server"])
    #expect(try beside.call("task_list")["tasks"]?.arrayValue?.count == 3)
    #expect(beside.end() == 0)
  }

  @Test func `a server that starts takes over, and the agents go on through it`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    try mcp.call("task_create", ["title": "a"])
    let claim = try mcp.call("task_claim")
    let service = try home.serve()
    let task = try #require(claim["task"]?["id"])
    try mcp.call("task_complete", ["task": task, "fence": claim["fence"] ?? .null])
    #expect(
      service.client.get("/v1/projects/p/tasks").json?.arrayValue?.first?["status"] == "completed")
    #expect(mcp.end() == 0)
    #expect(service.client.get("/v1/ping").status == 200)
  }
}

extension JSON {
  /// The code of the error that a message carries.
  var mcpError: Int64? { self["error"]?["code"]?.int64Value }
}
