import HoldfastJSON
import HoldfastTesting
import Testing

@Suite struct BlockTests {
  let server: TestServer
  let path = "/v1/projects/p/tasks/t/blocked"

  init() throws {
    server = try TestServer()
    server.task("t")
  }

  @Test func `a block is set and ended`() {
    let set = server.client.put(path, #"{"reason": "why?", "source": "coder"}"#)
    #expect(set.status == 200 && set.body.isEmpty)
    let blocked = server.entry("t")
    #expect(blocked?["blocked_reason"]?.stringValue == "why?")
    #expect(blocked?["blocked_source"]?.stringValue == "coder")
    #expect(blocked?["blocked_at"]?.stringValue != "0001-01-01T00:00:00Z")
    #expect(blocked?["status"]?.stringValue == "ready")
    for _ in 0..<2 {
      let clear = server.client.delete(path)
      #expect(clear.status == 200 && clear.body.isEmpty)
      #expect(server.entry("t")?["blocked_reason"] == nil)
      #expect(server.entry("t")?["blocked_source"] == nil)
      #expect(server.entry("t")?["blocked_at"]?.stringValue == "0001-01-01T00:00:00Z")
    }
  }

  @Test(arguments: ["{}", #"{"reason": ""}"#, #"{"reason": " \t"}"#, #"{"reason": null}"#])
  func `a block needs a reason`(body: String) {
    let answer = server.client.put(path, body)
    #expect(answer.status == 400)
    #expect(answer.error == "set blocked: reason must not be empty")
  }

  @Test func `bad bodies and missing tasks`() {
    for body in ["", "x", #"{"reason": 1}"#, #"{"reason": "a\u0000b"}"#] {
      let answer = server.client.put(path, body)
      #expect(answer.status == 400 && answer.error.hasPrefix("invalid request body"))
    }
    let missing = "/v1/projects/p/tasks/m/blocked"
    #expect(server.client.put(missing, #"{"reason": "r"}"#).error == "task not found: m")
    #expect(server.client.delete(missing).status == 404)
  }
}
