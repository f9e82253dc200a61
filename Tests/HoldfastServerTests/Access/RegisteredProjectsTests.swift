import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

/// A server for some projects only; to its clients there are no others.
@Suite struct RegisteredProjectsTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws {
    server = try TestServer(projects: [try ProjectName("shop"), try ProjectName("caf\u{e9}")])
  }

  private func path(_ template: String, project: String) -> String {
    let segments = template.split(separator: "/").map { segment in
      segment == "{project}" ? project : segment.hasPrefix("{") ? "1" : String(segment)
    }
    return "/" + segments.joined(separator: "/")
  }

  @Test func `no route of another project is found, whatever its body`() throws {
    let paths = try #require(client.get("/openapi.json").json?["paths"]?.objectValue)
    var count = 0
    for (template, methods) in paths.members.map({ ($0.key, $0.value.objectValue) })
    where template.contains("{project}") {
      for method in methods?.members.map({ $0.key.uppercased() }) ?? [] {
        let isRead = method == "GET"
        let answer = client.send(
          method, path(template, project: "other"), body: isRead ? nil : Array("{".utf8))
        let isOfConfiguration = template.hasSuffix("/config")
        #expect(answer.status == (isOfConfiguration ? 503 : 404), "\(method) \(template)")
        #expect(answer.error == "project not found: other", "\(method) \(template)")
        let code = isOfConfiguration ? "repo_not_registered" : "not_found"
        #expect(answer.json?["code"]?.stringValue == code, "\(method) \(template)")
        count += 1
      }
    }
    #expect(count > 50)
    #expect(try server.rows("SELECT count(*) FROM projects") == [[.int(0)]])
  }

  @Test func `a registered project is served, under the bytes of its name`() {
    #expect(client.post("/v1/projects/shop/tasks", #"{"filename":"t"}"#).status == 201)
    #expect(client.get("/v1/projects/shop/tasks/t").status == 200)
    #expect(client.get("/v1/projects/shop/config").json?["code"] == "config_not_found")
    #expect(client.put("/v1/projects/shop/config", "a = 1").status == 204)
    #expect(client.get("/v1/projects/caf%C3%A9/tasks").text == "[]\n")
    #expect(client.get("/v1/projects/cafe%CC%81/tasks").error == "project not found: cafe\u{301}")
    #expect(client.get("/v1/projects/Shop/tasks").status == 404)
  }

  @Test func `the list of projects is that of the registered ones`() throws {
    try server.store.mutate("task_create", [("project", "other"), ("filename", "t")])
    try server.store.mutate("project_alias", [("project", "other"), ("alias", "shop")])
    #expect(client.get("/v1/projects").text == "[\"caf\u{e9}\",\"shop\"]\n")
    #expect(client.get("/v1/projects?names=other").text == "[\"caf\u{e9}\",\"shop\"]\n")
    let native = client.post("/v1/operations/project_list", #"{"names":["other"]}"#)
    let names = native.json?["projects"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
    #expect(names == ["caf\u{e9}", "shop"])
  }

  @Test func `operations by name are held to the registered projects too`() throws {
    func run(_ operation: String, _ body: String) -> HTTPClient.Answer {
      client.post("/v1/operations/\(operation)", body)
    }
    #expect(run("task_create", #"{"project":"shop","filename":"t"}"#).status == 200)
    for operation in ["task_create", "task_get", "event_list", "signal_claim", "project_rename"] {
      let other = run(operation, #"{"project":"other"}"#)
      #expect(other.status == 404 && other.error == "project not found: other", "\(operation)")
      // The last of equal keys counts, as it does for the operation.
      let both = run(operation, #"{"project":"shop","project":"other"}"#)
      #expect(both.status == 404, "\(operation)")
      for body in ["{}", #"{"project":null}"#, #"{"project":1}"#, ""] {
        let none = run(operation, body)
        #expect(none.status == 400 && none.error.hasPrefix("project "), "\(operation) \(body)")
      }
    }
    let events = run("event_list", #"{"project":"shop"}"#)
    #expect(events.json?["events"]?.arrayValue?.isEmpty == false)
    #expect(client.get("/v1/events").status == 400)
    #expect(client.get("/v1/events?project=shop").status == 200)
    #expect(client.get("/v1/events?project=other").status == 404)
    #expect(run("event_last", "").status == 200)
  }

  @Test func `what belongs to no project is there as ever`() {
    for path in ["/v1/ping", "/v1/health", "/metrics", "/openapi.json", "/v1/operations"] {
      #expect(client.get(path).status == 200, "\(path)")
    }
  }
}
