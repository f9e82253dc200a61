import HoldfastJSON
import HoldfastTesting
import Testing

@testable import HoldfastServer

/// Methods and paths: what there is, and how the rest is refused.
@Suite struct MethodTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  @Test func `HEAD answers as GET does, without the body, on every path`() {
    server.task("t", #""content":"text""#)
    for route in Routes.all where route.method == .get {
      let path = route.path.replacing("{project}", with: "p").replacing("{task}", with: "t")
        .replacing(#/\{[^}]*\}/#, with: "1")
      let get = client.get(path)
      let head = client.send("HEAD", path)
      #expect(head.status == get.status, "\(path)")
      #expect(head.body.isEmpty, "\(path)")
      #expect(head["Content-Type"] == get["Content-Type"], "\(path)")
      #expect(head["ETag"] == get["ETag"], "\(path)")
      // These two tell how things are, which changes from one answer to the next.
      if path != "/metrics" && path != "/v1/health" {
        #expect(head["Content-Length"] == get["Content-Length"], "\(path)")
      }
    }
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "get"])
  func `a method that a path does not take is refused with those that it takes`(_ method: String) {
    let answer = client.send(method, "/v1/ping")
    #expect(answer.status == 405)
    #expect(answer["Allow"] == "GET, HEAD, OPTIONS")
    #expect(answer.error == "this path takes GET, HEAD, OPTIONS")
    #expect(answer.json?["code"]?.stringValue == "method_not_allowed")
  }

  @Test(arguments: [
    "/", "/v1", "/v1/", "/v1/ping/", "//v1/ping", "/V1/ping", "/v1/projects/p/nothing",
    "/v1/projects//tasks", "/v1/projects/p/tasks//content",
  ])
  func `an unknown path is refused in JSON`(_ path: String) {
    for method in ["GET", "POST", "OPTIONS"] {
      let answer = client.send(method, path)
      #expect(answer.status == 404)
      #expect(answer["Content-Type"] == "application/json")
      #expect(answer.error == "there is nothing at this path; /openapi.json lists all paths")
    }
  }

  @Test func `OPTIONS says what a path takes`() {
    let tasks = client.send("OPTIONS", "/v1/projects/p/tasks")
    #expect(tasks.status == 204)
    #expect(tasks["Allow"] == "GET, HEAD, OPTIONS, POST")
    #expect(tasks.body.isEmpty)
    let all = client.send("OPTIONS", "*")
    #expect(all.status == 204)
    #expect(all["Allow"]?.contains("PATCH") == true)
  }

  @Test func `OPTIONS lets no other site in`() {
    let answer = client.send(
      "OPTIONS", "/v1/projects/p/tasks",
      headers: [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")])
    #expect(answer.headers.allSatisfy { !$0.name.lowercased().hasPrefix("access-control") })
  }

  @Test func `a target in absolute form is read`() {
    #expect(client.get("http://localhost/v1/ping").status == 200)
    #expect(client.get("HTTP://127.0.0.1:7433/v1/ping?x=1").status == 200)
    #expect(client.get("http://evil.example/v1/ping").status == 421)
    #expect(client.get("http://localhost").status == 400)
    #expect(client.get("v1/ping").status == 400)
  }

  @Test(arguments: ["%", "%2", "%zz", "%g0", "%ff", "%c0%80", "%ed%a0%80", "%00", "a%00b"])
  func `a path that is no text once it is decoded is refused`(_ name: String) {
    let answer = client.get("/v1/projects/p/tasks/\(name)")
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("the request target"))
    #expect(client.get("/v1/projects/p/tasks?topic=\(name)").status == 400)
  }
}
