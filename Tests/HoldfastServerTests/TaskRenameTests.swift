import HoldfastJSON
import HoldfastTesting
import Testing

/// POST of a rename.
@Suite struct TaskRenameTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let tasks = "/v1/projects/p/tasks"

  init() throws {
    server = try TestServer()
    #expect(client.post(tasks, #"{"filename":"a","goal":"g","content":"text"}"#).status == 201)
    #expect(client.put("\(tasks)/a/subtasks", #"[{"task_number":1,"title":"one"}]"#).status == 200)
  }

  @Test(arguments: [
    (#"{"new_filename":"x.md"}"#, "x"),
    (#"{"new_filename":"My Cool Feature!"}"#, "my-cool-feature"),
    (#"{"new_filename":"x","verbatim":false}"#, "x"), (#"{"New_Filename":" x "}"#, "x"),
    (#"{"new_filename":"My Plan.md","verbatim":true}"#, "My Plan"),
    (#"{"new_filename":"é","verbatim":true}"#, "é"), (#"{"new_filename":"a.b.md"}"#, "a-b"),
  ])
  func `a task takes its new name and all that is its own`(body: String, name: String) {
    let answer = client.post("\(tasks)/a.md/rename", body)
    #expect(answer.status == 200)
    #expect(answer.json?["filename"]?.stringValue == name)
    #expect(answer.json?["goal"] == "g")
    #expect(answer.json?["content"] == "text")
    let id = answer.json?["id"]?.stringValue ?? ""
    #expect(client.get("\(tasks)/\(id)").body == answer.body)
    #expect(client.get("\(tasks)/\(id)/subtasks").json?.arrayValue?.count == 1)
    #expect(client.get("\(tasks)/a").error == "task not found: a")
    #expect(client.post(tasks, #"{"filename":"a"}"#).status == 201)
    #expect(client.get("\(tasks)/a/subtasks").text == "[]\n")
  }

  @Test func `the same name is no change`() {
    let before = client.get("\(tasks)/a")
    for body in [#"{"new_filename":"a"}"#, #"{"new_filename":"A.md"}"#] {
      let answer = client.post("\(tasks)/a/rename", body)
      #expect(answer.status == 200)
      #expect(answer.body == before.body)
      #expect(answer["ETag"] == before["ETag"])
    }
  }

  @Test(arguments: [
    "{}", #"{"new_filename":""}"#, #"{"new_filename":"  "}"#, #"{"new_filename":null}"#,
    #"{"new_filename":".md","verbatim":true}"#,
  ])
  func `an empty name is refused`(body: String) {
    let answer = client.post("\(tasks)/a/rename", body)
    #expect(answer.status == 400)
    #expect(answer.error == "new_filename must not be empty")
  }

  @Test(arguments: ["!!!", ".md", "日本"])
  func `a name of which nothing stays is a conflict`(name: String) {
    let answer = client.post("\(tasks)/a/rename", #"{"new_filename":"\#(name)"}"#)
    #expect(answer.status == 409)
    #expect(client.get("\(tasks)/a").status == 200)
  }

  @Test func `a taken name is a conflict`() {
    #expect(client.post(tasks, #"{"filename":"my-plan"}"#).status == 201)
    let answer = client.post("\(tasks)/a/rename", #"{"new_filename":"My Plan"}"#)
    #expect(answer.status == 409)
    #expect(answer.error == #"a plan named "my-plan" already exists"#)
    #expect(client.get("\(tasks)/a").status == 200)
  }

  @Test func `a missing task is not found`() {
    let answer = client.post("\(tasks)/none.md/rename", #"{"new_filename":"x"}"#)
    #expect(answer.status == 404)
    #expect(answer.error == "task not found: none")
  }

  @Test(arguments: ["", "[]", #"{"new_filename":1}"#, #"{"new_filename":"x","verbatim":"yes"}"#])
  func `a bad body is refused in the contract's words`(body: String) {
    let answer = client.post("\(tasks)/a/rename", body)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("invalid request body"))
  }
}
