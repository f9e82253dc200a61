import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// What is attached to tasks, over HTTP.
@Suite struct AttachmentTests {
  let server: TestServer
  let folder = TemporaryFolder()
  var client: HTTPClient { server.client }
  let path = "/v1/projects/p/tasks/a/attachments"

  init() throws {
    server = try TestServer(folders: [ProjectName("p"): folder.path])
    #expect(server.task("a").status == 201)
  }

  @discardableResult
  private func attach(
    _ fields: String, to task: String = "a", headers: [(String, String)] = [],
    at location: SourceLocation = #_sourceLocation
  ) -> JSON? {
    let answer = client.post(
      "/v1/projects/p/tasks/\(task)/attachments", "{\(fields)}", headers: headers)
    #expect(answer.status == 201, "\(answer.text)", sourceLocation: location)
    return answer.json
  }

  private func refusal(_ fields: String) -> (Int, String) {
    let answer = client.post(path, "{\(fields)}")
    return (answer.status, answer.json?["code"]?.stringValue ?? "")
  }

  private func names(_ query: String = "") -> [String] {
    client.get(path + query).json?["attachments"]?.arrayValue?
      .compactMap { $0["name"]?.stringValue } ?? []
  }

  private func content(_ index: Int) -> HTTPClient.Answer { client.get("\(path)/\(index)/content") }

  private func count(_ table: String) throws -> Int {
    try server.rows(.init("SELECT id FROM \(table)")).count
  }

  private func expectClean(at location: SourceLocation = #_sourceLocation) throws {
    #expect(try Verify().run(on: server.store).problems == [], sourceLocation: location)
  }

  private static let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

  // MARK: Content

  @Test func `text, base64 and raw bytes come back to the byte`() throws {
    let first = attach(#""name":"notes","content":"ünï\n""#)
    #expect(first?["order_index"] == 0 && first?["mime_type"] == "text/plain")
    #expect(first?["task_id"] == server.entry("a")?["id"])
    let base64 = Base64.encode(Self.bytes)
    let second = attach(
      #""name":"b","mime":"image/PNG","content":{"base64":"\#(base64)"}"#)
    #expect(second?["order_index"] == 1 && second?["mime_type"] == "image/png")
    let third = client.send("POST", "\(path)/content?name=c&type=log", body: Self.bytes)
    #expect(third.status == 201, "\(third.text)")
    #expect(third.json?["mime_type"] == "application/octet-stream")
    #expect(content(0).body == Array("ünï\n".utf8))
    #expect(content(1).body == Self.bytes)
    #expect(content(2).body == Self.bytes)
    #expect(content(1)["Content-Type"] == "image/png")
    let native = client.get("\(path)/1").json
    #expect(native?["content"]?["base64"]?.stringValue == base64)
    #expect(native?["bytes"] == 1000)
    #expect(client.send("POST", "\(path)/content?name=empty", body: []).status == 201)
    #expect(content(3).status == 200 && content(3).body == [])
    try expectClean()
  }

  @Test func `a browser saves what it gets, and neither shows nor runs it`() {
    attach(#""name":"a\"b\r\nX-Evil: 1/ü.html","mime":"text/html","content":"<script>1</script>""#)
    let answer = content(0)
    #expect(answer["Content-Type"] == "text/html")
    #expect(answer["X-Content-Type-Options"] == "nosniff")
    #expect(answer["Content-Security-Policy"] == "default-src 'none'; sandbox")
    #expect(
      answer["Content-Disposition"]
        == "attachment; filename*=UTF-8''a%22b%0D%0AX-Evil%3A%201%2F%C3%BC.html")
    #expect(answer["X-Evil"] == nil)
  }

  @Test func `a list is filtered by the beginning of the type and by what it is for`() {
    attach(#""name":"one","mime":"image/png","content":"1""#)
    attach(#""name":"two","mime":"image/jpeg","type":"shot","content":"2""#)
    attach(#""name":"three","type":"shot","content":"3""#)
    #expect(names() == ["one", "two", "three"])
    #expect(names("?mime=image/") == ["one", "two"])
    #expect(names("?mime=image/png") == ["one"])
    #expect(names("?type=shot") == ["two", "three"])
    #expect(names("?type=shot&mime=text") == ["three"])
    #expect(names("?type=none") == [])
    #expect(names("?limit=2") == ["one", "two"])
    let page = client.get("\(path)?limit=2").json
    #expect(names("?cursor=\(page?["next_cursor"]?.stringValue ?? "")") == ["three"])
    let list = client.get("\(path)?content=true").json?["attachments"]?.arrayValue
    #expect(list?.map { $0["content"] } == ["1", "2", "3"])
    #expect(
      client.get(path).json?["attachments"]?.arrayValue?.allSatisfy { $0["content"] == nil } == true
    )
  }

  @Test func `names, types and the choice of content have rules`() {
    let long = String(repeating: "x", count: 255)
    attach(#""name":"\#(long)","content":"1""#)
    #expect(refusal(#""name":"\#(long)x","content":"1""#) == (400, "invalid_field"))
    #expect(refusal(#""name":"","content":"1""#) == (400, "invalid_field"))
    #expect(refusal(#""name":"n""#) == (400, "invalid_field"))
    #expect(refusal(#""name":"n","content":"1","file":"f""#) == (400, "invalid_field"))
    #expect(refusal(#""name":"n","file":"f","store_as_file":true"#) == (400, "invalid_field"))
    #expect(refusal(#""name":"n","content":"1","mimetype":"a/b""#) == (400, "unknown_field"))
    let most = String(repeating: "a", count: 127)
    for type in ["a/b", "\(most)/\(most)", "application/vnd.a+b.c-d_e^f&g$h#i!j"] {
      attach(#""name":"n","content":"1","mime":"\#(type)""#)
    }
    for type in ["", "a", "a/", "/b", "a/b/c", "a b/c", "a/b; q=1", "\(most)a/b", "ü/b", "a/b\\n"] {
      #expect(
        refusal(#""name":"n","content":"1","mime":"\#(type)""#) == (400, "invalid_field"), "\(type)"
      )
    }
    #expect(
      client.post("/v1/projects/p/tasks/none/attachments", #"{"name":"n","content":"1"}"#).status
        == 404)
  }

  @Test func `an attachment has up to 16 MiB`() throws {
    let most = [UInt8](repeating: 0xff, count: 16 * 1024 * 1024)
    #expect(client.send("POST", "\(path)/content?name=most", body: most).status == 201)
    #expect(content(0).body == most)
    #expect(client.send("POST", "\(path)/content?name=more", body: most + [1]).status == 413)
    let base64 = attach(#""name":"b","content":{"base64":"\#(Base64.encode(most))"}"#)
    #expect(base64?["bytes"]?.int64Value == Int64(most.count))
    let more = Base64.encode(most + [1])
    #expect(refusal(#""name":"b","content":{"base64":"\#(more)"}"#) == (413, "too_large"))
    #expect(try count("blobs") == 1)
  }

  // MARK: Taking away

  @Test func `a place is never given out twice`() throws {
    for name in ["x", "y"] { attach(#""name":"\#(name)","content":"\#(name)""#) }
    let gone = client.delete("\(path)/1")
    #expect(gone.status == 200 && gone.json?["success"] == true)
    #expect(gone.json?["file_deleted"] == false)
    for answer in [client.delete("\(path)/1"), client.get("\(path)/1"), content(1)] {
      #expect(answer.status == 404 && answer.json?["code"] == "attachment_not_found")
    }
    #expect(attach(#""name":"z","content":"z""#)?["order_index"] == 2)
    #expect(names() == ["x", "z"])
    try expectClean()
  }

  @Test func `equal content is kept once, until the last one goes`() throws {
    #expect(server.task("b").status == 201)
    attach(#""name":"x","content":"same""#)
    attach(#""name":"y","content":"same""#, to: "b")
    attach(#""name":"z","content":"other""#)
    #expect(try count("blobs") == 2)
    #expect(client.delete("\(path)/0").status == 200)
    #expect(client.get("/v1/projects/p/tasks/b/attachments/0/content").text == "same")
    try expectClean()
    #expect(client.delete("/v1/projects/p/tasks/b/attachments/0").status == 200)
    #expect(try count("blobs") == 1)
    try expectClean()
  }

  @Test func `attachments go and come back with their task`() throws {
    attach(#""name":"x","content":"kept""#)
    #expect(client.delete("/v1/projects/p/tasks/a").status == 204)
    for answer in [client.get(path), content(0)] { #expect(answer.status == 404) }
    #expect(client.post("/v1/projects/p/tasks/a/restore").status == 200)
    #expect(content(0).text == "kept")
    #expect(client.post("/v1/projects/p/tasks/a/rename", #"{"new_filename":"b"}"#).status == 200)
    #expect(client.get("/v1/projects/p/tasks/b/attachments/0/content").text == "kept")
    try expectClean()
  }

  @Test func `verify finds content that is not what its hash says`() throws {
    attach(#""name":"x","content":"right""#)
    attach(#""name":"y","content":"gone""#)
    try expectClean()
    for (damage, word) in [
      ("UPDATE blobs SET content = '\\x77726f6e67' WHERE bytes = 5", "hash"),
      ("DELETE FROM blobs WHERE bytes = 4", "not there"),
      ("UPDATE attachments SET hash = '' WHERE bytes = 5", "nothing refers"),
      ("UPDATE attachments SET name = 'z'", "differs from its history"),
    ] {
      try server.backing.damage(
        TestStore.Engine.wanted == .sqlite
          ? damage.replacing("'\\x77726f6e67'", with: "X'77726f6e67'") : damage)
      let problems = try Verify().run(on: server.store).problems
      #expect(problems.contains { $0.contains(word) }, "\(damage): \(problems)")
    }
  }

  // MARK: Files of the project

  private func link(_ target: String, _ name: String) {
    #expect(symlink(target, folder.file(name)) == 0)
  }

  @Test func `a file of the project is read when somebody asks for it`() throws {
    try writeFile(folder.file("docs/spec.md"), "one")
    let answer = attach(#""name":"spec","file":"docs//x/../spec.md","mime":"text/markdown""#)
    #expect(answer?["file_path"] == "docs/spec.md" && answer?["bytes"] == 3)
    try writeFile(folder.file("docs/spec.md"), "longer than before")
    #expect(content(0).text == "longer than before")
    #expect(content(0)["Content-Type"] == "text/markdown")
    let list = client.get("\(path)?content=true").json?["attachments"]?.arrayValue
    #expect(list?.first?["content"] == "longer than before")
    unlink(folder.file("docs/spec.md"))
    #expect(content(0).json?["error"] == "File not found: docs/spec.md")
    #expect(content(0).json?["code"] == "file_not_found")
    let gone = client.get("\(path)?content=true").json?["attachments"]?.arrayValue
    #expect(gone?.first?["content"] == "[File not found: docs/spec.md]")
    #expect(client.delete("\(path)/0").json?["file_deleted"] == false)
    try expectClean()
  }

  @Test func `nothing outside of the project's folder is read, nor what is no file`() throws {
    let outside = TemporaryFolder()
    try writeFile(outside.file("secret"), "secret")
    try writeFile(folder.file("in/file"), "fine")
    link(outside.file("secret"), "link")
    link(outside.path, "folder")
    link("in/file", "inner")
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    for file in [
      "link", "folder/secret", "inner", "in", "pipe", "../\(outside.path)/secret", "/etc/passwd",
      "in/../../x", "",
    ] {
      #expect(refusal(#""name":"n","file":"\#(file)""#) == (400, "invalid_path"), "\(file)")
    }
    for file in ["none", "in/none", "in/file/x", String(repeating: "x", count: 300)] {
      #expect(refusal(#""name":"n","file":"\#(file)""#) == (404, "file_not_found"), "\(file)")
    }
    attach(#""name":"n","file":"in/file""#)
    // What was a file when it was attached may be something else now.
    unlink(folder.file("in/file"))
    link(outside.file("secret"), "in/file")
    #expect(content(0).status == 400)
    let list = client.get("\(path)?content=true")
    #expect(list.status == 200 && !list.text.contains("secret"))
  }

  @Test func `over the network nothing hidden is read, and nobody reads what is git's`() throws {
    for file in [".git/config", "sub/.GIT/config", ".env", "in/.ssh/key", ".task-graph/tasks.db"] {
      try writeFile(folder.file(file), "secret")
      #expect(refusal(#""name":"n","file":"\#(file)""#) == (400, "invalid_path"), "\(file)")
    }
    let owned = ProjectFolder(path: folder.path)
    #expect(try owned.read(LockPath(stored: ".env")) == Array("secret".utf8))
    #expect(throws: HoldfastError.self) { try owned.read(LockPath(stored: ".git/config")) }
  }

  @Test func `a page ends where the files are longer than they were`() throws {
    for name in ["x", "y", "z"] {
      try writeFile(folder.file(name), name)
      attach(#""name":"\#(name)","file":"\#(name)""#)
      try writeFile(folder.file(name), String(repeating: name, count: 3 << 20))
    }
    let page = client.get("\(path)?content=true").json
    #expect(page?["attachments"]?.arrayValue?.count == 2)
    #expect(names("?cursor=\(page?["next_cursor"]?.stringValue ?? "")") == ["z"])
  }

  @Test func `a server that does not know the project's folder says so`() {
    #expect(client.post("/v1/projects/q/tasks", #"{"filename":"a"}"#).status == 201)
    let other = "/v1/projects/q/tasks/a/attachments"
    for fields in [#""file":"f""#, #""content":"c","store_as_file":true"#] {
      let answer = client.post(other, #"{"name":"n",\#(fields)}"#)
      #expect(answer.status == 501 && answer.error.contains("--repo"), "\(answer.text)")
    }
    // Who is not the owner does not say where it is.
    let told = client.post(
      other, #"{"name":"n","file":"x"}"#, headers: [("Holdfast-Folder", folder.path)])
    #expect(told.status == 501)
  }

  // MARK: The media folder

  private var media: [String] {
    guard let folder = opendir(folder.file(".task-graph/media")) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  @Test func `content becomes a file that goes with its attachment`() throws {
    let base64 = Base64.encode(Self.bytes)
    let answer = attach(
      #""name":"a shot/1","mime":"image/png","store_as_file":true,"content":{"base64":"\#(base64)"}"#
    )
    let file = answer?["file_path"]?.stringValue ?? ""
    let id = server.entry("a")?["id"]?.stringValue ?? "?"
    #expect(file.hasPrefix(".task-graph/media/\(id)_a_shot_1_") && file.hasSuffix(".png"))
    #expect(try readFile(folder.file(file)) == Self.bytes)
    #expect(fileMode(folder.file(file)) == 0o600)
    #expect(fileMode(folder.file(".task-graph")) == 0o700)
    #expect(content(0).body == Self.bytes)
    #expect(try count("blobs") == 0)
    // Another one refers to the same file.
    attach(#""name":"again","file":"\#(file)""#)
    #expect(client.delete("\(path)/0").json?["file_deleted"] == false)
    #expect(media.count == 1)
    attach(#""name":"own","store_as_file":true,"content":"x""#)
    #expect(client.delete("\(path)/2").json?["file_deleted"] == true)
    #expect(media.count == 1)
    try expectClean()
  }

  @Test func `a file that cannot be deleted keeps no other`() throws {
    var files: [String] = []
    for content in ["1", "2", "3"] {
      let answer = attach(#""name":"m","content":"\#(content)","store_as_file":true"#)
      files.append(folder.file(answer?["file_path"]?.stringValue ?? ""))
    }
    unlink(files[0])
    try writeFile("\(files[0])/in", "no file any more")
    let answer = client.delete("/v1/projects/p/tasks/a?hard=true")
    #expect(answer.status == 503 && answer.error.hasPrefix("it is done, but a file of it stays"))
    #expect(files.map(fileExists) == [true, false, false])
  }

  @Test func `a refused attachment leaves no file, and a repeated one no second`() throws {
    let body = #"{"name":"n","content":"x","store_as_file":true}"#
    #expect(client.post(path, body, headers: [("If-Match", "\"1000\"")]).status == 412)
    #expect(media == [])
    let key = [("Idempotency-Key", "k")]
    let first = client.post(path, body, headers: key)
    #expect(first.status == 201)
    let second = client.post(path, body, headers: key)
    #expect(second["Idempotent-Replayed"] == "true" && second.body == first.body)
    #expect(media.count == 1)
    #expect(names() == ["n"])
  }

  @Test func `a media folder that leads elsewhere is not used`() throws {
    let outside = TemporaryFolder()
    link(outside.path, ".task-graph")
    #expect(refusal(#""name":"n","content":"x","store_as_file":true"#) == (400, "invalid_path"))
    #expect(names() == [])
    #expect(!fileExists(outside.file("media")))
  }
}
