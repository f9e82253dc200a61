import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// What goes on in tasks: thoughts, progress, tags, offers.
@Suite struct LiveStateTests {
  let graph: GraphClient
  let clock = TestClock()
  var client: HTTPClient { graph.client }

  init() throws {
    graph = try GraphClient(clock: clock)
    for agent in ["a", "b"] { graph.connect(agent) }
  }

  private func put(_ path: String, _ body: String) -> HTTPClient.Answer {
    client.put("/v1/projects/p/\(path)", body)
  }

  // MARK: Thoughts

  @Test func `a holder says what it is at, on one task, some or all`() {
    let tasks = ["one", "two", "three"].map { graph.create($0) }
    for task in tasks { graph.claim(task, for: "a") }
    let one = put("tasks/\(tasks[0])/thought", #"{"agent":"a","thought":"hm"}"#)
    #expect(one.json == ["updated_count": 1])
    #expect(graph.get(tasks[0])?["current_thought"] == "hm")
    #expect(graph.get(tasks[1])?["current_thought"] == nil)
    let two = put(
      "thought", #"{"agent":"a","thought":"ah","tasks":["\#(tasks[1])","\#(tasks[2])"]}"#)
    #expect(two.json == ["updated_count": 2])
    #expect(tasks.map { graph.get($0)?["current_thought"] } == ["hm", "ah", "ah"])
    #expect(put("thought", #"{"agent":"a"}"#).json == ["updated_count": 3])
    #expect(tasks.allSatisfy { graph.get($0)?["current_thought"] == nil })
    #expect(put("thought", #"{"agent":"b"}"#).json == ["updated_count": 0])
  }

  @Test func `only a holder thinks aloud, and all or none of its tasks are told`() {
    let mine = graph.create("mine")
    let other = graph.create("other")
    let fence = graph.claim(mine, for: "a")
    for body in [
      #"{"agent":"a","thought":"x","tasks":["\#(mine)","\#(other)"]}"#,
      #"{"agent":"b","thought":"x","tasks":["\#(mine)"]}"#,
      #"{"agent":"a","thought":"x","tasks":["\#(mine)"],"fence":\#(fence - 1)}"#,
    ] {
      let answer = put("thought", body)
      #expect(answer.status == 403)
      #expect(answer.json?["code"] == "not_owner")
    }
    #expect(graph.get(mine)?["current_thought"] == nil)
    #expect(put("thought", #"{"agent":"nobody"}"#).json?["code"] == "agent_not_found")
    #expect(
      put("thought", #"{"agent":"a","tasks":["none"]}"#).json?["code"] == "task_not_found")
    let long = String(repeating: "x", count: TaskThink.bytesMax + 1)
    #expect(put("thought", #"{"agent":"a","thought":"\#(long)"}"#).status == 400)
  }

  @Test(arguments: [
    ("PUT", "thought", #"{"agent":"a","thought":"still here"}"#),
    ("PUT", "progress", #"{"agent":"a","message":"still here"}"#),
    ("POST", "costs", #"{"agent":"a","tokens_in":1}"#),
    ("POST", "time", #"{"agent":"a","duration_ms":1}"#),
    ("POST", "output", #"{"agent":"a","text":"x"}"#),
    ("POST", "comments", #"{"author":"a","text":"x"}"#),
  ])
  func `who is heard of keeps its claim`(method: String, path: String, body: String) throws {
    let task = graph.create("t")
    graph.claim(task, for: "a")
    // Longer than a lease in all, each step shorter than one.
    for _ in 0..<60 {
      clock.advance(seconds: 25)
      let answer = client.send(method, "\(graph.tasks)/\(task)/\(path)", body: Array(body.utf8))
      #expect(answer.status < 300, "\(answer.text)")
      #expect(client.post("/v1/operations/sweep", "{}").status == 200)
    }
    #expect(graph.get(task)?["owner_agent"] == "a")
  }

  // MARK: Progress

  @Test func `progress is a patch of what was said before`() {
    let task = graph.create("t")
    graph.claim(task, for: "a")
    let path = "tasks/\(task)/progress"
    let first = put(path, #"{"agent":"a","percent":40,"step":2,"steps":5,"message":"parsing"}"#)
    #expect(first.status == 200, "\(first.text)")
    #expect(
      first.json?["progress"] == ["percent": 40, "step": 2, "steps": 5, "message": "parsing"])
    _ = put(path, #"{"agent":"a","percent":60,"time_left_ms":9000,"message":null}"#)
    #expect(
      graph.get(task)?["progress"] == ["percent": 60, "step": 2, "steps": 5, "time_left_ms": 9000])
    _ = put(path, #"{"percent":null,"step":null,"steps":null,"time_left_ms":null}"#)
    #expect(graph.get(task)?["progress"] == nil)
  }

  @Test(arguments: [
    #"{"percent":101}"#, #"{"percent":-1}"#, #"{"percent":1.5}"#, #"{"step":-1}"#,
    #"{"step":3,"steps":2}"#, #"{"time_left_ms":-1}"#, #"{"percents":1}"#,
  ])
  func `what is no progress is refused`(body: String) {
    let task = graph.create("t")
    let answer = put("tasks/\(task)/progress", body)
    #expect(answer.status == 400, "\(answer.text)")
    #expect(graph.get(task)?["progress"] == nil)
  }

  @Test func `an agent tells the progress of its own tasks alone`() {
    let task = graph.create("t")
    graph.claim(task, for: "a")
    let answer = put("tasks/\(task)/progress", #"{"agent":"b","percent":1}"#)
    #expect(answer.json?["code"] == "not_owner")
  }

  // MARK: Tags

  @Test func `tags are added and taken away`() {
    let task = graph.create("t", #""tags":["x","y"]"#)
    let answer = client.post(
      "\(graph.tasks)/\(task)/labels", #"{"add":["z","x"],"remove":["y","none"]}"#)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.json?["tags"] == ["x", "z"])
    let many = (0..<64).map { "\"t\($0)\"" }.joined(separator: ",")
    #expect(client.post("\(graph.tasks)/\(task)/labels", #"{"add":[\#(many)]}"#).status == 400)
    #expect(graph.get(task)?["tags"] == ["x", "z"])
  }

  // MARK: Offers

  private func say(_ task: String, _ what: String, _ body: String) -> HTTPClient.Answer {
    client.post("\(graph.tasks)/\(task)/\(what)", body)
  }

  @Test func `an offered task waits for a yes`() throws {
    let task = graph.create("t")
    let offered = say(task, "offer", #"{"agent":"a"}"#)
    #expect(offered.status == 200, "\(offered.text)")
    #expect(offered.json?["offered_to"] == "a")
    #expect(try graph.isReady(task) == false)
    #expect(client.post("/v1/projects/p/claims", #"{"agent":"b"}"#).status == 204)
    #expect(say(task, "accept", #"{"agent":"b"}"#).json?["code"] == "not_owner")
    let accepted = say(task, "accept", #"{"agent":"a"}"#)
    #expect(accepted.status == 200)
    #expect(accepted.json?["assignee"] == "a")
    #expect(accepted.json?["offered_to"] == nil)
    #expect(accepted.json?["status"] == "pending")
    #expect(accepted.json?["owner_agent"] == nil)
    #expect(client.post("/v1/projects/p/claims", #"{"agent":"b"}"#).status == 204)
    #expect(client.post("/v1/projects/p/claims", #"{"agent":"a"}"#).status == 200)
    #expect(say(task, "accept", #"{"agent":"a"}"#).json?["code"] == "not_owner")
  }

  @Test func `a no gives the task back, and says why`() throws {
    let task = graph.create("t")
    _ = say(task, "offer", #"{"agent":"a"}"#)
    let declined = say(task, "decline", #"{"agent":"a","reason":"no time"}"#)
    #expect(declined.status == 200, "\(declined.text)")
    #expect(declined.json?["offered_to"] == nil)
    #expect(declined.json?["assignee"] == nil)
    #expect(try graph.isReady(task))
    let history = client.get("\(graph.tasks)/\(task)/history").json?["history"]?.arrayValue
    #expect(history?.last?["reason"] == "no time")
    #expect(history?.last?["status"] == "pending")
    #expect(say(task, "decline", #"{"agent":"a"}"#).json?["code"] == "not_owner")
    #expect(client.post("/v1/projects/p/claims", #"{"agent":"b"}"#).status == 200)
  }

  @Test func `only a free task is offered, and to an agent that is there`() {
    let task = graph.create("t")
    #expect(say(task, "offer", #"{"agent":"nobody"}"#).json?["code"] == "agent_not_found")
    graph.claim(task, for: "b")
    #expect(say(task, "offer", #"{"agent":"a"}"#).json?["code"] == "already_claimed")
    graph.end(task, "complete", #"{"agent":"b"}"#)
    #expect(say(task, "offer", #"{"agent":"a"}"#).json?["code"] == "invalid_transition")
  }
}
