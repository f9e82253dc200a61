import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Synchronization
import Testing

/// Files that agents lock: one holder each, all of a call or none.
@Suite struct LockTests {
  let server: TestServer
  let clock = TestClock()
  var client: HTTPClient { server.client }
  let path = "/v1/projects/p/locks"

  init() throws {
    let clock = clock
    server = try TestServer { clock.install(in: &$0) }
    for agent in ["a", "b"] {
      try server.store.mutate("agent_connect", [("agent", .string(agent))])
    }
  }

  private func take(_ agent: String, _ paths: [String], _ more: String = "") -> HTTPClient.Answer {
    let list = JSON.array(paths.map { .string($0) }).renderedText()
    return client.post(path, #"{"agent":"\#(agent)","files":\#(list)\#(more)}"#)
  }

  private func release(_ body: String) -> JSON? { client.delete(path, body).json }

  /// `path:agent` of all locks.
  private func held(_ query: String = "") -> [String] {
    client.get(path + query).json?["locks"]?.arrayValue?
      .map { "\($0["path"]?.stringValue ?? ""):\($0["agent"]?.stringValue ?? "")" } ?? ["?"]
  }

  private func count() throws -> Int64 {
    guard case .int(let count) = try server.rows("SELECT count(*) FROM events")[0][0] else {
      return -1
    }
    return count
  }

  @Test func `the first holder has it, the second is told who`() throws {
    let first = take("a", ["src/x.swift"], #","reason":"refactoring""#)
    #expect(first.status == 200)
    #expect(first.json?["acquired"] == true)
    let lock = try #require(first.json?["locks"]?.arrayValue?.first)
    #expect(
      lock["path"] == "src/x.swift" && lock["agent"] == "a" && lock["reason"] == "refactoring")
    #expect(lock["fence"]?.int64Value ?? 0 > 0)
    #expect(lock["lease_expires_at"] == "2027-01-15T08:15:00Z")
    let second = take("b", ["./src//x.swift"])
    #expect(second.status == 200)
    #expect(second.json?["acquired"] == false)
    #expect(second.json?["warning"] == "File already locked by agent a")
    #expect(second.json?["locked_by"] == "a")
    #expect(second.json?["conflicts"] == [lock])
    #expect(second.json?["locks"] == [])
    #expect(held() == ["src/x.swift:a"])
  }

  @Test func `the holder that asks again keeps its lock, without an event`() throws {
    let first = take("a", ["x"])
    let events = try count()
    let second = take("a", ["x"])
    #expect(second.json?["acquired"] == true)
    #expect(second.json?["warning"] == nil)
    #expect(
      second.json?["locks"]?.arrayValue?.first?["fence"]
        == first.json?["locks"]?.arrayValue?.first?["fence"])
    #expect(try count() == events)
    // What it is for may change; nobody else is told.
    let third = take("a", ["x"], #","reason":"tests""#)
    #expect(third.json?["locks"]?.arrayValue?.first?["reason"] == "tests")
    #expect(client.get("/v1/projects/p/lock-events").json?["events"]?.arrayValue?.count == 1)
  }

  @Test func `all files of a call are taken or none`() {
    #expect(take("a", ["m"]).json?["acquired"] == true)
    let mixed = take("b", ["k", "m", "z"])
    #expect(mixed.json?["acquired"] == false)
    #expect(mixed.json?["conflicts"]?.arrayValue?.count == 1)
    #expect(held() == ["m:a"])
    #expect(take("b", ["z", "k", "./k", "k/../z"]).json?["locks"]?.arrayValue?.count == 2)
    #expect(held() == ["k:b", "m:a", "z:b"])
  }

  @Test(arguments: [("x", #","exclusive":true"#), ("lock:deploy", "")])
  func `an exclusive lock of another is a conflict`(file: String, more: String) {
    #expect(take("a", [file], more).json?["acquired"] == true)
    let refused = take("b", ["free", file], more)
    #expect(refused.status == 409)
    #expect(refused.json?["code"] == "lock_conflict")
    #expect(refused.error == "File already locked by agent a")
    #expect(refused.json?["locked_by"] == "a")
    #expect(refused.json?["paths"] == [.string(file)])
    #expect(held() == ["\(file):a"])
  }

  @Test func `only the holder frees a file`() {
    #expect(take("a", ["x", "y"]).status == 200)
    #expect(release(#"{"agent":"b","paths":["x"]}"#) == ["success": false, "released": 0])
    #expect(release(#"{"agent":"a","paths":["x","none"]}"#) == ["success": false, "released": 1])
    #expect(held() == ["y:a"])
    #expect(release(#"{"agent":"a","paths":["y"]}"#) == ["success": true, "released": 1])
    #expect(held() == [])
    #expect(take("b", ["x"]).json?["acquired"] == true)
  }

  @Test func `all files of an agent are freed at once, those of one project`() {
    #expect(take("a", ["x", "y", "z"]).status == 200)
    #expect(take("b", ["w"]).status == 200)
    #expect(client.post("/v1/projects/q/locks", #"{"agent":"a","paths":["x"]}"#).status == 200)
    #expect(release(#"{"agent":"a"}"#) == ["success": true, "released": 3])
    #expect(release(#"{"agent":"a"}"#) == ["success": true, "released": 0])
    #expect(held() == ["w:b"])
    #expect(client.get("/v1/projects/q/locks").json?["locks"]?.arrayValue?.count == 1)
  }

  @Test func `a person frees what an agent holds by force`() {
    #expect(take("a", ["x", "y"]).status == 200)
    #expect(client.delete(path, #"{"paths":["x"]}"#).status == 400)
    #expect(client.delete(path, #"{"force":true}"#).error == "paths is required with force")
    #expect(release(#"{"paths":["x"],"force":true}"#) == ["success": true, "released": 1])
    #expect(held() == ["y:a"])
    let last = client.get("/v1/projects/p/lock-events").json?["events"]?.arrayValue?.last
    #expect(last?["cause"] == "admin" && last?["agent"] == "a" && last?["event"] == "released")
  }

  @Test func `a lock that was given out anew is not freed by its old fence`() throws {
    let old = take("a", ["x"]).json?["locks"]?.arrayValue?.first?["fence"]?.int64Value ?? 0
    #expect(release(#"{"agent":"a"}"#)?["released"]?.int64Value == 1)
    let new = take("a", ["x"]).json?["locks"]?.arrayValue?.first?["fence"]?.int64Value ?? 0
    #expect(new > old)
    let stale = client.delete(path, #"{"agent":"a","paths":["x"],"fence":\#(old)}"#)
    #expect(stale.status == 403)
    #expect(stale.json?["code"] == "not_owner")
    #expect(held() == ["x:a"])
    #expect(release(#"{"agent":"a","paths":["x"],"fence":\#(new)}"#)?["success"] == true)
  }

  @Test func `locks are listed by file and by agent`() {
    #expect(take("a", ["x", "y"]).status == 200)
    #expect(take("b", ["z"]).status == 200)
    #expect(held() == ["x:a", "y:a", "z:b"])
    #expect(held("?agent=a") == ["x:a", "y:a"])
    #expect(held("?files=z&files=./x&files=none") == ["x:a", "z:b"])
    #expect(held("?files=z&files=x&agent=b") == ["z:b"])
    #expect(held("?agent=nobody") == [])
    let none = client.post("/v1/operations/lock_list", #"{"project":"p","files":[]}"#)
    #expect(none.json?["locks"] == [])
    #expect(client.get("/v1/projects/none/locks").json?["locks"] == [])
  }

  @Test func `a long list comes in pages`() throws {
    #expect(take("a", (0..<7).map { "f\($0)" }).status == 200)
    for query in [
      "", "&agent=a", "&files=" + (0..<7).map { "f\($0)" }.joined(separator: "&files="),
    ] {
      var seen: [String] = []
      var cursor = ""
      repeat {
        let page = try #require(client.get("\(path)?limit=3\(query)\(cursor)").json)
        seen += page["locks"]?.arrayValue?.compactMap { $0["path"]?.stringValue } ?? []
        cursor = page["next_cursor"]?.stringValue.map { "&cursor=\($0)" } ?? ""
      } while !cursor.isEmpty
      #expect(seen == (0..<7).map { "f\($0)" })
    }
  }

  @Test(arguments: [
    (#""paths":["../x"]"#, "invalid_path", #"the path "../x" must not lead out of the project"#),
    (
      #""paths":["a","/etc"]"#, "invalid_path",
      #"the path "/etc" must be relative to the root of the project"#
    ),
    (
      #""paths":["a\u0000"]"#, "invalid_path",
      #"the path "a\u{0}" must not contain the character U+0000"#
    ),
    (#""paths":[]"#, "invalid_field", "paths must not be empty"),
    (#""reason":"none""#, "invalid_field", "paths is required"),
    (
      #""path":["a"]"#, "unknown_field",
      #"lock_take has no field "path"; did you mean "paths"?"#
    ),
    (
      #""paths":["a"],"exclusiv":true"#, "unknown_field",
      #"lock_take has no field "exclusiv"; did you mean "exclusive"?"#
    ),
  ])
  func `wrong paths are refused, and nothing is locked`(fields: String, code: String, error: String)
  {
    let answer = client.post(path, #"{"agent":"a",\#(fields)}"#)
    #expect(answer.status == 400)
    #expect(answer.json?["code"]?.stringValue == code)
    #expect(answer.error == error)
    #expect(held() == [])
  }

  @Test func `a path of 4096 bytes is locked, one of 5000 is refused`() {
    let long = String(repeating: "d/", count: 2047) + "ab"
    #expect(take("a", [long]).json?["acquired"] == true)
    #expect(take("b", [long]).json?["locked_by"] == "a")
    // The same for as far as an index looks.
    #expect(take("b", [String(long.dropLast()) + "c"]).json?["acquired"] == true)
    #expect(held().count == 2)
    let refused = take("a", [String(repeating: "x", count: 5000)])
    #expect(refused.status == 400)
    #expect(refused.json?["rule"] == "length")
  }

  @Test func `only an agent that is connected locks files`() {
    let unknown = take("nobody", ["x"])
    #expect(unknown.status == 404)
    #expect(unknown.json?["code"] == "agent_not_found")
    #expect(client.delete(path, #"{"agent":"nobody"}"#).status == 404)
    #expect(take("a", ["x"], #","task":"none""#).json?["code"] == "task_not_found")
    #expect(held() == [])
  }

  @Test func `a thousand files are taken and given back in one call`() throws {
    let files = (0..<1000).map { "src/module\($0 % 7)/file\($0).swift" }
    let taken = take("a", files)
    #expect(taken.json?["locks"]?.arrayValue?.count == 1000)
    let conflict = take("b", ["other"] + files)
    #expect(conflict.json?["acquired"] == false)
    #expect(conflict.json?["conflicts"]?.arrayValue?.count == 1000)
    #expect(release(#"{"agent":"a"}"#)?["released"]?.int64Value == 1000)
    #expect(
      client.get("/v1/projects/p/lock-events?limit=1").json?["events"]?.arrayValue?.count == 1000)
  }

  @Test func `who leaves gives its files back, in all projects`() {
    #expect(take("a", ["x", "y"]).status == 200)
    #expect(client.post("/v1/projects/q/locks", #"{"agent":"a","paths":["z"]}"#).status == 200)
    #expect(client.delete("/v1/agents/a").text == "{\"tasks_released\":0,\"files_released\":3}\n")
    #expect(held() == [])
    let events = client.get("/v1/projects/q/lock-events").json?["events"]?.arrayValue
    #expect(events?.map { $0["cause"] } == ["taken", "disconnect"])
  }

  @Test func `of 20 agents that want one file one gets it`() throws {
    for number in 0..<20 {
      try server.store.mutate("agent_connect", [("agent", .string("w\(number)"))])
    }
    let wins = Mutex(0)
    TestThread.concurrently(20) { index in
      if take("w\(index)", ["x", "y\(index)"]).json?["acquired"] == true {
        wins.withLock { $0 += 1 }
      }
    }
    #expect(wins.withLock { $0 } == 1)
    #expect(held().count == 2)
  }

  @Test func `locks end with their task, and the others of the agent apart`() throws {
    #expect(client.post("/v1/projects/p/tasks", #"{"filename":"t"}"#).status == 201)
    #expect(take("a", ["bound"], #","task":"t""#).status == 200)
    #expect(take("a", ["free"]).status == 200)
    #expect(client.get(path).json?["locks"]?.arrayValue?.first?["task"] != nil)
    try server.store.endTask("t", in: "p")
    #expect(held() == ["free:a"])
    try server.store.endUnbound("a")
    #expect(held() == [])
    let events = client.get("/v1/projects/p/lock-events").json?["events"]?.arrayValue
    #expect(events?.map { $0["cause"] } == ["taken", "taken", "task_end", "task_end"])
  }

  @Test func `what happened can be verified from the history`() throws {
    #expect(take("a", (0..<50).map { "f\($0)" }, #","reason":"r""#).status == 200)
    #expect(take("a", ["f3"], #","reason":"other""#).status == 200)
    #expect(release(#"{"agent":"a","paths":["f1","f2"]}"#)?["released"]?.int64Value == 2)
    #expect(client.delete("/v1/agents/b").status == 200)
    let report = try Verify().run(on: server.store)
    #expect(report.problems == [])
    #expect(report.tables.contains { $0.name == "locks" && $0.rows == 48 })
    try server.backing.damage("UPDATE locks SET reason = 'x' WHERE path = 'f3'")
    #expect(try Verify().run(on: server.store).problems.count == 1)
  }
}
