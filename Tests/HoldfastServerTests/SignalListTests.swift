import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// GET of signals: filters, order, pages.
@Suite struct SignalListTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  let path = "/v1/projects/p/signals"

  init() throws {
    server = try TestServer()
    for _ in 0..<6 { _ = client.post(path, #"{"SignalType":"plan_start"}"#) }
    _ = client.post("\(path)/1/processed", #"{"status":"done"}"#)
    _ = client.post("\(path)/2/processed", #"{"status":"failed"}"#)
    _ = client.post("\(path)/claim", "{}")
  }

  private func ids(_ query: String) -> [Int64] {
    client.get("\(path)\(query)").json?.arrayValue?.compactMap { $0["ID"]?.int64Value } ?? []
  }

  @Test func `without a status the list is empty`() {
    let answer = client.get(path)
    #expect(answer.status == 200)
    #expect(answer.text == "[]\n")
    #expect(client.get("/v1/projects/none/signals?status=all").text == "[]\n")
  }

  @Test(arguments: [
    ("?status=pending", [4, 5, 6]), ("?status=processing", [3]), ("?status=done", [1]),
    ("?status=failed&status=pending", [2, 4, 5, 6]), ("?status=all", [1, 2, 3, 4, 5, 6]),
    ("?status=nonsense", []), ("?status=done&other=1", [1]), ("?status=", []),
  ])
  func `statuses are one or the other`(query: String, expected: [Int64]) {
    #expect(ids(query) == expected)
  }

  @Test func `pages follow each other`() throws {
    let first = try #require(
      server.client.post("/v1/projects/p/signals", #"{"SignalType":"plan_start"}"#).json)
    #expect(first["ID"]?.int64Value == 7)
    #expect(ids("?status=all&limit=4") == [1, 2, 3, 4])
    #expect(client.get("\(path)?status=all&limit=0").json?.arrayValue?.count == 7)
    #expect(client.get("\(path)?status=all&limit=x").status == 400)
    #expect(client.get("\(path)?status=all&cursor=x").status == 400)
  }

  @Test func `a native list says where the next page starts`() throws {
    var seen: [Int64] = []
    var cursor: String?
    repeat {
      var fields: [(String, JSON)] = [("project", "p"), ("limit", 4)]
      if let cursor { fields.append(("cursor", .string(cursor))) }
      let answer = try server.store.list("signal_list", fields)
      seen += answer["signals"]?.arrayValue?.compactMap { $0["id"]?.int64Value } ?? []
      cursor = answer["next_cursor"]?.stringValue
    } while cursor != nil
    #expect(seen == [1, 2, 3, 4, 5, 6])
  }

  @Test func `many signals come in one list and in order`() throws {
    for _ in 0..<1200 {
      try server.store.mutate(
        "signal_create", [("project", "many"), ("signal_type", "plan_start")])
    }
    for _ in 0..<300 { try server.store.mutate("signal_claim", [("project", "many")]) }
    let list = client.get("/v1/projects/many/signals?status=all").json?.arrayValue
    let ids = list?.compactMap { $0["ID"]?.int64Value } ?? []
    #expect(ids.count == 1200)
    #expect(ids == ids.sorted())
  }
}
