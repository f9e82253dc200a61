import HoldfastJSON
import HoldfastTesting
import Testing

@testable import HoldfastServer

/// Every route with everything that no route wants: a sentence each, and a server that lives on.
@Suite struct BadInputTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws {
    server = try TestServer()
    server.task("t")
  }

  /// Bodies that are no JSON objects.
  private static let brokenBodies: [(name: String, bytes: [UInt8])] = [
    ("no value", []), ("a number", Array("12".utf8)), ("a string", Array(#""x""#.utf8)),
    ("a list of numbers", Array("[1,2]".utf8)), ("truncated", Array(#"{"filename":"#.utf8)),
    ("a lone brace", Array("}".utf8)), ("not UTF-8", Array(#"{"a":""#.utf8) + [0xff, 0x22, 0x7d]),
    ("NUL", [0]), ("a byte order mark", [0xef, 0xbb, 0xbf, 0x7b, 0x7d]),
    ("10,000 lists", [UInt8](repeating: UInt8(ascii: "["), count: 10_000)),
    ("10,000 objects", Array(String(repeating: #"{"a":"#, count: 10_000).utf8)),
    ("a lone surrogate", Array(#"{"filename":"\ud800"}"#.utf8)),
  ]

  /// Bodies that may or may not do something, but are no reason to fail.
  private static let oddBodies: [(name: String, bytes: [UInt8])] = [
    ("duplicate keys", Array(#"{"filename":1,"filename":"x","name":2,"name":"y"}"#.utf8)),
    ("null", Array("null".utf8)),
    ("nulls", Array(#"{"filename":null,"name":null,"status":null,"task":null}"#.utf8)),
    ("an empty key", Array(#"{"":""}"#.utf8)),
    ("a huge number", Array(#"{"review_id":1e999,"task_number":123456789012345678901}"#.utf8)),
    ("a long string", Array(#"{"filename":"\#(String(repeating: "x", count: 100_000))"}"#.utf8)),
    (
      "many keys",
      Array("{\((0..<5000).map { #""k\#($0)":\#($0)"# }.joined(separator: ","))}".utf8)
    ),
  ]

  private static let oddNames = [
    "%", "%zz", "%ff", "%00", "%c0%ae%c0%ae", "%2e%2e%2f", "..", "%20", "+", "%F0%9F%92%A9",
    "'%22%60", "%0d%0aX:%20y", "-1", "9223372036854775808", "0x1", "1e3",
    String(repeating: "x", count: 10_000),
  ]

  private func path(_ route: Route, _ name: String? = nil) -> String {
    route.path.replacing("{project}", with: name ?? "p").replacing("{task}", with: name ?? "t")
      .replacing(#/\{[^}]*\}/#, with: name ?? "1")
  }

  /// A refusal says what is wrong; nothing fails.
  private func check(_ answer: HTTPClient.Answer, _ what: String) {
    // A page that says that something is not there is the one use of 501.
    let isFine = (200..<500).contains(answer.status) || answer.status == 501
    #expect(isFine, "\(what): \(answer.status)")
    guard answer.status >= 400 else { return }
    #expect(answer["Content-Type"] == "application/json", "\(what)")
    #expect(!answer.error.isEmpty || answer.json?["conflict_filename"] != nil, "\(what)")
    #expect(answer.text.utf8.count < 4096, "\(what): a refusal does not send back what it refuses")
  }

  private func readsJSON(_ route: Route) -> Bool {
    guard case .operation(let target) = route.target else { return false }
    switch target.body {
    case .none, .raw: return false
    case .object, .optionalObject, .field: return true
    }
  }

  @Test func `bodies that cannot be read are refused on every route`() {
    for route in Routes.all {
      for body in Self.brokenBodies {
        let what = "\(route.method.rawValue) \(route.path) with \(body.name)"
        let answer = client.send(route.method.rawValue, path(route), body: body.bytes)
        check(answer, what)
        if readsJSON(route) && !body.bytes.isEmpty {
          #expect((400..<500).contains(answer.status), "\(what): \(answer.status)")
        }
      }
    }
    #expect(client.get("/v1/ping").status == 200)
  }

  @Test func `odd bodies fail on no route`() {
    for route in Routes.all {
      for body in Self.oddBodies {
        check(
          client.send(route.method.rawValue, path(route), body: body.bytes),
          "\(route.method.rawValue) \(route.path) with \(body.name)")
      }
    }
    #expect(client.get("/v1/ping").status == 200)
  }

  @Test func `odd names fail on no route`() {
    for route in Routes.all where route.path.contains("{") {
      for name in Self.oddNames {
        check(
          client.send(route.method.rawValue, path(route, name), body: Array("{}".utf8)),
          "\(route.method.rawValue) \(route.path) with \(name.prefix(40))")
      }
    }
    for name in Self.oddNames {
      check(
        client.get("/v1/projects/p/tasks?\(name)=\(name)&&=&x"),
        "a query with \(name.prefix(40))")
    }
    #expect(client.get("/v1/ping").status == 200)
  }

  @Test(.disabled(if: TestStore.Engine.wanted == .postgresql, "it runs over both engines"))
  func `both engines answer the same to what no route wants`() throws {
    let other = try TestServer(on: .postgresql)
    other.task("t")
    func compare(_ method: String, _ path: String, _ body: [UInt8], _ what: String) {
      let answers = [client, other.client].map { $0.send(method, path, body: body) }
      let isSame = answers[0].status == answers[1].status && answers[0].error == answers[1].error
      #expect(
        isSame,
        "\(method) \(path.prefix(99)), \(what): \(answers.map { "\($0.status) \($0.error)" })")
    }
    for route in Routes.all {
      for body in Self.brokenBodies + Self.oddBodies {
        compare(route.method.rawValue, path(route), body.bytes, body.name)
      }
      guard route.path.contains("{") else { continue }
      for name in Self.oddNames {
        compare(route.method.rawValue, path(route, name), Array("{}".utf8), "a name")
      }
    }
    for name in Self.oddNames {
      for list in ["tasks", "signals", "audit-events", "topics"] {
        compare(
          "GET", "/v1/projects/p/\(list)?status=\(name)&topic=\(name)&limit=\(name)&cursor=\(name)",
          [],
          "a query")
      }
    }
  }

  @Test func `unknown methods are refused on every path`() {
    for path in Set(Routes.all.map { path($0) }) {
      for method in ["BREW", "TRACE", "PROPFIND", "post"] {
        let answer = client.send(method, path, body: Array("{}".utf8))
        #expect(answer.status == 405, "\(method) \(path)")
        #expect(answer["Allow"]?.contains("OPTIONS") == true)
        #expect(!answer.error.isEmpty)
      }
    }
  }

  @Test func `a body beyond the limit is refused on every route before it is sent`() throws {
    for route in Routes.all {
      let connection = try #require(RawConnection(client))
      connection.send(
        "\(route.method.rawValue) \(path(route)) HTTP/1.1\r\nHost: localhost\r\n"
          + "Expect: 100-continue\r\nContent-Length: \(route.bodyBytesMax + 1)\r\n\r\n")
      let answer = try #require(connection.answer())
      #expect(answer.status == 413, "\(route.method.rawValue) \(route.path)")
      #expect(answer.error.hasPrefix("the body must have at most"))
    }
  }
}
