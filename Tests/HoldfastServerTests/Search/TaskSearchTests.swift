import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// GET of a search.
@Suite struct TaskSearchTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  private func task(_ name: String, _ content: String = "", _ more: String = "") {
    #expect(server.task(name, #""content":"\#(content)"\#(more)"#).status == 201)
  }

  private func search(_ query: String, _ more: String = "", in project: String = "p")
    -> HTTPClient.Answer
  {
    client.get("/v1/projects/\(project)/search?q=\(PercentEncoding.text(query.utf8))\(more)")
  }

  private func names(_ query: String, _ more: String = "") -> [String] {
    search(query, more).json?["tasks"]?.arrayValue?.map { $0["filename"]?.stringValue ?? "" }
      ?? ["no list"]
  }

  /// Brings all that was written so far into the index.
  private func index() throws { try server.store.search.catchUp() }

  @Test(arguments: [false, true])
  func `words, beginnings and phrases find tasks, the best first`(isIndexed: Bool) throws {
    task("login-page", "The form of the login")
    task("cache", "A login a login, and one more login of the authors")
    task("menu", "Nothing but one word: login", #","goal":"two words""#)
    task("other", "words two")
    if isIndexed { try index() }
    #expect(names("login") == ["login-page", "cache", "menu"])
    #expect(names("LOGIN auth*") == ["cache"])
    #expect(names("auth") == [])
    #expect(names(#""two words""#) == ["menu"])
    #expect(names("two words").sorted() == ["menu", "other"])
    #expect(names("login -cache").sorted() == ["login-page", "menu"])
    #expect(names("login-page") == ["login-page"])
    // No phrase goes over the end of a field.
    #expect(names(#""page the""#) == [])
  }

  @Test(arguments: [false, true])
  func `a word that is like a project's is a word like others`(isIndexed: Bool) throws {
    task("a", "login p1")
    task("b", "login")
    if isIndexed { try index() }
    for query in ["p1", "p1*", "login p1", "\"login p1\""] {
      #expect(names(query) == ["a"], "\(query)")
    }
    #expect(names("login -p1") == ["b"])
    #expect(names("login -p1*") == ["b"])
  }

  @Test func `an answer shows where the words stand`() throws {
    task("a", "Before <login> \\\"after\\\"")
    let answer = search("login")
    #expect(answer.status == 200)
    let hit = answer.json?["tasks"]?.arrayValue?.first
    #expect(hit?["filename"] == "a")
    #expect(hit?["project"] == "p")
    #expect(hit?["status"] == "ready")
    #expect(hit?["id"]?.stringValue == server.entry("a")?["id"]?.stringValue)
    #expect(hit?["rank"]?.int64Value ?? 0 > 0)
    #expect(hit?["snippet"] == "Before &lt;<mark>login</mark>&gt; &quot;after")
    #expect(answer.json?["next_cursor"] == nil)
  }

  @Test(arguments: [false, true])
  func `case and diacritics do not count`(isIndexed: Bool) throws {
    task("a", "Été in ZÜRICH, Łódź, Ёлка, ΣΟΦΟΣ, 日本語")
    if isIndexed { try index() }
    for word in [
      "ete", "ÉTÉ", "e\u{301}te\u{301}", "zürich", "zur*", "lodz", "елка", "σοφός", "本語",
    ] {
      #expect(names(word) == ["a"], "\(word)")
    }
    #expect(names("語本") == [])
  }

  @Test func `deleted tasks are not found, and restored ones are`() throws {
    task("a", "login")
    try index()
    #expect(client.delete("/v1/projects/p/tasks/a").status == 204)
    #expect(names("login") == [])
    try index()
    #expect(names("login") == [])
    #expect(client.post("/v1/projects/p/tasks/a/restore").status == 200)
    #expect(names("login") == ["a"])
    try index()
    #expect(names("login") == ["a"])
  }

  @Test func `a task is found by what it is now`() throws {
    task("old-name", "first text", #","description":"plain""#)
    try index()
    #expect(
      client.post("/v1/projects/p/tasks/old-name/rename", #"{"new_filename":"new-title"}"#).status
        == 200)
    #expect(client.put("/v1/projects/p/tasks/new-title/content", "second words").status < 300)
    #expect(client.put("/v1/projects/p/tasks/new-title/goal", #"{"goal":"shine"}"#).status == 200)
    for isIndexed in [false, true] {
      if isIndexed { try index() }
      for word in ["title", "second", "shine", "plain"] {
        #expect(names(word) == ["new-title"], "\(word)")
      }
      for word in ["old", "first", "text"] { #expect(names(word) == [], "\(word)") }
    }
    // The long text goes away.
    #expect(client.put("/v1/projects/p/tasks/new-title/content", "").status < 300)
    try index()
    #expect(names("second") == [])
    #expect(names("shine") == ["new-title"])
  }

  @Test func `an answer is current right behind a write`() throws {
    for number in 0..<50 {
      task("t\(number)", "word\(number) common")
      #expect(names("word\(number)") == ["t\(number)"])
      if number == 25 { try index() }
    }
    #expect(names("common", "&limit=100").count == 50)
  }

  @Test(arguments: [false, true])
  func `pages follow one another`(isIndexed: Bool) throws {
    for number in 0..<25 {
      task("t\(number)", String(repeating: "login ", count: 1 + number % 3))
    }
    if isIndexed { try index() }
    let all = names("login", "&limit=100")
    #expect(Set(all).count == 25)
    #expect(Set(all.prefix(8)) == Set((0..<25).filter { $0 % 3 == 2 }.map { "t\($0)" }))
    #expect(names("login").count == 20)
    var paged: [String] = []
    var cursor = ""
    repeat {
      let answer = search("login", "&limit=10" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"))
      paged += answer.json?["tasks"]?.arrayValue?.map { $0["filename"]?.stringValue ?? "" } ?? []
      cursor = answer.json?["next_cursor"]?.stringValue ?? ""
      #expect((answer["Link"] != nil) == !cursor.isEmpty)
    } while !cursor.isEmpty && paged.count < 100
    #expect(paged == all)
  }

  @Test func `status, topic and project narrow a search`() throws {
    task("a", "login", #","topic":"web""#)
    task("b", "login", #","status":"planning""#)
    #expect(
      client.post("/v1/projects/q/tasks", #"{"filename":"c","content":"login"}"#).status == 201)
    for isIndexed in [false, true] {
      if isIndexed { try index() }
      #expect(names("login", "&topic=web") == ["a"])
      #expect(names("login", "&status=planning") == ["b"])
      #expect(names("login", "&status=planning&status=ready").sorted() == ["a", "b"])
      #expect(names("login", "&status=nothing") == [])
      #expect(names("login").sorted() == ["a", "b"])
      let everywhere = client.post("/v1/operations/task_search", #"{"q":"login"}"#).json
      let found = everywhere?["tasks"]?.arrayValue?.map {
        "\($0["project"]?.stringValue ?? "")/\($0["filename"]?.stringValue ?? "")"
      }
      #expect(found?.sorted() == ["p/a", "p/b", "q/c"])
      #expect(search("login", in: "none").text == "{\"tasks\":[],\"has_more\":false}\n")
    }
    #expect(client.delete("/v1/projects/q", #"{"force":true}"#).status == 204)
    let left = client.post("/v1/operations/task_search", #"{"q":"login"}"#).json
    #expect(left?["tasks"]?.arrayValue?.count == 2)
  }

  @Test(arguments: [
    "\"", "'", "a\"b", "(", "a AND", "NEAR(a b, 2)", "a:b", "{filename} : a", "- project : x", "^a",
    "a + b", "x' OR '1'='1", "a\\", "%", "_", "a & b", "!a", "a <-> b", "a:*",
    "'; DROP TABLE tasks",
    "\u{0}a", "a\u{7f}", "𝔘𝔫𝔦", "a*b*", "**", "search_words", "p1", "\u{202e}a", "é́́́",
  ])
  func `a hostile query is only words`(query: String) throws {
    task("a", "login")
    try index()
    task("b", "login")
    for text in [query, "login \(query)", "-login \(query)", "\"\(query)", "\(query)*"] {
      let answer = search(text)
      #expect(
        [200, 400].contains(answer.status),
        "\(text): \(answer.status) \(answer.text)")
    }
    #expect(names("login").sorted() == ["a", "b"])
  }

  @Test(arguments: [
    "", "q=", "q=%20%3F", "q=-a", "q=a&limit=0", "q=a&limit=101", "q=a&cursor=x", "q=a&no=1",
  ])
  func `what cannot be asked is refused`(query: String) {
    let answer = client.get("/v1/projects/p/search?\(query)")
    #expect(answer.status == 400)
    #expect(!answer.error.isEmpty)
  }
}
