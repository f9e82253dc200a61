import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// What tasks cost: counters that only grow, exact to a millionth of a dollar.
@Suite struct CostTests {
  let graph: GraphClient
  let task: String
  var client: HTTPClient { graph.client }

  init() throws {
    graph = try GraphClient()
    graph.connect("a")
    task = graph.create("t")
  }

  private func log(_ body: String, to kind: String = "costs") -> HTTPClient.Answer {
    client.post("\(graph.tasks)/\(task)/\(kind)", body)
  }

  @Test func `tokens and money add up, and the answer has the totals`() {
    #expect(log(#"{"agent":"a","tokens_in":100,"tokens_out":50,"cost_usd":0.001}"#).status == 200)
    let answer = log(#"{"agent":"a","tokens_in":200,"tokens_out":100,"cost_usd":0.002}"#)
    #expect(answer.status == 200)
    #expect(answer.json?["tokens_in"]?.int64Value == 300)
    #expect(answer.json?["tokens_out"]?.int64Value == 150)
    #expect(answer.json?["tokens_cached"]?.int64Value == 0)
    #expect(answer.text.contains(#""cost_usd":0.003"#))
    let read = graph.get(task)
    #expect(read?["tokens_in"]?.int64Value == 300)
    #expect(read?["cost_usd"] == .number(JSONNumber(3, decimals: 3)))
    #expect(read?["cost_micros"] == nil)
  }

  @Test func `time that is logged adds up`() {
    #expect(log(#"{"agent":"a","duration_ms":1000}"#, to: "time").status == 200)
    let answer = log(#"{"agent":"a","duration_ms":2000}"#, to: "time")
    #expect(answer.json?["time_actual_ms"]?.int64Value == 3000)
    #expect(graph.get(task)?["time_actual_ms"]?.int64Value == 3000)
  }

  @Test(arguments: [
    ("0.1", "0.1"), ("\"0.1\"", "0.1"), ("1e-6", "0.000001"), ("0.000001", "0.000001"),
    ("12", "12"), ("9223372036854.775807", "9223372036854.775807"), ("1.50", "1.5"),
  ])
  func `an amount is kept exactly`(given: String, kept: String) {
    let answer = log(#"{"cost_usd":\#(given)}"#)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.text.contains(#""cost_usd":\#(kept)"#), "\(answer.text)")
  }

  @Test func `a tenth of a cent a thousand times is a dollar`() throws {
    for _ in 0..<1000 {
      try graph.server.store.mutate(
        "task_log_cost", [("project", "p"), ("task", .string(task)), ("cost_usd", "0.001")])
    }
    #expect(log("{}").text.contains(#""cost_usd":1}"#))
  }

  @Test(arguments: [
    #"{"cost_usd":-0.01}"#, #"{"cost_usd":"NaN"}"#, #"{"cost_usd":NaN}"#, #"{"cost_usd":"inf"}"#,
    #"{"cost_usd":0.0000001}"#, #"{"cost_usd":9223372036854.775808}"#, #"{"cost_usd":1e400}"#,
    #"{"cost_usd":true}"#, #"{"cost_usd":""}"#, #"{"tokens_in":-1}"#, #"{"tokens_in":1.5}"#,
    #"{"tokens_out":9223372036854775808}"#, #"{"user_metrics":[]}"#, #"{"user_metrics":"x"}"#,
    #"{"tokens":1}"#,
  ])
  func `what is no cost is refused`(body: String) throws {
    let answer = log(body)
    #expect(answer.status == 400, "\(answer.text)")
    #expect(try graph.server.rows("SELECT id FROM costs").isEmpty)
  }

  @Test(arguments: [#"{"duration_ms":-1}"#, "{}", #"{"duration_ms":9223372036854775807}"#])
  func `what is no time is refused`(body: String) {
    #expect(log(body, to: "time").status == 400)
    #expect(graph.get(task)?["time_actual_ms"] == nil)
  }

  @Test func `a counter does not leave 64 bits`() {
    #expect(log(#"{"tokens_in":9223372036854775807}"#).status == 200)
    let answer = log(#"{"tokens_in":1,"tokens_out":1}"#)
    #expect(answer.status == 400)
    #expect(answer.json?["field"] == "tokens_in")
    #expect(graph.get(task)?["tokens_in"]?.int64Value == .max)
    #expect(graph.get(task)?["tokens_out"] == nil)
    let most = Int64.max / 4
    #expect(log(#"{"duration_ms":\#(most)}"#, to: "time").status == 200)
    #expect(log(#"{"duration_ms":1}"#, to: "time").status == 400)
  }

  @Test func `an unknown task and an unknown agent are refused`() {
    for kind in ["costs", "time"] {
      let none = client.post("\(graph.tasks)/none/\(kind)", #"{"duration_ms":1}"#)
      #expect(kind == "costs" || none.json?["code"] == "task_not_found")
      let stranger = log(
        #"{"agent":"nobody"\#(kind == "time" ? #","duration_ms":1"# : "")}"#, to: kind)
      #expect(stranger.json?["code"] == "agent_not_found", "\(stranger.text)")
    }
    #expect(client.post("\(graph.tasks)/none/costs", "{}").json?["code"] == "task_not_found")
  }

  @Test func `numbers of the caller's own merge by their names`() {
    #expect(log(#"{"user_metrics":{"a":1,"b":{"x":1}}}"#).status == 200)
    let answer = log(#"{"user_metrics":{"b":{"y":2},"c":"z"}}"#)
    #expect(answer.json?["user_metrics"] == ["a": 1, "b": ["y": 2], "c": "z"])
    #expect(graph.get(task)?["user_metrics"] == ["a": 1, "b": ["y": 2], "c": "z"])
    let large = String(repeating: "x", count: Metrics.bytesMax)
    #expect(log(#"{"user_metrics":{"d":"\#(large)"}}"#).status == 400)
  }

  @Test func `each call is an entry of its own, and one that says nothing is none`() throws {
    _ = log(#"{"agent":"a","tokens_in":5}"#)
    _ = log(#"{"tokens_in":6,"cost_usd":1}"#)
    _ = log(#"{"agent":"a","duration_ms":7}"#, to: "time")
    let revision = graph.get(task)?["revision"]
    _ = log("{}")
    _ = log(#"{"duration_ms":0}"#, to: "time")
    #expect(graph.get(task)?["revision"] == revision)
    let rows = try graph.server.rows(
      "SELECT agent, tokens_in, cost_micros, duration_ms FROM costs ORDER BY id")
    #expect(
      rows == [
        [.text("a"), .int(5), .int(0), .int(0)], [.text(""), .int(6), .int(1_000_000), .int(0)],
        [.text("a"), .int(0), .int(0), .int(7)],
      ])
    #expect(try Verify().run(on: graph.server.store).isClean)
  }

  @Test func `many that log at once lose nothing`() {
    let path = "\(graph.tasks)/\(task)/costs"
    TestThread.concurrently(8) { [client] _ in
      for _ in 0..<25 { client.post(path, #"{"tokens_in":3,"cost_usd":0.000001}"#) }
    }
    let totals = log("{}")
    #expect(totals.json?["tokens_in"]?.int64Value == 600)
    #expect(totals.text.contains(#""cost_usd":0.0002"#))
  }

  @Test func `who logs for a claim keeps it`() {
    let fence = graph.claim(task, for: "a")
    _ = log(#"{"agent":"a","tokens_in":1}"#)
    #expect(graph.get(task)?["owner_agent"] == "a")
    #expect(graph.get(task)?["fence"]?.int64Value == fence)
  }
}
