import HoldfastJSON
import HoldfastTesting
import Testing

@Suite struct VerificationTests {
  let server: TestServer
  let path = "/v1/projects/p/tasks/t/verification"
  let unset = "0001-01-01T00:00:00Z"

  init() throws {
    server = try TestServer()
    server.task("t")
  }

  private func text(_ key: String) -> String? { server.entry("t")?[key]?.stringValue }

  @Test func `a verification is recorded, goes stale and is recorded anew`() {
    let time = "2026-01-02T05:04:05.000000007+02:00"
    let body = #"{"sha": "a1", "base_sha": "b1", "by": "m", "at": "\#(time)"}"#
    let set = server.client.put(path, body)
    #expect(set.status == 200 && set.body.isEmpty)
    #expect(text("verified_sha") == "a1" && text("verified_base_sha") == "b1")
    #expect(text("verified_by") == "m" && text("verified_at") == "2026-01-02T03:04:05.000000007Z")
    let clear = server.client.delete(path, #"{"reason": "base moved"}"#)
    #expect(clear.status == 200 && clear.body.isEmpty)
    #expect(text("verified_sha") == nil && text("verified_base_sha") == nil)
    #expect(text("verified_by") == nil && text("verified_at") == unset)
    #expect(text("stale_verification_reason") == "base moved")
    #expect(server.client.put(path, body).status == 200)
    #expect(text("stale_verification_reason") == nil)
  }

  @Test func `without a time it is now`() {
    #expect(server.client.put(path, #"{"sha": "a"}"#).status == 200)
    #expect(text("verified_at") != unset)
  }

  @Test func `what is refused`() {
    for body in ["", "[", #"{"at": ""}"#, #"{"at": "today"}"#, #"{"sha": 1}"#] {
      let answer = server.client.put(path, body)
      #expect(answer.status == 400 && answer.error.hasPrefix("invalid request body"), "\(body)")
    }
    #expect(server.client.delete(path).error.hasPrefix("invalid request body"))
    for body in ["{}", #"{"reason": " "}"#] {
      let answer = server.client.delete(path, body)
      #expect(answer.status == 400)
      #expect(answer.error == "clear verification: reason must not be empty")
    }
    let missing = "/v1/projects/p/tasks/m/verification"
    #expect(server.client.put(missing, #"{"sha": "a"}"#).error == "task not found: m")
    #expect(server.client.delete(missing, #"{"reason": "r"}"#).status == 404)
  }
}
