import HoldfastJSON
import HoldfastTesting
import Testing

/// The subtasks of a task.
@Suite struct SubtaskTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let task = "/v1/projects/p/tasks/a"
  private let two = #"[{"task_number":10,"title":"ten"},{"task_number":9,"title":"nine"}]"#

  init() throws {
    server = try TestServer()
    #expect(client.post("/v1/projects/p/tasks", #"{"filename":"a"}"#).status == 201)
  }

  @Test func `a replaced list reads back by number`() {
    let put = client.put("\(task)/subtasks", two)
    #expect(put.status == 200)
    #expect(put.body == [])
    #expect(put["Content-Type"] == nil)
    let list = client.get("\(task)/subtasks")
    #expect(
      list.text == #"[{"task_number":9,"title":"nine","status":"pending"},"#
        + #"{"task_number":10,"title":"ten","status":"pending"}]"# + "\n")
    #expect(list["ETag"] == put["ETag"])
  }

  @Test(arguments: ["null", "[]"])
  func `null and an empty list clear`(body: String) {
    #expect(client.put("\(task)/subtasks", two).status == 200)
    #expect(client.put("\(task)/subtasks", body).status == 200)
    #expect(client.get("\(task)/subtasks").text == "[]\n")
  }

  @Test func `the whole list is replaced, unknown statuses and empty titles are kept`() {
    #expect(client.put("\(task)/subtasks", two).status == 200)
    let body = #"[{"Task_Number":9,"status":"odd <word>"},{"task_number":-1,"status":""}] rest"#
    #expect(client.put("\(task)/subtasks", body).status == 200)
    #expect(
      client.get("\(task)/subtasks").json == [
        ["task_number": -1, "title": "", "status": "pending"],
        ["task_number": 9, "title": "", "status": "odd <word>"],
      ])
  }

  @Test func `duplicate numbers are refused and nothing changes`() {
    #expect(client.put("\(task)/subtasks", two).status == 200)
    let body = #"[{"task_number":3,"title":"a"},{"task_number":3,"title":"b"}]"#
    let answer = client.put("\(task)/subtasks", body)
    #expect(answer.status == 400)
    #expect(answer.error == "duplicate task_number: 3")
    #expect(client.get("\(task)/subtasks").json?.arrayValue?.count == 2)
  }

  @Test(arguments: ["", "{", "{}", "[1]", "3", #"[{"task_number":"1"}]"#, #"[{"title":5}]"#])
  func `a missing task comes before a bad body`(body: String) {
    let missing = client.put("/v1/projects/p/tasks/none/subtasks", body)
    #expect(missing.status == 404)
    #expect(missing.error == "plan not found")
    let bad = client.put("\(task)/subtasks", body)
    #expect(bad.status == 400)
    #expect(bad.error.hasPrefix("invalid request body"))
  }

  @Test func `a missing task has no list`() {
    for path in ["/v1/projects/p/tasks/none/subtasks", "/v1/projects/q/tasks/a/subtasks"] {
      let answer = client.get(path)
      #expect(answer.status == 404)
      #expect(answer.error == "plan not found")
      #expect(client.put(path, "[]").error == "plan not found")
    }
  }

  @Test func `one status is set alone`() {
    #expect(client.put("\(task)/subtasks", two).status == 200)
    for status in ["done", "my own"] {
      let put = client.put("\(task)/subtasks/9/status", #"{"status":"\#(status)"}"#)
      #expect(put.status == 200)
      #expect(put.body == [])
      let list = client.get("\(task)/subtasks").json?.arrayValue
      #expect(list?.first?["status"]?.stringValue == status)
      #expect(list?.last?["status"] == "pending")
    }
  }

  @Test(arguments: ["x", "1.5", "9223372036854775808", "%20", "1x"])
  func `a number that is none is refused`(number: String) {
    let answer = client.put("\(task)/subtasks/\(number)/status", #"{"status":"done"}"#)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("invalid task number: "))
  }

  @Test(arguments: ["", "[]", "{}", #"{"status":1}"#, #"{"status":""}"#, #"{"status":null}"#])
  func `a bad status is refused in the contract's words`(body: String) {
    #expect(client.put("\(task)/subtasks", two).status == 200)
    let answer = client.put("\(task)/subtasks/9/status", body)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("invalid request body"))
  }

  @Test func `a missing number or task is not found`() {
    let number = client.put("\(task).md/subtasks/4/status", #"{"status":"done"}"#)
    #expect(number.status == 404)
    #expect(number.error == "subtask not found: p/a#4")
    let path = "/v1/projects/p/tasks/none/subtasks/4/status"
    let missing = client.put(path, #"{"status":"done"}"#)
    #expect(missing.status == 404)
    #expect(missing.error == "subtask not found: p/none#4")
  }
}
