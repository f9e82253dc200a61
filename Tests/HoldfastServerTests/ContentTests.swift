import HoldfastJSON
import HoldfastServer
import HoldfastTesting
import Testing

/// A task's text and what is derived from it.
@Suite struct ContentTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let task = "/v1/projects/p/tasks/a"

  init() throws {
    server = try TestServer()
    #expect(client.post("/v1/projects/p/tasks", #"{"filename":"a","goal":"old"}"#).status == 201)
  }

  private func subtasks() -> [String] {
    client.get("\(task)/subtasks").json?.arrayValue?.map {
      let number = $0["task_number"]?.int64Value ?? 0
      return "\(number) \($0["title"]?.stringValue ?? "") \($0["status"]?.stringValue ?? "")"
    } ?? []
  }

  @Test(arguments: [
    Array("# Plan\r\n\ttext  \n".utf8), [0, 255, 254, 0, 10], Array("\u{feff}x".utf8), [],
    [UInt8](repeating: 0xc3, count: 100_000),
  ])
  func `bytes of any kind come back as they went in`(bytes: [UInt8]) {
    let put = client.send("PUT", "\(task)/content", body: bytes)
    #expect(put.status == 200)
    #expect(put.json?["filename"] == "a")
    let read = client.get("\(task)/content")
    #expect(read.status == 200)
    #expect(read.body == bytes)
    #expect(read["Content-Type"]?.hasPrefix("text/markdown") == true)
    #expect(read["ETag"] == put["ETag"])
  }

  @Test func `whoever empties a text is told what was there`() {
    let warning: JSON = "the text is empty now; it had 6 bytes"
    func warnings() -> [JSON] {
      client.put("\(task)/content", "").json?["warnings"]?.arrayValue ?? []
    }
    #expect(!warnings().contains(warning))
    #expect(client.put("\(task)/content", "# Äx\n").status == 200)
    #expect(warnings().last == warning)
    #expect(!warnings().contains(warning))
  }

  @Test func `a new task has an empty text`() {
    let read = client.get("\(task)/content")
    #expect(read.status == 200)
    #expect(read.body == [])
  }

  @Test func `a missing task is not found, as JSON`() {
    for answer in [
      client.get("/v1/projects/p/tasks/none/content"),
      client.put("/v1/projects/p/tasks/none.md/content", "text"),
    ] {
      #expect(answer.status == 404)
      #expect(answer.error == "task not found: none")
      #expect(answer["Content-Type"] == "application/json")
    }
  }

  @Test func `goal and subtasks follow the plan`() {
    let plan = """
      # T
      **Goal:** new goal
      ## Wave 1
      ### Task 2: two
      ### Wave 2
      #### Task 1 — one
      """
    let answer = client.put("\(task)/content", plan)
    #expect(answer.json?["goal"] == "new goal")
    #expect(answer.json?["content"]?.stringValue == plan)
    #expect(answer.json?["warnings"] == nil)
    #expect(subtasks() == ["1 one pending", "2 two pending"])
  }

  @Test func `progress survives a new title and an order, a removed task does not`() {
    #expect(
      client.put("\(task)/content", "## Wave 1\n### Task 1: one\n### Task 2: two").status == 200)
    for number in [1, 2] {
      let path = "\(task)/subtasks/\(number)/status"
      #expect(client.put(path, #"{"status":"done"}"#).status == 200)
    }
    let plan = "## Wave 1\n### Task 3: three\n## Wave 2\n### Task 1: other title"
    #expect(client.put("\(task)/content", plan).status == 200)
    #expect(subtasks() == ["1 other title done", "3 three pending"])
  }

  @Test func `without waves and goal both stay, with a warning`() {
    #expect(client.put("\(task)/subtasks", #"[{"task_number":7,"title":"x"}]"#).status == 200)
    let answer = client.put("\(task)/content", "just text")
    #expect(answer.status == 200)
    #expect(answer.json?["goal"] == "old")
    #expect(answer.json?["warnings"]?.arrayValue?.count == 1)
    #expect(subtasks() == ["7 x pending"])
    #expect(client.get(task).json?["warnings"] == nil)
  }

  @Test func `duplicate numbers are refused and nothing is stored`() {
    #expect(client.put("\(task)/content", "before").status == 200)
    let before = client.get(task).body
    let plan = "**Goal:** x\n## Wave 1\n### Task 1: a\n### Task 2: b\n## Wave 2\n### Task 1: c"
    let answer = client.put("\(task)/content", plan)
    #expect(answer.status == 400)
    #expect(answer.error.contains("duplicate task numbers"))
    #expect(answer.error.contains("1"))
    #expect(client.get(task).body == before)
    #expect(subtasks() == [])
  }

  @Test func `a plan has a largest number of tasks`() {
    func plan(_ count: Int) -> String {
      "## Wave 1\n" + (1...count).map { "### Task \($0): t\n" }.joined()
    }
    #expect(client.put("\(task)/content", plan(10_001)).status == 400)
    #expect(client.put("\(task)/content", plan(10_000)).status == 200)
    #expect(subtasks().count == 10_000)
  }

  @Test func `a text of 16 MiB is the largest`() {
    let largest = [UInt8](repeating: UInt8(ascii: "x"), count: Limits.contentBytesMax)
    #expect(client.send("PUT", "\(task)/content", body: largest + [10]).status == 413)
    #expect(client.send("PUT", "\(task)/content", body: largest).status == 200)
    #expect(client.get("\(task)/content").body == largest)
  }
}
