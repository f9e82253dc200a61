import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Testing

@Suite struct PRReviewTests {
  let server: TestServer
  let path = "/v1/projects/p/tasks/t/pr-reviews"

  init() throws {
    server = try TestServer()
    server.task("t")
  }

  @discardableResult
  private func record(_ id: String, _ body: String = "b", _ more: String = "")
    -> HTTPClient.Answer
  {
    server.client.post(
      path,
      #"{"review_id": \#(id), "review_state": "COMMENTED", "review_body": "\#(body)", "reviewer_login": "l"\#(more)}"#
    )
  }

  private func list(_ suffix: String = "") -> [JSON] {
    server.client.get(path + suffix).json?.arrayValue ?? []
  }

  @Test func `the first record wins, and both answers are 201 and empty`() throws {
    for body in ["first", "second"] {
      let answer = record("101", body)
      #expect(answer.status == 201 && answer.body.isEmpty && answer["Content-Type"] == nil)
    }
    let reviews = list("/pending")
    #expect(reviews.count == 1 && reviews[0]["review_body"]?.stringValue == "first")
    #expect(reviews[0]["created_at"]?.stringValue != "0001-01-01T00:00:00Z")
    let keys = reviews[0].objectValue?.members.map(\.key)
    #expect(
      keys == [
        "review_id", "review_state", "review_body", "reviewer_login", "reaction_posted",
        "fixer_dispatched", "created_at",
      ])
    let events = try server.rows("SELECT count(*) FROM events WHERE type = 'pr_review_recorded'")
    #expect(events == [[.int(1)]])
  }

  @Test func `reviews sort by number, up to the largest`() {
    for id in ["9223372036854775807", "101", "42", "9007199254740993"] { record(id) }
    #expect(
      list("/pending").map { $0["review_id"] } == [
        42, 101, 9_007_199_254_740_993, 9_223_372_036_854_775_807,
      ])
    let reacted = server.client.post("\(path)/9223372036854775807/reacted")
    #expect(reacted.status == 200)
    #expect(list().map { $0["reaction_posted"] } == [false, false, false, true])
  }

  @Test func `reacted stays pending, dispatched leaves, both idempotent`() throws {
    record("7")
    for _ in 0..<2 {
      let answer = server.client.post("\(path)/7/reacted")
      #expect(answer.status == 200 && answer.body.isEmpty)
      #expect(list("/pending").count == 1)
    }
    for _ in 0..<2 {
      let answer = server.client.post("\(path)/7/fixer-dispatched")
      #expect(answer.status == 200 && answer.body.isEmpty)
      #expect(server.client.get("\(path)/pending").text == "[]\n")
    }
    #expect(list().first?["fixer_dispatched"] == true)
    let events = try server.rows("SELECT count(*) FROM events WHERE type = 'pr_review_changed'")
    #expect(events == [[.int(2)]])
  }

  @Test(arguments: ["reacted", "fixer-dispatched"])
  func `a review of a task that has moved on stays as it is`(action: String) {
    record("7")
    let stale = server.client.post("\(path)/7/\(action)", headers: [("If-Match", "\"1\"")])
    #expect(stale.status == 412)
    #expect(list().first?["reaction_posted"] == false)
    #expect(list().first?["fixer_dispatched"] == false)
  }

  @Test func `processed means recorded`() {
    #expect(server.client.get("\(path)/5/processed").text == #"{"processed":false}"# + "\n")
    record("5")
    #expect(server.client.get("\(path)/5/processed").text == #"{"processed":true}"# + "\n")
    #expect(
      server.client.get("/v1/projects/x/tasks/y/pr-reviews/5/processed").text
        == #"{"processed":false}"# + "\n")
  }

  @Test(arguments: ["reacted", "fixer-dispatched"])
  func `reviews that are not there`(verb: String) {
    let answer = server.client.post("\(path)/99/\(verb)")
    #expect(answer.status == 404 && answer.error == "pr review not found: p/t#99")
    let task = server.client.post("/v1/projects/p/tasks/m.md/pr-reviews/99/\(verb)")
    #expect(task.status == 404 && task.error == "pr review not found: p/m#99")
    let project = server.client.post("/v1/projects/x/tasks/m/pr-reviews/9/\(verb)")
    #expect(project.error == "pr review not found: x/m#9")
  }

  @Test(arguments: ["abc", "1.5", "9223372036854775808", "%20", "1e3"])
  func `numbers that are none`(id: String) {
    let answers = [
      server.client.get("\(path)/\(id)/processed"), server.client.post("\(path)/\(id)/reacted"),
      server.client.post("\(path)/\(id)/fixer-dispatched"),
      server.client.put("\(path)/\(id)", "{}"),
    ]
    for answer in answers {
      #expect(answer.status == 400 && answer.error.hasPrefix("invalid review ID: "))
    }
  }

  @Test func `the path of the pending ones is none of a review`() {
    let answer = server.client.get("\(path)/pending/processed")
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("invalid review ID: \"pending\""))
    #expect(server.client.put("\(path)/pending", "{}").status == 405)
    #expect(server.client.get("\(path)/pending/nothing").status == 404)
  }

  @Test func `a review of an unknown task`() {
    let answer = server.client.post("/v1/projects/p/tasks/m/pr-reviews", #"{"review_id": 1}"#)
    #expect(answer.status == 404 && answer.error == "plan not found: p/m")
    let reads = ["/v1/projects/p/tasks/m/pr-reviews", "/v1/projects/q/tasks/m/pr-reviews/pending"]
    for read in reads { #expect(server.client.get(read).text == "[]\n") }
  }

  @Test func `bad bodies`() {
    let tooLarge = #"{"review_id": 9223372036854775808}"#
    for body in ["", "{", "[]", "{}", #"{"review_id": "x"}"#, tooLarge] {
      let answer = server.client.post(path, body)
      #expect(answer.status == 400 && answer.error.hasPrefix("invalid request body"), "\(body)")
    }
  }

  @Test func `page and time of submission are kept`() {
    record("1", "b", #", "url": "https://x/1", "submitted_at": "2026-01-02T03:04:05.000000001Z""#)
    #expect(list().first?["url"]?.stringValue == "https://x/1")
    #expect(list().first?["submitted_at"]?.stringValue == "2026-01-02T03:04:05.000000001Z")
  }

  @Test func `an update changes what it names`() {
    record("1", "old", #", "url": "u""#)
    _ = server.client.post("\(path)/1/fixer-dispatched")
    let answer = server.client.put(
      "\(path)/1", #"{"review_body": "new", "url": null, "fixer_dispatched": false}"#)
    #expect(answer.status == 200)
    #expect(answer.json == list("/pending").first)
    #expect(answer.json?["review_body"]?.stringValue == "new")
    #expect(answer.json?["review_state"]?.stringValue == "COMMENTED")
    #expect(answer.json?["url"] == nil)
    let missing = server.client.put("\(path)/2", "{}")
    #expect(missing.status == 404 && missing.error == "pr review not found: p/t#2")
    #expect(server.client.put("\(path)/1", "x").error.hasPrefix("invalid request body"))
  }

  @Test func `methods that the paths do not take`() {
    #expect(server.client.delete(path).status == 405)
    #expect(server.client.get("\(path)/1/reacted").status == 405)
  }
}
