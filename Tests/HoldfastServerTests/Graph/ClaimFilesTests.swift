import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// Claims that come with the locks of files.
@Suite struct ClaimFilesTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  let claims = "/v1/projects/p/claims"

  init() throws {
    graph = try GraphClient()
    for agent in ["a", "b"] { graph.connect(agent) }
  }

  private var locks: [String] {
    client.get("/v1/projects/p/locks").json?["locks"]?.arrayValue?.map {
      "\($0["path"]?.stringValue ?? "?") \($0["agent"]?.stringValue ?? "?") \($0["task"]?.stringValue ?? "-")"
    } ?? []
  }

  @Test(arguments: [true, false])
  func `a claim takes all of its files, until the task ends`(isCertain: Bool) throws {
    let task = graph.create("t")
    let which = isCertain ? #","task":"\#(task)""# : ""
    let answer = client.post(
      claims, #"{"agent":"a","files":["src/b","./src//a"]\#(which)}"#)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(
      answer.json?["locks"]?.arrayValue?.map { $0["path"] } == ["src/a", "src/b"])
    #expect(locks == ["src/a a \(task)", "src/b a \(task)"])
    // Again, with one more.
    let again = client.post(claims, #"{"agent":"a","task":"\#(task)","files":["c"]}"#)
    #expect(again.json?["already_held"] == true)
    #expect(locks.count == 3)
    graph.end(task, "complete", #"{"agent":"a"}"#)
    #expect(locks == [])
    #expect(try Verify().run(on: graph.server.store).isClean)
  }

  @Test(arguments: [true, false])
  func `a file of another agent leaves neither claim nor lock`(isCertain: Bool) throws {
    let task = graph.create("t")
    let which = isCertain ? #","task":"\#(task)""# : ""
    _ = client.post("/v1/projects/p/locks", #"{"agent":"b","paths":["x"]}"#)
    let refused = client.post(claims, #"{"agent":"a","files":["w","x"]\#(which)}"#)
    #expect(refused.status == 409)
    #expect(refused.json?["code"] == "lock_conflict" && refused.json?["locked_by"] == "b")
    #expect(refused.json?["paths"]?.arrayValue == ["x"])
    #expect(graph.get(task)?["status"] == "pending")
    #expect(try graph.isReady(task))
    #expect(locks == ["x b -"])
    #expect(
      client.post(claims, #"{"agent":"a","files":["../x"]\#(which)}"#).json?["code"]
        == "invalid_path")
    #expect(client.post(claims, #"{"agent":"a","files":["w"]\#(which)}"#).status == 200)
    #expect(try Verify().run(on: graph.server.store).isClean)
  }

  @Test func `a lock that the agent had is bound to the task`() {
    let task = graph.create("t")
    _ = client.post("/v1/projects/p/locks", #"{"agent":"a","paths":["x","y"]}"#)
    #expect(client.post(claims, #"{"agent":"a","task":"\#(task)","files":["x"]}"#).status == 200)
    #expect(locks == ["x a \(task)", "y a -"])
    graph.end(task, "release", #"{"agent":"a"}"#)
  }
}
