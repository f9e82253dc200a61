import HoldfastJSON
import HoldfastTesting
import Testing

/// Projects: their list, names, identity and configuration.
@Suite struct ProjectTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  private func task(_ project: String, _ name: String = "t") -> Int {
    client.post("/v1/projects/\(project)/tasks", #"{"filename":"\#(name)"}"#).status
  }

  @Test func `projects are listed by name in the order of bytes`() {
    #expect(client.get("/v1/projects").text == "[]\n")
    for name in ["b", "a%2Fb", "%C3%A9", "B", "e%CC%81", "a%20b", "a+b"] {
      #expect(task(name) == 201)
    }
    client.post("/v1/projects/only-signals/signals", #"{"SignalType":"plan_start"}"#)
    _ = client.get("/v1/projects/never/tasks/x")
    let names = client.get("/v1/projects").json?.arrayValue?.compactMap(\.stringValue)
    #expect(
      names.map { $0.map { Array($0.utf8) } }
        == ["B", "a b", "a+b", "a/b", "b", "e\u{301}", "only-signals", "\u{e9}"].map {
          Array($0.utf8)
        })
  }

  @Test func `a renamed project takes everything along and frees its name`() {
    #expect(task("old") == 201)
    let renamed = client.post("/v1/projects/old/rename", #"{"new_name":"new"}"#)
    #expect(renamed.status == 200)
    #expect(renamed.json?["name"]?.stringValue == "new")
    #expect(client.get("/v1/projects/new/tasks/t").status == 200)
    #expect(client.get("/v1/projects/old/tasks/t").status == 404)
    #expect(task("old") == 201)
    #expect(client.get("/v1/projects").text == "[\"new\",\"old\"]\n")
    let taken = client.post("/v1/projects/old/rename", #"{"new_name":"new"}"#)
    #expect(taken.status == 409)
    #expect(taken.error.contains("already exists"))
    #expect(client.post("/v1/projects/none/rename", #"{"new_name":"x"}"#).status == 404)
    #expect(client.post("/v1/projects/new/rename", #"{"new_name":"new"}"#).status == 200)
    #expect(client.post("/v1/projects/new/rename", #"{"new_name":""}"#).status == 400)
    #expect(client.post("/v1/projects/new/rename", #"{"newname":"x"}"#).status == 400)
  }

  @Test func `an alias leads to the project`() {
    #expect(task("p") == 201)
    #expect(task("q") == 201)
    for _ in 1...2 {
      let answer = client.post("/v1/projects/p/aliases", #"{"alias":"other"}"#)
      #expect(answer.status == 200)
      #expect(answer.json?["aliases"]?.arrayValue?.compactMap(\.stringValue) == ["other"])
    }
    #expect(client.get("/v1/projects/other/tasks/t").status == 200)
    #expect(task("other", "u") == 201)
    #expect(client.get("/v1/projects/p/tasks/u").status == 200)
    #expect(client.get("/v1/projects").text == "[\"p\",\"q\"]\n")
    #expect(client.post("/v1/projects/p/aliases", #"{"alias":"q"}"#).status == 409)
    #expect(client.post("/v1/projects/q/aliases", #"{"alias":"other"}"#).status == 409)
    client.post("/v1/projects/p/rename", #"{"new_name":"r","keep_alias":true}"#)
    #expect(client.get("/v1/projects/p/tasks/t").status == 200)
    #expect(client.get("/v1/projects/other/tasks/t").status == 200)
    // Only the alias goes.
    #expect(client.delete("/v1/projects/other").status == 204)
    #expect(client.get("/v1/projects/other/tasks/t").status == 404)
    #expect(client.get("/v1/projects/r/tasks/t").status == 200)
  }

  @Test func `a project with work is deleted only by force`() {
    #expect(task("p") == 201)
    client.post("/v1/projects/p/aliases", #"{"alias":"other"}"#)
    let refused = client.delete("/v1/projects/p")
    #expect(refused.status == 409)
    #expect(refused.error.hasPrefix("project p still has tasks: "))
    #expect(client.delete("/v1/projects/p", #"{"force":true}"#).status == 204)
    #expect(client.get("/v1/projects").text == "[]\n")
    #expect(client.get("/v1/projects/p/tasks/t").status == 404)
    #expect(client.get("/v1/projects/other/tasks/t").status == 404)
    #expect(client.delete("/v1/projects/p").status == 404)
    #expect(task("p") == 201)
    client.post("/v1/projects/s/signals", #"{"SignalType":"plan_start"}"#)
    #expect(client.delete("/v1/projects/s").error.contains("unprocessed signals"))
    client.post("/v1/projects/s/signals/1/processed", #"{"status":"done"}"#)
    #expect(client.delete("/v1/projects/s").status == 204)
  }

  @Test func `the first identity stays`() throws {
    let path = "/v1/projects/p/identity"
    let check: [(String, JSON)] = [("project", "p"), ("identity", "one")]
    #expect(try server.store.list("project_of_repository", check)["recorded"]?.boolValue == false)
    #expect(client.get("/v1/projects").text == "[]\n")
    for _ in 1...2 { #expect(client.put(path, #"{"identity":"one"}"#).status == 200) }
    #expect(try server.store.list("project_of_repository", check)["recorded"]?.boolValue == true)
    let other = client.put(path, #"{"identity":"two"}"#)
    #expect(other.status == 409)
    #expect(other.error.contains("set \"project\""))
    #expect(throws: (any Error).self) {
      try server.store.list("project_of_repository", [("project", "p"), ("identity", "two")])
    }
    // The repository tells which project it is, whatever it is called.
    let elsewhere = try server.store.list(
      "project_of_repository", [("project", "q"), ("identity", "one")])
    #expect(elsewhere["project"]?.stringValue == "p")
    #expect(client.put("/v1/projects/q/identity", #"{"identity":"one"}"#).status == 200)
    #expect(client.get("/v1/projects").text == "[\"p\"]\n")
    // A repository without a commit was known by its path.
    #expect(client.put(path, #"{"identity":"two","replaces":"one"}"#).status == 200)
    #expect(client.get("/v1/projects/p").json?["identity"]?.stringValue == "two")
    #expect(client.put(path, #"{"identity":""}"#).status == 400)
    // The routes of other clients never ask.
    #expect(task("p") == 201)
  }

  @Test func `a foreign vocabulary is a setting of the project`() {
    let body = #"{"filename":"x","status":"brewing"}"#
    #expect(client.post("/v1/projects/p/tasks", body).status == 400)
    #expect(client.put("/v1/projects/p/vocabulary", #"{"accepts_any_status":true}"#).status == 200)
    #expect(client.post("/v1/projects/p/tasks", body).status == 201)
    #expect(client.get("/v1/projects/p").json?["accepts_any_status"]?.boolValue == true)
    #expect(client.put("/v1/projects/p/vocabulary", "{}").status == 400)
  }

  @Test func `a configuration comes back to the byte`() {
    let path = "/v1/projects/p/config"
    let missing = client.get(path)
    #expect(missing.status == 404)
    #expect(missing.json?["code"]?.stringValue == "config_not_found")
    #expect(missing.error == "config not found: p")
    let text = "# é\r\nbranch_prefix = \"x\"\n\n"
    let put = client.put(path, text)
    #expect(put.status == 204)
    #expect(put.body.isEmpty)
    let read = client.get(path)
    #expect(read.status == 200)
    #expect(read["Content-Type"] == "application/toml")
    #expect(read.text == text)
    #expect(client.put(path, "").status == 204)
    #expect(client.get(path).status == 200)
    #expect(client.get(path).body.isEmpty)
    #expect(client.send("PUT", path, body: [0xff, 0xfe]).status == 400)
    #expect(client.put(path, "a\u{0}").status == 400)
  }

  @Test func `a configuration has at most 1 MiB`() {
    let path = "/v1/projects/p/config"
    let most = [UInt8](repeating: UInt8(ascii: "#"), count: 1024 * 1024)
    #expect(client.send("PUT", path, body: most).status == 204)
    #expect(client.get(path).body == most)
    #expect(client.send("PUT", path, body: most + [35]).status == 413)
  }
}
