import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

/// The list of tasks with the conditions of the task graph.
@Suite struct TaskListFilterTests {
  let clock = TestClock()
  let graph: GraphClient
  var client: HTTPClient { graph.client }

  init() throws {
    graph = try GraphClient(clock: clock)
    for agent in ["ada", "bob"] { graph.connect(agent) }
    graph.create("Epic", #""id":"epic""#)
    graph.create("First", #""id":"first","parent":"epic","tags":["ui","big"]"#)
    graph.create("Second", #""id":"second","parent":"epic","tags":["ui"]"#)
    graph.create("Alone", #""id":"alone","needed_tags":["gpu"]"#)
    graph.create("Late", #""id":"late","blocked_by":["alone"]"#)
    graph.create("Bobs", #""id":"bobs","assignee":"bob""#)
    graph.create("Done", #""id":"over""#)
    graph.end("over")
    #expect(client.post(graph.tasks, #"{"filename":"plan"}"#).status == 201)
  }

  private func names(_ query: String) -> [String] {
    let answer = client.get("\(graph.tasks)?\(query)")
    guard answer.status == 200 else { return ["\(answer.status)", answer.error] }
    return answer.json?.arrayValue?.compactMap { $0["filename"]?.stringValue } ?? []
  }

  @Test func `tasks are found by who holds them, where they are and what they are called`() {
    #expect(names("owner=ada") == [])
    graph.claim("first", for: "ada")
    graph.claim("bobs", for: "bob")
    #expect(names("owner=ada") == ["first"])
    #expect(names("owner=bob") == ["bobs"])
    #expect(names("parent=epic") == ["first", "second"])
    #expect(names("parent=null") == ["alone", "bobs", "epic", "late", "over", "plan"])
    #expect(names("parent=nowhere").first == "404")
    #expect(names("tag=ui") == ["first", "second"])
    #expect(names("tag=ui&tag=big") == ["first"])
    #expect(names("tag=none") == [])
  }

  @Test func `tasks are found by their workflow`() {
    let train = #"""
      {"statuses":[{"name":"todo","category":"open"},{"name":"doing","category":"active"},
       {"name":"shipped","category":"done"}]}
      """#
    #expect(client.put("/v1/projects/p/workflows/train", train).status == 200)
    graph.create("Car", #""id":"car","workflow":"train""#)
    graph.create("Truck", #""id":"truck","workflow":"train","tags":["ui"]"#)
    #expect(names("workflow=train") == ["car", "truck"])
    #expect(names("workflow=train&tag=ui") == ["truck"])
    #expect(names("workflow=train&category=done") == [])
    #expect(names("workflow=standard") == ["plan"])
    #expect(names("workflow=repository") == [])
    #expect(names("workflow=nowhere") == [])
    #expect(names("workflow=graph&parent=epic") == ["first", "second"])
    #expect(names("workflow=train&limit=1") == ["car"])
  }

  @Test func `a category speaks of all workflows at once`() {
    #expect(names("category=open").contains("plan"))
    #expect(names("category=done") == ["over"])
    graph.claim("first", for: "ada")
    #expect(names("category=active&category=done") == ["first", "over"])
    #expect(names("category=finished").last?.contains("must be one of open, active") == true)
    #expect(client.post("\(graph.tasks)/plan/transition", #"{"event":"cancel"}"#).status == 200)
    #expect(names("category=cancelled") == ["plan"])
    #expect(names("category=waiting") == [])
  }

  @Test func `what is ready and what is blocked is what claims go by`() throws {
    #expect(names("ready=true") == ["alone", "bobs", "first", "plan"])
    #expect(names("blocked=true") == ["late", "second"])
    #expect(names("ready=false").count == 8)
    #expect(names("ready=true&blocked=true") == [])
    #expect(names("ready=true&agent=ada") == ["first", "plan"])
    #expect(names("ready=true&agent=bob") == ["bobs", "first", "plan"])
    #expect(names("agent=ada") == ["epic", "first", "late", "over", "plan", "second"])
    #expect(names("agent=nobody").first == "404")
    #expect(names("ready=maybe").first == "400")
    graph.end("first", "complete")
    #expect(names("blocked=true") == ["late"])
    #expect(names("ready=true&parent=epic") == ["second"])
  }

  @Test func `what is put off is ready when its time has come`() {
    let time = Timestamp(nanoseconds: clock.now + 60_000_000_000)
    graph.create("Soon", #""id":"soon","defer_until":"\#(time)""#)
    #expect(!names("ready=true").contains("soon"))
    clock.advance(seconds: 61)
    #expect(names("ready=true").contains("soon"))
  }

  @Test func `conditions combine with each other and with pages`() {
    #expect(names("parent=epic&tag=big&category=open&q=fir") == ["first"])
    #expect(names("status=pending&parent=null&tag=ui") == [])
    #expect(names("category=open&limit=2&cursor=bobs") == ["epic", "first"])
    let page = client.get("\(graph.tasks)?tag=ui&limit=1&fields=slim")
    #expect(page["Link"]?.hasSuffix(#">; rel="next""#) == true)
    #expect(names("tag=ui&limit=1&cursor=first") == ["second"])
    #expect(client.get("\(graph.tasks)?tag=ui&limit=1&cursor=first")["Link"] == nil)
  }

  @Test func `each listed task names its parent and what it waits for`() {
    let tasks = client.get("\(graph.tasks)?blocked=true").json?.arrayValue ?? []
    #expect(tasks.map { $0["blocked_by"] } == [["alone"], nil])
    #expect(tasks.map { $0["parent"] } == [nil, "epic"])
    let ready = client.get("/v1/projects/p/ready").json?["tasks"]?.arrayValue ?? []
    #expect(ready.first { $0["id"] == "first" }?["parent"] == "epic")
  }

  @Test func `natively a condition that nobody knows is refused with the nearest one`() {
    let answer = client.post("/v1/operations/task_list", #"{"project":"p","ovner":"ada"}"#)
    #expect(answer.status == 400)
    #expect(answer.error.contains(#"did you mean "owner"?"#))
    #expect(names("ovner=ada").count == 8)
  }
}
