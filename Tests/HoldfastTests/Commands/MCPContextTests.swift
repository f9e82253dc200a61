import HoldfastJSON
import HoldfastTesting
import Testing

/// What `holdfast mcp` gives beside its tools: prompts, resources, and what words may become.
@Suite struct MCPContextTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private static let meta: JSON = [
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": [:],
  ]

  /// Sends requests to one process; gives the answers in the order of the requests.
  private func answers(
    _ requests: [(method: String, params: [(String, JSON)])], modern: Bool = true
  ) throws -> [JSON] {
    var input = ""
    for (index, request) in requests.enumerated() {
      let params = request.params + (modern ? [("_meta", Self.meta)] : [])
      let message = JSONObject([
        ("jsonrpc", "2.0"), ("id", .number(JSONNumber(Int64(index)))),
        ("method", .string(request.method)), ("params", .object(JSONObject(params))),
      ])
      input += JSON.object(message).renderedText() + "\n"
    }
    let run = try home.run(["mcp"], input: input)
    #expect(run.code == 0, "\(run.errors)")
    let messages = try run.output.split(separator: "\n").map { try JSONReader.read(Array($0.utf8)) }
    return try requests.indices.map { index in
      try #require(messages.first { $0["id"]?.int64Value == Int64(index) })
    }
  }

  private func create(_ words: String...) throws {
    let made = try home.run(["task", "create"] + words)
    #expect(made.code == 0, "\(made.errors)")
  }

  @Test(arguments: [true, false])
  func promptsAreListedAndFilledIn(modern: Bool) throws {
    let answers = try answers(
      [
        ("prompts/list", []),
        ("prompts/get", [("name", "handoff"), ("arguments", ["task": "fix"])]),
        ("prompts/get", [("name", "plan")]),
      ], modern: modern)
    #expect(answers[0]["result"]?["prompts"]?.arrayValue?.count == 3)
    let message = answers[1]["result"]?["messages"]?.arrayValue?.first
    #expect(message?["content"]?["text"]?.stringValue?.contains("the task \"fix\"") == true)
    #expect(answers[2]["error"]?["code"] == -32602)
  }

  @Test(arguments: [true, false])
  func everyResourceIsRead(modern: Bool) throws {
    let text =
      "# Why\n\n" + String(repeating: "A line with \"quotes\" and ümlauts.\n", count: 1_000)
    try create("fix", "--title", "Fix it", "--content", text)
    try create("a b/ü", "--title", "Odd")
    let lists = try answers([("resources/list", []), ("resources/templates/list", [])])
    let fixed = try #require(lists[0]["result"]?["resources"]?.arrayValue)
    let uris =
      fixed.compactMap { $0["uri"]?.stringValue } + [
        "tasks://p/ready", "tasks://p/all", "tasks://p/status/pending", "files://p/locks",
        "stats://p/summary",
      ]
    #expect(lists[1]["result"]?["resourceTemplates"]?.arrayValue?.count == 6)
    let read = try answers(
      (uris + ["task://p/fix", "task://p/a%20b%2F%C3%BC"]).map {
        ("resources/read", [("uri", .string($0))])
      },
      modern: modern)
    for (uri, answer) in zip(uris, read) {
      let content = try #require(
        answer["result"]?["contents"]?.arrayValue?.first, "\(answer.renderedText())")
      #expect(content["uri"]?.stringValue == uri)
      #expect(content["mimeType"] == "application/json")
      let json = try JSONReader.read(Array((content["text"]?.stringValue ?? "").utf8))
      if uri.hasPrefix("tasks://") { #expect(json["tasks"]?.arrayValue?.count == 2, "\(uri)") }
      if uri.hasPrefix("stats://") { #expect(json["total_tasks"] == 2) }
      #expect(answer["result"]?["ttlMs"] == (modern ? 0 : nil))
      #expect(answer["result"]?["cacheScope"] == (modern ? "private" : nil))
    }
    let whole = read[uris.count]["result"]?["contents"]?.arrayValue?.first
    #expect(whole?["mimeType"] == "text/markdown")
    #expect(whole?["text"]?.stringValue?.hasPrefix("# Fix it\n\n") == true)
    #expect(whole?["text"]?.stringValue?.hasSuffix("\n" + text) == true)
    let odd = read[uris.count + 1]["result"]?["contents"]?.arrayValue?.first
    #expect(odd?["text"]?.stringValue?.hasPrefix("# Odd\n") == true)
  }

  @Test(arguments: [true, false])
  func aTaskThatIsNotThereIsAnError(modern: Bool) throws {
    let answer = try answers([("resources/read", [("uri", "task://p/none")])], modern: modern)[0]
    #expect(answer["error"]?["code"] == (modern ? -32602 : -32002))
    #expect(answer["error"]?["data"]?["uri"] == "task://p/none")
  }

  @Test func wordsAreCompleted() throws {
    try create("fix-login", "--title", "The login")
    try create("fix-search", "--title", "The search")
    try create("plan", "--title", "Make the login faster")
    let handoff: JSON = ["type": "ref/prompt", "name": "handoff"]
    let status: JSON = ["type": "ref/resource", "uri": "tasks://{project}/status/{status}"]
    let answers = try answers([
      (
        "completion/complete", [("ref", handoff), ("argument", ["name": "task", "value": "fix-"])]
      ),
      (
        "completion/complete",
        [("ref", handoff), ("argument", ["name": "task", "value": "LOGIN"])]
      ),
      ("completion/complete", [("ref", handoff), ("argument", ["name": "project", "value": ""])]),
      ("completion/complete", [("ref", status), ("argument", ["name": "status", "value": "pe"])]),
    ])
    let values = answers.map { $0["result"]?["completion"]?["values"] }
    #expect(values[0] == ["fix-login", "fix-search"])
    #expect(values[1] == ["fix-login", "plan"])
    #expect(values[2] == ["p"])
    #expect(values[3]?.arrayValue?.first == "pending")
    #expect(answers[0]["result"]?["completion"]?["total"] == 2)
    #expect(answers[0]["result"]?["completion"]?["hasMore"] == false)
  }
}
