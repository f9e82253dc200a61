import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// What is said about tasks, and what the work on them printed.
@Suite struct CommentTests {
  let graph: GraphClient
  let task: String
  var client: HTTPClient { graph.client }

  init() throws {
    graph = try GraphClient()
    graph.connect("a")
    task = graph.create("t")
  }

  private func path(_ rest: String) -> String { "\(graph.tasks)/\(task)/\(rest)" }

  @discardableResult
  private func add(_ text: String, _ fields: String = "") -> Int64 {
    let answer = client.post(path("comments"), #"{"text":"\#(text)"\#(fields)}"#)
    #expect(answer.status == 201, "\(answer.text)")
    return answer.json?["id"]?.int64Value ?? 0
  }

  private func texts(_ query: String = "") -> [String] {
    client.get(path("comments") + query).json?["comments"]?.arrayValue?
      .compactMap { $0["text"]?.stringValue } ?? []
  }

  @Test func `a thread has its comments in order, each with its author`() {
    add("first", #","agent":"a""#)
    add("**second**")
    let list = client.get(path("comments")).json?["comments"]?.arrayValue
    #expect(list?.map { $0["author"] } == ["a", "user"])
    #expect(texts() == ["first", "**second**"])
    #expect(list?.allSatisfy { $0["at"]?.stringValue != nil && $0["edited_at"] == nil } == true)
  }

  @Test func `an edit and a deletion are kept by the history`() throws {
    let id = add("old words", #","author":"a""#)
    let edited = client.patch(path("comments/\(id)"), #"{"text":"new words","author":"a"}"#)
    #expect(edited.status == 200, "\(edited.text)")
    #expect(edited.json?["edited_at"]?.stringValue != nil)
    #expect(texts() == ["new words"])
    let deleted = client.delete(path("comments/\(id)"))
    #expect(deleted.status == 200, "\(deleted.text)")
    #expect(texts() == [])
    let events = client.get("/v1/events").text
    #expect(events.contains("old words") && events.contains("new words"))
    for answer in [
      client.patch(path("comments/\(id)"), #"{"text":"x"}"#), client.delete(path("comments/\(id)")),
    ] { #expect(answer.status == 404) }
    #expect(try Verify().run(on: graph.server.store).isClean)
  }

  @Test func `a comment is changed by its author or a person, and stays with its task`() {
    let id = add("x", #","author":"a""#)
    let other = client.patch(path("comments/\(id)"), #"{"text":"y","author":"b"}"#)
    #expect(other.json?["code"] == "not_owner")
    let elsewhere = graph.create("elsewhere")
    #expect(
      client.patch("\(graph.tasks)/\(elsewhere)/comments/\(id)", #"{"text":"y"}"#).status == 404)
    #expect(client.patch(path("comments/\(id)"), #"{"text":"y"}"#).status == 200)
    #expect(texts() == ["y"])
  }

  @Test func `a comment has up to 64 KiB`() {
    #expect(client.post(path("comments"), #"{"text":""}"#).status == 400)
    let most = String(repeating: "x", count: Comment.bytesMax)
    #expect(client.post(path("comments"), #"{"text":"\#(most)"}"#).status == 201)
    #expect(client.post(path("comments"), #"{"text":"\#(most)x"}"#).status == 400)
    #expect(client.post(path("output"), #"{"text":"\#(most)x"}"#).status == 400)
  }

  @Test(arguments: ["comments", "output"])
  func `pages cover everything once`(kind: String) {
    for number in 0..<5 {
      _ = client.post(path(kind), #"{"text":"\#(number)"}"#)
    }
    var seen: [String] = []
    var cursor = ""
    var pages = 0
    repeat {
      let page = client.get(path(kind) + "?limit=2" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"))
      #expect(page.status == 200, "\(page.text)")
      seen += page.json?[kind]?.arrayValue?.compactMap { $0["text"]?.stringValue } ?? []
      cursor = page.json?["next_cursor"]?.stringValue ?? ""
      pages += 1
    } while !cursor.isEmpty && pages < 9
    #expect(seen == ["0", "1", "2", "3", "4"])
    #expect(pages == 3)
    #expect(client.get(path(kind) + "?limit=5").json?["next_cursor"]?.stringValue ?? "" == "")
  }

  @Test func `output is kept by its kind and source`() throws {
    graph.claim(task, for: "a")
    let first = client.post(
      path("output"), #"{"agent":"a","type":"stdout","source":"make","text":"ok\n"}"#)
    #expect(first.status == 201, "\(first.text)")
    _ = client.post(path("output"), #"{"type":"stderr","text":"bad"}"#)
    let all = client.get(path("output")).json?["output"]?.arrayValue
    #expect(all?.map { $0["type"] } == ["stdout", "stderr"])
    #expect(all?.first?["source"] == "make")
    #expect(all?.first?["text"] == "ok\n")
    let errors = client.get(path("output?type=stderr")).json?["output"]?.arrayValue
    #expect(errors?.map { $0["text"] } == ["bad"])
    #expect(client.post(path("output"), #"{"type":"loud","text":"x"}"#).status == 400)
    graph.connect("b")
    let stranger = client.post(path("output"), #"{"agent":"b","text":"x"}"#)
    #expect(stranger.json?["code"] == "not_owner")
    #expect(try Verify().run(on: graph.server.store).isClean)
  }
}
