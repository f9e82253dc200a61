import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Testing

@Suite struct ExecutionStateSetTests {
  let server: TestServer
  let path = "/v1/projects/p/tasks/t/execution-state"

  init() throws {
    server = try TestServer()
    server.task("t", #""description": "d""#)
  }

  @Test func `the state is stored as given, and nothing else changes`() {
    let answer = server.client.put(
      path, #"{"execution_phase": "odd", "active_agent_type": "a", "active_wave": 3}"#)
    #expect(answer.status == 200 && answer.body.isEmpty && answer["Content-Type"] == nil)
    #expect(
      server.entry("t")?["execution_state"] == [
        "execution_phase": "odd", "active_agent_type": "a", "active_wave": 3,
      ])
    #expect(server.entry("t")?["status"]?.stringValue == "ready")
    #expect(server.entry("t")?["description"]?.stringValue == "d")
  }

  @Test func `keys left out become empty`() {
    _ = server.client.put(path, #"{"execution_phase": "planned", "active_wave": 3}"#)
    #expect(server.client.put(path, #"{"active_agent_type": "a"}"#).status == 200)
    #expect(server.entry("t")?["execution_state"] == ["active_agent_type": "a"])
    #expect(server.client.put(path, "null").status == 200)
    #expect(server.entry("t")?["execution_state"] == JSON.object(JSONObject()))
  }

  @Test func `bad bodies and missing tasks`() {
    for body in ["", "{", #"{"active_wave": "x"}"#, #"{"active_wave": 1.5}"#, "[1]"] {
      let answer = server.client.put(path, body)
      #expect(answer.status == 400 && answer.error.hasPrefix("invalid request body"))
    }
    let missing = server.client.put("/v1/projects/p/tasks/m/execution-state", "{}")
    #expect(missing.status == 404 && missing.error == "task not found: m")
  }

  @Test func `the same state again leaves no history`() throws {
    _ = server.client.put(path, #"{"execution_phase": "fixing"}"#)
    let before = try server.rows("SELECT count(*) FROM events")
    #expect(server.client.put(path, #"{"execution_phase": "fixing"}"#).status == 200)
    #expect(try server.rows("SELECT count(*) FROM events") == before)
  }
}
