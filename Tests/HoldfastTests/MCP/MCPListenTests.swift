import Glibc
import HoldfastJSON
import HoldfastTesting
import Testing

/// `holdfast mcp` tells of changes, whoever makes them.
@Suite struct MCPListenTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private func start(_ agent: String = "ann") throws -> MCPInbox {
    MCPInbox(try MCPProcess(home, agent: agent))
  }

  @Test func `a subscription is acknowledged first, with what is honoured`() throws {
    let ours = try start()
    let honoured = try ours.listen(
      to: ["tasks://ready", "task://p/a", "tasks://ready", "nothing://x", "tasks"], id: 7,
      [("toolsListChanged", true), ("promptsListChanged", true), ("resourcesListChanged", true)])
    #expect(honoured == ["resourceSubscriptions": ["tasks://ready", "task://p/a"]])
    #expect(try ours.listen(to: [], id: "none") == [:])
    let other = try start("bob")
    try other.call("task_create", ["title": "a", "id": "a"])
    #expect(Set([try ours.change(7), try ours.change(7)]) == ["tasks://ready", "task://p/a"])
    #expect(ours.mcp.end() == 0)
    #expect(other.mcp.end() == 0)
  }

  @Test func `every resource is told of when it changes`() throws {
    let ours = try start()
    let other = try start("bob")
    try other.call("task_create", ["title": "a", "id": "a"])
    let uris = [
      "tasks://ready", "tasks://p/ready", "tasks://all", "tasks://p/all",
      "tasks://p/status/pending", "task://p/a", "files://locks", "files://p/locks",
      "agents://all", "stats://summary", "stats://p/summary",
    ]
    #expect(try ours.listen(to: uris, id: "all")["resourceSubscriptions"]?.arrayValue?.count == 11)
    let listed = try [
      ("resources/list", "resources", "uri"),
      ("resources/templates/list", "resourceTemplates", "uriTemplate"),
    ]
    .flatMap { method, list, place in
      ours.send(method, [], id: "list")
      let answer = try ours.first { $0["id"] == "list" }
      return (answer["result"]?[list]?.arrayValue ?? []).compactMap { $0[place]?.stringValue }
    }
    let filled = Set(
      listed.map {
        $0.replacing("{project}", with: "p").replacing("{task}", with: "a")
          .replacing("{status}", with: "pending")
      })
    #expect(filled == Set(uris), "each one that is listed is tried here")

    let tasks: Set = [
      "tasks://ready", "tasks://p/ready", "tasks://all", "tasks://p/all",
      "tasks://p/status/pending", "stats://summary", "stats://p/summary", "agents://all",
    ]
    try other.call("task_create", ["title": "b"])
    var told: Set<String> = []
    while told.isStrictSubset(of: tasks) { told.insert(try #require(try ours.change("all"))) }
    #expect(told == tasks)
    _ = try ours.untilNow()
    try other.call("task_update", ["task": "a", "title": "A"])
    try ours.change(of: "task://p/a", "all")
    _ = try ours.untilNow()
    try other.call("files_lock", ["files": ["x.swift"]])
    try ours.change(of: "files://locks", "all")
    try ours.change(of: "files://p/locks", "all")
    #expect(ours.mcp.end() == 0)
    #expect(other.mcp.end() == 0)
  }

  @Test func `one that is cancelled says nothing more, and the others go on`() throws {
    let ours = try start()
    try ours.listen(to: ["tasks://p/all"], id: 1)
    try ours.listen(to: ["tasks://p/all"], id: "1")
    try ours.listen(to: ["tasks://other/all"], id: 3)
    ours.cancel(1)
    try ours.call("task_create", ["title": "a"])
    #expect(try ours.change("1") == "tasks://p/all")
    try ours.call("task_create", ["title": "b", "project": "other"])
    #expect(try ours.change(3) == "tasks://other/all")
    #expect(try !ours.untilNow().contains { $0.subscription == 1 || $0["id"] == 1 })
    // Its id is free again.
    try ours.listen(to: ["tasks://p/all"], id: 1)
    try ours.call("task_create", ["title": "c"])
    #expect(try ours.change(1) == "tasks://p/all")

    #expect(ours.mcp.end() == 0)
    let rest = ours.mcp.process.rest().split(separator: "\n").compactMap {
      try? JSONReader.read(Array($0.utf8))
    }
    let ends = rest.filter { $0["result"] != nil }
    #expect(Set(ends.compactMap { $0["id"]?.renderedText() }) == ["1", #""1""#, "3"])
    for end in ends {
      #expect(end["result"]?["resultType"] == "complete")
      #expect(
        end["result"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == end["id"])
    }
  }

  @Test func `what is no filter is refused`() throws {
    let ours = try start()
    let many = (0...1_000).map { JSON.string("task://p/t\($0)") }
    let long = (0..<100).map {
      JSON.string("task://p/\($0)" + String(repeating: "a", count: 3_000))
    }
    for filter: JSON? in [
      nil, 7, ["resourceSubscriptions": 7], ["resourceSubscriptions": [7]],
      ["toolsListChanged": "yes"], ["resourceSubscriptions": .array(many)],
      ["resourceSubscriptions": .array(long)],
    ] {
      ours.send("subscriptions/listen", filter.map { [("notifications", $0)] } ?? [], id: "x")
      #expect(try ours.first { $0["id"] == "x" }.mcpError == -32602)
    }
    #expect(
      try ours.mcp.request("subscriptions/listen", #"{"notifications":{}}"#).mcpError == -32601)
    #expect(ours.mcp.end() == 0)
  }

  // MARK: Before 2026-07-28

  @Test func `older clients subscribe to one resource after the other`() throws {
    let ours = try start()
    let shaken = try ours.mcp.request(
      "initialize",
      #"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}"#
    )
    #expect(shaken["result"]?["capabilities"]?["resources"] == ["subscribe": true])
    for uri in ["task://p/a", "tasks://ready", "task://p/a"] {
      #expect(try ours.mcp.request("resources/subscribe", #"{"uri":"\#(uri)"}"#)["result"] == [:])
    }
    let other = try start("bob")
    try other.call("task_create", ["title": "a", "id": "a"])
    #expect(Set([try ours.change(nil), try ours.change(nil)]) == ["task://p/a", "tasks://ready"])
    func unsubscribe(_ uri: String) throws {
      ours.mcp.send(
        #"{"jsonrpc":"2.0","id":"u","method":"resources/unsubscribe","params":{"uri":"\#(uri)"}}"#)
      #expect(try ours.first { $0["id"] == "u" }["result"] == [:])
    }
    try unsubscribe("task://p/a")
    try unsubscribe("task://p/never")
    try other.call("task_update", ["task": "a", "title": "b"])
    try ours.change(of: "tasks://ready", nil)
    #expect(try !ours.untilNow().contains { $0["params"]?["uri"] == "task://p/a" })
    #expect(
      try ours.mcp.request("resources/subscribe", #"{"uri":"nothing://x"}"#).mcpError == -32002)
    #expect(try ours.mcp.request("resources/subscribe").mcpError == -32602)
    ours.send("resources/subscribe", [("uri", "task://p/a")], id: "modern")
    #expect(try ours.first { $0["id"] == "modern" }.mcpError == -32601)
    #expect(ours.mcp.end() == 0)
  }

  // MARK: Wherever the store is

  @Test func `nothing is missed when the store moves to another process`() throws {
    let first = try start("eve")
    try first.call("task_create", ["title": "a", "id": "a"])
    let ours = try start()
    try ours.listen(to: ["task://p/a", "task://p/b", "task://p/c"], id: "l")
    first.mcp.process.crash()
    let other = try start("bob")
    try other.call("task_update", ["task": "a", "title": "b"])
    #expect(try ours.change("l") == "task://p/a")

    // A server takes the store over, and leaves it again.
    let service = try home.serve()
    try other.call("task_create", ["title": "b", "id": "b"])
    #expect(try ours.change("l") == "task://p/b")
    service.process.crash()
    try other.call("task_update", ["task": "a", "title": "c"])
    #expect(try ours.change("l") == "task://p/a")
    #expect(try home.run("task", "create", "c", "--project", "p").code == 0)
    #expect(try ours.change("l") == "task://p/c")
    #expect(ours.mcp.end() == 0)
    #expect(other.mcp.end() == 0)
  }

  @Test func `a project goes on under its new name`() throws {
    let ours = try start()
    try ours.call("task_create", ["title": "a", "id": "a"])
    try ours.listen(to: ["task://p/a"], id: "l")
    #expect(try home.run("project", "rename", "p", "q", "--keep-alias").code == 0)
    try ours.change(of: "task://p/a", "l")
    _ = try ours.untilNow()
    try ours.call("task_update", ["task": "a", "title": "b", "project": "q"])
    try ours.change(of: "task://p/a", "l")
    #expect(ours.mcp.end() == 0)
  }

  // MARK: Calls that wait

  @Test func `a call that waits says so, and stops with its answer`() throws {
    let ours = try start()
    let other = try start("bob")
    try ours.call("orient")
    ours.send(
      "tools/call", [("name", "task_claim"), ("arguments", ["wait_ms": 30_000])], id: "w",
      meta: ["progressToken": "token"])
    var told: [Int64] = []
    while told.count < 2 {
      let message = try ours.first { $0["method"] == "notifications/progress" }
      #expect(message["params"]?["progressToken"] == "token")
      #expect(message["params"]?["total"] == 30_000)
      told.append(try #require(message["params"]?["progress"]?.int64Value))
    }
    #expect(told[0] < told[1])
    try other.call("task_create", ["title": "a"])
    #expect(try ours.first { $0["id"] == "w" }["result"]?["isError"] == nil)
    #expect(ours.mcp.end() == 0)
    #expect(!ours.mcp.process.rest().contains("notifications/progress"))
    #expect(other.mcp.end() == 0)
  }

  @Test func `a wait that is cancelled ends where the store is`() throws {
    let service = try home.serve()
    defer { service.process.signal(SIGTERM) }
    let ours = try start()
    try ours.call("orient")
    func waiting() -> Int64 {
      service.client.get("/v1/health").json?["waiting"]?.int64Value ?? 0
    }
    for id in 0..<3 {
      ours.send(
        "tools/call", [("name", "task_claim"), ("arguments", ["wait_ms": 30_000])],
        id: .number(JSONNumber(Int64(id))))
      // On PostgreSQL it waits in this process, and no server knows of it.
      if home.isOnFile { while waiting() != 1 {} }
      ours.cancel(.number(JSONNumber(Int64(id))))
      if home.isOnFile { while waiting() != 0 {} }
    }
    let other = try start("bob")
    try other.call("task_create", ["title": "a"])
    #expect(try other.call("task_claim", ["wait_ms": 30_000])["task"]?["title"] == "a")
    #expect(ours.mcp.end() == 0, "no wait holds the end up")
  }

  @Test func `whenever a claim is cancelled, its task is free or held by who knows`() throws {
    let ours = try start()
    let other = try start("bob")
    try ours.call("orient")
    try other.call("orient")
    for round in 0..<10 {
      let id = JSON.string("w\(round)")
      ours.send("tools/call", [("name", "task_claim"), ("arguments", ["wait_ms": 30_000])], id: id)
      let task = try #require(try other.call("task_create", ["title": "a"])["id"])
      ours.cancel(id)
      // The same agent asks again at once, unless the answer was there before.
      let early = try ours.untilNow().first { $0["id"] == id }?["result"]?["structuredContent"]
      let again = try early ?? ours.call("task_claim", ["wait_ms": 30_000], id: "again")
      #expect(again["task"]?["id"] == task)
      try ours.call("task_complete", ["task": task, "fence": again["fence"] ?? .null])
    }
    #expect(ours.mcp.end() == 0)
    #expect(other.mcp.end() == 0)
  }
}
