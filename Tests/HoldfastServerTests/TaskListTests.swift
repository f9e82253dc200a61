import HoldfastJSON
import HoldfastTesting
import Testing

/// GET of the list of tasks.
@Suite struct TaskListTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let tasks = "/v1/projects/p/tasks"

  init() throws { server = try TestServer() }

  private func create(_ name: String, _ more: String = "") {
    #expect(client.post(tasks, #"{"filename":"\#(name)"\#(more)}"#).status == 201)
  }

  private func names(_ query: String) -> [String] { names(of: client.get(tasks + query)) }

  private func names(of answer: HTTPClient.Answer) -> [String] {
    answer.json?.arrayValue?.compactMap { $0["filename"]?.stringValue } ?? ["no list"]
  }

  /// The target of the link to the next page.
  private func next(_ answer: HTTPClient.Answer) -> String? {
    guard let link = answer["Link"], link.hasSuffix(#">; rel="next""#) else { return nil }
    return String(link.dropFirst().prefix { $0 != ">" })
  }

  @Test func `a project that nobody wrote to is an empty list`() {
    let answer = client.get(tasks)
    #expect(answer.status == 200)
    #expect(answer.text == "[]\n")
    #expect(answer["Link"] == nil)
  }

  @Test func `tasks come in the order of their bytes`() {
    for name in ["b", "a", "B", "a-b", "a b", "é", "e\\u0301", "Z", "a.b"] { create(name) }
    #expect(names("") == ["B", "Z", "a", "a b", "a-b", "a.b", "b", "e\u{301}", "é"])
  }

  @Test func `the list holds whole tasks with their text`() {
    create("a", #","content":"text","goal":"g""#)
    let one = client.get("\(tasks)/a")
    #expect(client.get(tasks).text == "[\(one.text.dropLast())]\n")
  }

  @Test func `statuses are alternatives, topic is one more condition`() {
    create("a", #","status":"ready","topic":"x""#)
    create("b", #","status":"done","topic":"x""#)
    create("c", #","status":"done","topic":"y""#)
    create("d", #","status":"implementing""#)
    #expect(names("?status=ready&status=done") == ["a", "b", "c"])
    #expect(names("?status=done") == ["b", "c"])
    #expect(names("?topic=x") == ["a", "b"])
    #expect(names("?status=done&topic=x") == ["b"])
    #expect(names("?status=in_progress") == ["d"])
    #expect(names("?status=done&status=completed") == ["b", "c"])
    #expect(names("?topic=none") == [])
    #expect(names("?topic=") == ["a", "b", "c", "d"])
    #expect(names("?nobody=knows") == ["a", "b", "c", "d"])
  }

  @Test(arguments: ["?status=nonsense", "?status=", "?status=READY", "?status=nonsense&topic=x"])
  func `an unknown status finds nothing`(query: String) {
    create("a", #","topic":"x""#)
    let answer = client.get(tasks + query)
    #expect(answer.status == 200)
    #expect(answer.text == "[]\n")
  }

  @Test func `projects are apart and deleted tasks are gone`() {
    create("a")
    create("b")
    #expect(client.post("/v1/projects/q/tasks", #"{"filename":"c"}"#).status == 201)
    #expect(client.delete("\(tasks)/a").status == 204)
    #expect(names("") == ["b"])
    #expect(names("?status=ready") == ["b"])
  }

  @Test(arguments: ["", "&status=ready", "&topic=t", "&fields=slim", "&q=a"])
  func `pages link to each other and together are the list`(filter: String) {
    for name in ["a&b", "a=c", "aé", "a%d", "a e"] { create(name, #","topic":"t""#) }
    var target = "\(tasks)?cursor=&limit=2\(filter)"
    var pages: [[String]] = []
    while pages.count < 5 {
      let page = client.get(target)
      #expect(page.status == 200)
      pages.append(names(of: page))
      guard let link = next(page) else { break }
      #expect(link.hasPrefix("\(tasks)?limit=2\(filter)&cursor="))
      target = link
    }
    #expect(pages == [["a e", "a%d"], ["a&b", "a=c"], ["aé"]])
  }

  @Test func `a page that ends with the list has no link`() {
    create("a")
    create("b")
    #expect(next(client.get("\(tasks)?limit=2")) == nil)
    #expect(next(client.get("\(tasks)?limit=2&status=ready")) == nil)
    #expect(names("?limit=1&cursor=b") == [])
  }

  @Test func `a slim list leaves out the text alone`() {
    create("a", #","content":"text","goal":"g""#)
    let task = client.get("\(tasks)?fields=slim").json?.arrayValue?.first
    #expect(task?["content"] == nil)
    #expect(task?["goal"] == "g")
    #expect(names("?fields=full") == ["a"])
  }

  @Test func `a search looks into name, description and text`() {
    create("needle-name")
    create("b", #","description":"a NEEDLE here""#)
    create("c", #","content":"text with a Needle""#)
    create("d", #","goal":"needle","content":"nothing""#)
    #expect(names("?q=needle") == ["b", "c", "needle-name"])
    #expect(names("?q=needle&fields=slim&status=ready") == ["b", "c", "needle-name"])
    #expect(names("?q=needle&limit=1&cursor=b") == ["c"])
    #expect(names("?q=a+needle") == ["b", "c"])
    #expect(names("?q=none") == [])
    #expect(client.put("\(tasks)/d/content", "\u{0}nee\u{0}dle needle\u{0}").status == 200)
    #expect(names("?q=needle").contains("d"))
  }

  @Test(arguments: ["?limit=x", "?limit=-1", "?limit=10001", "?fields=fat", "?limit=1.5"])
  func `a bad parameter of ours is refused by its name`(query: String) {
    let answer = client.get(tasks + query)
    #expect(answer.status == 400)
    #expect(!answer.error.hasPrefix("invalid request body"))
  }

  @Test func `a search text has a largest length`() {
    let longest = String(repeating: "x", count: 256)
    #expect(client.get("\(tasks)?q=\(longest)").status == 200)
    #expect(client.get("\(tasks)?q=\(longest)x").status == 400)
  }

  @Test func `HEAD has the headers of the list`() {
    create("a")
    let head = client.send("HEAD", tasks)
    #expect(head.status == 200)
    #expect(head["Content-Length"] == client.get(tasks)["Content-Length"])
  }
}
