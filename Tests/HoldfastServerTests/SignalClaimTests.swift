import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Synchronization
import Testing

/// Claims: filters, waiting, and many claimers at once.
@Suite struct SignalClaimTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  let path = "/v1/projects/p/signals"

  init() throws { server = try TestServer() }

  private func create(_ type: String, _ plan: String = "") {
    let body: JSON = ["SignalType": .string(type), "PlanFile": .string(plan)]
    #expect(client.post(path, body.renderedText()).status == 201)
  }

  private func claim(_ body: String) -> Int64? {
    client.post("\(path)/claim", body).json?["ID"]?.int64Value
  }

  @Test func `filters choose, the order stays`() {
    create("plan_start", "a")
    create("implement_start", "b")
    create("review_approved", "a")
    create("implement_start", "a")
    create("plan_start", "c")
    #expect(claim(#"{"types":["verify_failed"]}"#) == nil)
    #expect(claim(#"{"types":["implement-start","review_approved"]}"#) == 2)
    #expect(claim(#"{"plan_file":"a.md","types":["review_approved","implement_start"]}"#) == 3)
    #expect(claim(#"{"plan_file":"c"}"#) == 5)
    #expect(claim(#"{"plan_file":"a"}"#) == 1)
    #expect(claim(#"{"plan_file":"a","types":[]}"#) == 4)
    #expect(claim(#"{"types":null,"plan_file":""}"#) == nil)
  }

  @Test func `a signal and a claim may name the task by its id`() throws {
    let task = try #require(client.post("/v1/projects/p/tasks", #"{"filename":"plan"}"#).json)
    let id = try #require(task["id"]?.stringValue)
    create("plan_start", id)
    #expect(client.get("\(path)/1").json?["PlanFile"]?.stringValue == "plan")
    #expect(claim(#"{"plan_file":"\#(id)"}"#) == 1)
    // The id of a deleted task is no name for another one.
    #expect(client.delete("/v1/projects/p/tasks/plan").status == 204)
    for (route, body) in [("", #""signal_type":"plan_start""#), ("/claim", #""claimed_by":"w""#)] {
      let refused = client.post("\(path)\(route)", #"{"plan_file":"\#(id)",\#(body)}"#)
      #expect(refused.status == 409)
      #expect(refused.error == "the task plan (\(id)) was deleted: restore the task first")
    }
    #expect(client.get("\(path)?status=all").json?.arrayValue?.count == 1)
  }

  @Test(arguments: [
    (#"{"types":["x"]}"#, #"unknown signal type "x""#), (#"{"types":"x"}"#, "invalid request body"),
    (#"{"wait_ms":30001}"#, "invalid request body: wait_ms must be a whole number from 0 to 30000"),
    (#"{"wait_ms":-1}"#, "invalid request body"),
    (#"{"lease_seconds":86401}"#, "invalid request body"),
    (#"{"claimed_by":7}"#, "invalid request body"), ("", "invalid request body"),
  ])
  func `a wrong claim is refused`(body: String, error: String) {
    create("plan_start")
    let answer = client.post("\(path)/claim", body)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix(error), "\(answer.error)")
  }

  @Test func `a claim of an unknown project gives nothing and makes none`() {
    #expect(client.post("/v1/projects/none/signals/claim", "{}").status == 204)
    #expect(client.get("/v1/projects").text == "[]\n")
  }

  @Test func `of 20 claims of one signal one wins`() {
    create("plan_start")
    let wins = Mutex(0)
    let losses = Mutex(0)
    TestThread.concurrently(20) { index in
      let answer = client.post("\(path)/claim", #"{"claimed_by":"w\#(index)"}"#)
      if answer.status == 200 { wins.withLock { $0 += 1 } }
      if answer.status == 204 { losses.withLock { $0 += 1 } }
    }
    #expect(wins.withLock { $0 } == 1)
    #expect(losses.withLock { $0 } == 19)
  }

  @Test func `a waiting claim gets the signal that comes later`() {
    let waiting = Waiter(client, path, #"{"claimed_by":"w","wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    create("plan_start")
    let answer = waiting.answer()
    #expect(answer.status == 200)
    #expect(answer.json?["ClaimedBy"]?.stringValue == "w")
  }

  @Test func `equal claims are served in the order they came`() {
    let waiting = (1...3).map { number in
      let waiter = Waiter(client, path, #"{"claimed_by":"w\#(number)","wait_ms":30000}"#)
      #expect(eventually { server.store.database.health.parked == number })
      return waiter
    }
    for _ in waiting { create("plan_start") }
    for (number, waiter) in zip(1..., waiting) {
      #expect(waiter.answer().json?["ID"]?.int64Value == Int64(number))
    }
  }

  @Test func `a waiting claim takes only what fits`() {
    let waiting = Waiter(client, path, #"{"types":["review_approved"],"wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    create("plan_start")
    create("review_approved")
    #expect(waiting.answer().json?["ID"]?.int64Value == 2)
    #expect(claim("{}") == 1)
  }

  @Test func `a wait ends with nothing`() {
    #expect(client.post("\(path)/claim", #"{"wait_ms":1}"#).status == 204)
  }

  @Test func `a reset and a retry wake who waits`() {
    create("plan_start")
    #expect(claim("{}") == 1)
    let first = Waiter(client, path, #"{"wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    _ = client.post("\(path)/reset-stuck", "{}")
    #expect(first.answer().status == 200)
    _ = client.post("\(path)/1/processed", #"{"status":"failed"}"#)
    let second = Waiter(client, path, #"{"wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    _ = client.post("\(path)/1/retry")
    #expect(second.answer().status == 200)
  }

  @Test func `who waits under an alias is woken, too`() {
    create("plan_start")
    _ = client.post("/v1/projects/p/aliases", #"{"alias":"other"}"#)
    #expect(claim("{}") == 1)
    let waiting = Waiter(client, "/v1/projects/other/signals", #"{"wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    create("plan_start")
    #expect(waiting.answer().json?["ID"]?.int64Value == 2)
  }

  @Test func `a repeated claim gets its signal again, whoever waits`() {
    create("plan_start")
    let body = #"{"claimed_by":"w","wait_ms":30000}"#
    let key = [("Idempotency-Key", "k")]
    let first = client.post("\(path)/claim", body, headers: key)
    #expect(first.status == 200)
    let waiting = Waiter(client, path, #"{"claimed_by":"other","wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    let again = client.post("\(path)/claim", body, headers: key)
    #expect(again.status == 200)
    #expect(again.body == first.body)
    create("plan_start")
    #expect(waiting.answer().json?["ID"]?.int64Value == 2)
  }

  @Test(arguments: [("rename", "new_name"), ("aliases", "alias")])
  func `who waits under a name that comes to lead to a project is woken`(
    route: String, field: String
  ) {
    create("plan_start")
    let waiting = Waiter(client, "/v1/projects/other/signals", #"{"wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    #expect(client.post("/v1/projects/p/\(route)", #"{"\#(field)":"other"}"#).status == 200)
    #expect(waiting.answer().json?["ID"]?.int64Value == 1)
  }

  @Test func `a connection that is gone gets nothing`() throws {
    let body = #"{"claimed_by":"gone","wait_ms":30000}"#
    let descriptor = try #require(client.connect())
    let request = Array(
      "POST \(path)/claim HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        .utf8)
    #expect(send(descriptor, request, request.count, 0) == request.count)
    #expect(eventually { server.store.database.health.parked == 1 })
    close(descriptor)
    create("plan_start")
    #expect(eventually { server.store.database.health.parked == 0 })
    let next = client.post("\(path)/claim", #"{"claimed_by":"next"}"#)
    #expect(next.status == 200)
    #expect(next.json?["Attempts"]?.int64Value == 1)
  }
}
