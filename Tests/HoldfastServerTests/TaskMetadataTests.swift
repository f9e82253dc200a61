import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

/// The routes that set one field of a task.
@Suite struct TaskMetadataTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let task = "/v1/projects/p/tasks/a"
  private let missing = "/v1/projects/p/tasks/none.md"

  init() throws {
    server = try TestServer()
    #expect(client.post("/v1/projects/p/tasks", #"{"filename":"a","content":"c"}"#).status == 201)
  }

  @Test(arguments: ["planning", "implementing", "reviewing", "verifying", "done"])
  func `a phase time is set and cleared, and nothing else`(phase: String) {
    let time = "2026-01-02T01:04:05.123456789Z"
    let body = #"{"phase":"\#(phase)","timestamp":"2026-01-02T03:04:05.123456789+02:00"}"#
    let put = client.put("\(task)/phase-timestamp", body)
    #expect(put.status == 200)
    #expect(put.body == [])
    let read = client.get(task)
    #expect(read.json?["\(phase)_at"]?.stringValue == time)
    #expect(read.json?["status"] == "ready")
    #expect(read["ETag"] == put["ETag"])
    for clearing in ["", #","timestamp":null"#, #","timestamp":"0001-01-01T00:00:00Z""#] {
      #expect(client.put("\(task)/phase-timestamp", body).status == 200)
      let clear = client.put("\(task)/phase-timestamp", #"{"phase":"\#(phase)"\#(clearing)}"#)
      #expect(clear.status == 200)
      #expect(client.get(task).json?["\(phase)_at"] == "0001-01-01T00:00:00Z")
    }
  }

  @Test func `an unknown phase is refused before existence`() {
    for path in [task, missing] {
      let answer = client.put("\(path)/phase-timestamp", #"{"phase":"nap"}"#)
      #expect(answer.status == 400)
      #expect(answer.error == "unknown phase: nap")
      #expect(client.put("\(path)/phase-timestamp", "{}").error == "unknown phase: ")
    }
  }

  @Test(arguments: [
    "", "[]", #"{"phase":1}"#, #"{"phase":"done","timestamp":""}"#,
    #"{"phase":"done","timestamp":"today"}"#, #"{"phase":"done","timestamp":5}"#,
    #"{"phase":"done","timestamp":"1500-01-01T00:00:00Z"}"#,
  ])
  func `a bad phase time is refused in the contract's words`(body: String) {
    let answer = client.put("\(task)/phase-timestamp", body)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("invalid request body"))
  }

  @Test func `a goal is set and cleared, and the task answered`() {
    let set = client.put("\(task)/goal", #"{"goal":"g"}"#)
    #expect(set.status == 200)
    #expect(set.json?["goal"] == "g")
    #expect(set.json?["content"] == "c")
    #expect(client.get(task).body == set.body)
    for body in [#"{"goal":""}"#, "{}", #"{"goal":null}"#, "null"] {
      #expect(client.put("\(task)/goal", #"{"goal":"g"}"#).status == 200)
      #expect(client.put("\(task)/goal", body).json?["goal"] == nil)
    }
  }

  @Test func `a ClickUp id is set and cleared`() {
    let set = client.put("\(task)/clickup-task-id", #"{"clickup_task_id":"c1"}"#)
    #expect(set.status == 200)
    #expect(set.body == [])
    #expect(client.get(task).json?["clickup_task_id"] == "c1")
    #expect(client.put("\(task)/clickup-task-id", #"{"clickup_task_id":""}"#).status == 200)
    #expect(client.get(task).json?["clickup_task_id"] == nil)
  }

  @Test func `the review cycle counts up and the answer says how far`() {
    for count in 1...3 {
      let answer = client.post("\(task)/increment-review-cycle")
      #expect(answer.status == 200)
      #expect(answer.text == #"{"review_cycle":\#(count)}"# + "\n")
      #expect(answer["ETag"] == client.get(task)["ETag"])
    }
    #expect(client.get(task).json?["review_cycle"] == 3)
  }

  @Test func `the largest review cycle does not turn over`() {
    let largest = #"{"review_cycle":9223372036854775807}"#
    #expect(client.patch(task, largest).status == 200)
    #expect(client.post("\(task)/increment-review-cycle").status == 409)
    #expect(client.get(task).json?["review_cycle"]?.int64Value == Int64.max)
  }

  @Test func `fifty increments at once add fifty`() async {
    let (client, task) = (client, task)
    let counts = await withTaskGroup(of: Int64.self) { group in
      for _ in 0..<50 {
        group.addTask {
          client.post("\(task)/increment-review-cycle").json?["review_cycle"]?.int64Value ?? 0
        }
      }
      return await group.reduce(into: Set<Int64>()) { $0.insert($1) }
    }
    #expect(counts == Set(1...50))
    #expect(client.get(task).json?["review_cycle"] == 50)
  }

  @Test func `a missing task is named as each route names it`() {
    let plan = "plan not found: p/none"
    let other = "task not found: none"
    let answers = [
      (client.put("\(missing)/phase-timestamp", #"{"phase":"done"}"#), plan),
      (client.put("\(missing)/goal", "{}"), plan),
      (client.put("\(missing)/clickup-task-id", "{}"), other),
      (client.post("\(missing)/increment-review-cycle"), other),
    ]
    for (answer, error) in answers {
      #expect(answer.status == 404)
      #expect(answer.error == error)
    }
  }

  @Test(arguments: ["goal", "clickup-task-id"])
  func `a bad body is refused in the contract's words`(route: String) {
    for body in ["", "[]", #"{"goal":1,"clickup_task_id":1}"#, "{"] {
      let answer = client.put("\(task)/\(route)", body)
      #expect(answer.status == 400)
      #expect(answer.error.hasPrefix("invalid request body"))
    }
  }
}
