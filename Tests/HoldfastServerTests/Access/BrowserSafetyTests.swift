import HoldfastJSON
import HoldfastTesting
import Testing

/// What keeps web pages away from a server that asks for no token.
@Suite struct BrowserSafetyTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  @Test(arguments: [
    "localhost", "LOCALHOST", "localhost:7433", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:7433",
  ])
  func `a Host of this machine is answered`(_ host: String) {
    #expect(client.get("/v1/ping", headers: [("Host", host)]).status == 200)
  }

  @Test(arguments: [
    "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1evil", "[::2]",
    "[::1", "", "localhost@evil.example", "127.0.0.2",
  ])
  func `another Host is refused`(_ host: String) {
    let answer = client.get("/v1/projects/p/tasks", headers: [("Host", host)])
    #expect(answer.status == 421)
    #expect(answer.json?["code"]?.stringValue == "misdirected_request")
  }

  @Test(arguments: [
    "https://evil.example", "null", "http://localhost:9999", "http://localhost.evil.example",
    "file://", "", "localhost", "http://localhost:7433@evil.example",
  ])
  func `a page of another site does not write`(_ origin: String) {
    let answer = client.post(
      "/v1/projects/p/tasks", #"{"filename":"t"}"#,
      headers: [("Host", "localhost:7433"), ("Origin", origin)])
    #expect(answer.status == 403)
    #expect(answer.error == "pages of other sites may not write here")
    #expect(client.get("/v1/projects/p/tasks").text == "[]\n")
  }

  @Test(arguments: [
    ("localhost:7433", "http://localhost:7433"), ("LocalHost:7433", "http://localhost:7433"),
    ("127.0.0.1:1", "http://127.0.0.1:1"), ("localhost", "http://localhost:80"),
    ("[::1]:7433", "http://[::1]:7433"),
  ])
  func `the server's own page writes`(_ host: String, _ origin: String) {
    let answer = client.post(
      "/v1/projects/p/tasks", #"{"filename":"t"}"#,
      headers: [("Host", host), ("Origin", origin)])
    #expect(answer.status == 201)
  }

  @Test func `a page of another site may ask, but is given no leave to read`() {
    let answer = client.get("/v1/ping", headers: [("Origin", "https://evil.example")])
    #expect(answer.status == 200)
    #expect(answer["Access-Control-Allow-Origin"] == nil)
  }
}
