import HoldfastJSON
import HoldfastTesting
import Testing

/// `event_list` with `wait_ms`.
@Suite struct EventWaitTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  private static let path = "/v1/operations/event_list"

  private func cursor() throws -> String {
    let answer = client.post("/v1/operations/event_last", "{}")
    return try #require(answer.json?["next_cursor"]?.stringValue)
  }

  @Test func `a list waits for the next event and misses none`() throws {
    var after = try cursor()
    for number in 0..<5 {
      let waiter = Waiter(
        client, Self.path, posting: #"{"after":"\#(after)","wait_ms":30000,"fields":"slim"}"#)
      #expect(client.post("/v1/projects/p/tasks", #"{"filename":"t\#(number)"}"#).status == 201)
      let answer = waiter.answer()
      #expect(answer.status == 200, "\(answer.text)")
      let events = try #require(answer.json?["events"]?.arrayValue)
      #expect(events.contains { $0["filename"] == .string("t\(number)") })
      #expect(events.allSatisfy { $0["data"] == nil })
      after = try #require(answer.json?["next_cursor"]?.stringValue)
    }
    #expect(try cursor() == after)
  }

  @Test func `one of a project does not end with events of another`() throws {
    #expect(client.post("/v1/projects/p/tasks", #"{"filename":"a"}"#).status == 201)
    let waiter = Waiter(
      client, Self.path, posting: #"{"project":"p","after":"\#(try cursor())","wait_ms":30000}"#)
    #expect(client.post("/v1/projects/q/tasks", #"{"filename":"b"}"#).status == 201)
    #expect(client.post("/v1/projects/p/tasks", #"{"filename":"c"}"#).status == 201)
    let events = try #require(waiter.answer().json?["events"]?.arrayValue)
    #expect(events.map { $0["filename"] } == ["c"])
    #expect(events.first?["data"] != nil)
  }

  @Test func `with nothing to tell it ends with the place from which to go on`() throws {
    let after = try cursor()
    let answer = client.post(Self.path, #"{"after":"\#(after)","wait_ms":1}"#)
    #expect(answer.json?["events"] == [])
    #expect(answer.json?["next_cursor"] == .string(after))
    #expect(client.post(Self.path, #"{"wait_ms":30001}"#).status == 400)
    #expect(client.post(Self.path, #"{"fields":"thin"}"#).status == 400)
  }
}
