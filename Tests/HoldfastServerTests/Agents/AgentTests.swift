import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Agents: they connect, are heard of, and leave.
@Suite struct AgentTests {
  let server: TestServer
  let clock = TestClock()
  var client: HTTPClient { server.client }

  init() throws {
    let clock = clock
    server = try TestServer { clock.install(in: &$0) }
  }

  private var ids: [String] {
    client.get("/v1/agents").json?["agents"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
  }

  @Test func `without an id an agent gets one of its own`() throws {
    let answers = (1...5).map { _ in client.post("/v1/agents") }
    #expect(answers.allSatisfy { $0.status == 201 })
    let made = answers.compactMap { $0.json?["id"]?.stringValue }
    #expect(Set(made).count == 5)
    #expect(answers.allSatisfy { $0.json?["max_claims"]?.int64Value == 5 })
    #expect(ids == made.reversed())
  }

  @Test func `an id that a store would make may be taken`() throws {
    let made = try #require(client.post("/v1/agents").json?["id"]?.stringValue)
    #expect(client.delete("/v1/agents/\(made)").status == 200)
    // The next one that it would make.
    let next = server.store.facts.ids.id(row: 2).text
    try server.store.mutate("agent_connect", [("agent", "first")])
    #expect(client.delete("/v1/agents/first").status == 200)
    let taken = server.store.facts.ids.id(row: 4).text
    #expect(client.post("/v1/agents", #"{"agent":"\#(taken)"}"#).status == 201)
    #expect(client.post("/v1/agents").json?["id"]?.stringValue == "\(taken)-2")
    #expect(next != taken)
  }

  @Test func `an agent says who it is and what it can do`() throws {
    let answer = client.post(
      "/v1/agents", #"{"agent":"ada","name":"Ada","tags":["swift","sql","swift"],"max_claims":3}"#)
    #expect(answer.status == 201)
    let agent = try #require(answer.json)
    #expect(agent["id"] == "ada" && agent["name"] == "Ada")
    #expect(agent["tags"] == ["swift", "sql"])
    #expect(agent["max_claims"]?.int64Value == 3)
    #expect(agent["claim_count"]?.int64Value == 0)
    #expect(agent["registered_at"] == "2027-01-15T08:00:00Z")
    #expect(agent["last_heartbeat"] == "2027-01-15T08:00:00Z")
    #expect(agent["lease_expires_at"] == "2027-01-15T08:15:00Z")
    #expect(client.get("/v1/agents").json?["agents"] == [agent])
  }

  @Test(arguments: [
    (#"{"agent":""}"#, "Agent ID cannot be empty"),
    (
      #"{"agent":"\#(String(repeating: "x", count: 65))"}"#,
      "Agent ID must be at most 64 characters, got 65"
    ),
    (#"{"agent":"a\u0000"}"#, "agent id must not contain the character U+0000"),
    (#"{"max_claims":0}"#, "max_claims must be a whole number from 1 to 10000, not 0"),
    (#"{"tags":[""]}"#, "tags must be texts of 1 to 255 bytes, not \"\""),
    (#"{"tags":"x"}"#, "tags must be a list, not a string"),
    (
      #"{"max_claim":1}"#,
      #"agent_connect has no field "max_claim"; did you mean "max_claims"?"#
    ),
  ])
  func `a wrong agent is refused`(body: String, error: String) {
    let answer = client.post("/v1/agents", body)
    #expect(answer.status == 400)
    #expect(answer.error == error)
    #expect(ids.isEmpty)
  }

  @Test func `a second agent of one id is refused, unless it is forced`() throws {
    let longest = String(repeating: "x", count: 64)
    let body = #"{"agent":"\#(longest)","name":"One","tags":["a"]}"#
    #expect(client.post("/v1/agents", body).status == 201)
    let refused = client.post("/v1/agents", body)
    #expect(refused.status == 409)
    #expect(refused.json?["code"] == "already_exists")
    #expect(
      refused.error == "Agent ID '\(longest)' already registered. Use force=true to reconnect.")
    let forced = client.post(
      "/v1/agents", #"{"agent":"\#(longest)","name":"Two","tags":["b"],"force":true}"#)
    #expect(forced.status == 201)
    #expect(forced.json?["tags"] == ["b"])
    #expect(forced.json?["name"] == "Two")
    #expect(ids == [longest])
  }

  @Test func `who leaves is gone, and its id is free`() throws {
    #expect(client.post("/v1/agents", #"{"agent":"ada"}"#).status == 201)
    let left = client.delete("/v1/agents/ada")
    #expect(left.status == 200)
    #expect(left.text == "{\"tasks_released\":0,\"files_released\":0}\n")
    #expect(ids.isEmpty)
    #expect(client.delete("/v1/agents/ada").status == 200)
    #expect(client.delete("/v1/agents/nobody").status == 200)
    #expect(client.post("/v1/agents", #"{"agent":"ada"}"#).status == 201)
    #expect(ids == ["ada"])
  }

  @Test func `a heartbeat renews, and that of an unknown agent is refused`() throws {
    let unknown = client.post("/v1/agents/ada/heartbeat")
    #expect(unknown.status == 404)
    #expect(unknown.json?["code"] == "agent_not_found")
    #expect(unknown.error == "Agent not found: \"ada\"; connect it first")
    #expect(client.post("/v1/agents", #"{"agent":"ada"}"#).status == 201)
    let events = try server.rows("SELECT count(*) FROM events")
    clock.advance(seconds: 20)
    // Not yet a tenth of the lease: it is not worth a write.
    let early = client.post("/v1/agents/ada/heartbeat")
    #expect(early.json?["last_heartbeat"] == "2027-01-15T08:00:00Z")
    try clock.endLeases(seconds: 90, in: server.store.database)
    let late = client.post("/v1/agents/ada/heartbeat")
    #expect(late.json?["last_heartbeat"]?.stringValue ?? "" > "2027-01-15T08:01:30Z")
    #expect(try server.rows("SELECT count(*) FROM events") == events)
  }

  @Test func `agents are listed in pages`() throws {
    for number in 1...5 {
      #expect(client.post("/v1/agents", #"{"agent":"a\#(number)"}"#).status == 201)
    }
    let first = client.get("/v1/agents?limit=2")
    #expect(first.json?["agents"]?.arrayValue?.map { $0["id"] } == ["a5", "a4"])
    let cursor = try #require(first.json?["next_cursor"]?.stringValue)
    let rest = client.get("/v1/agents?limit=3&cursor=\(cursor)").json
    #expect(rest?["agents"]?.arrayValue?.map { $0["id"] } == ["a3", "a2", "a1"])
    #expect(rest?["next_cursor"] == nil)
  }

  @Test func `a server for some projects serves agents, too`() throws {
    let server = try TestServer(projects: [try ProjectName("shop")])
    #expect(server.client.post("/v1/agents", #"{"agent":"ada"}"#).status == 201)
    #expect(server.client.get("/v1/agents").status == 200)
    #expect(server.client.post("/v1/agents/ada/heartbeat").status == 200)
    #expect(server.client.delete("/v1/agents/ada").status == 200)
  }
}
