import Glibc
import HoldfastJSON
import HoldfastTesting
import Testing

/// Attachments, as a shell sees them, with and without a server.
@Suite struct AttachmentCommandTests {
  let home: TestHome

  init() throws {
    home = try TestHome(on: .wanted)
    try writeFile(home.folder.file("docs/spec.md"), "# Spec\n")
  }

  @Test(arguments: Place.allCases)
  func `content and files are attached, listed, read and taken away`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
    try writeFile(home.folder.file("shot.png"), bytes)
    #expect(try home.run("task", "create", "a").code == 0)
    #expect(
      try home.run("task", "attach", "a", "shot", "--from", "shot.png", "--mime", "image/png")
        .printed("attached: 0 shot (image/png, 300 bytes)\n"))
    #expect(try home.run(["task", "attach", "a", "log", "--type", "log"], input: "ok\n").code == 0)
    #expect(
      try home.run("task", "attach", "a", "spec", "--file", "docs/spec.md").printed(
        "attached: 2 spec (text/plain, 7 bytes in docs/spec.md)\n"))
    let media = try home.run("task", "attach", "a", "m", "--content", "media", "--media", "--json")
    let file = try #require(media.json?["file_path"]?.stringValue)
    #expect(try readFile(home.folder.file(file)) == Array("media".utf8))
    #expect(
      try home.run("task", "attachments", "a", "--type", "log").printed(
        "1 log (text/plain, 3 bytes)\n"))
    #expect(try home.run("task", "attachments", "a", "--get", "1").printed("ok\n"))
    #expect(try home.run("task", "attachments", "a", "--get", "2").printed("# Spec\n"))
    let shot = try home.run("task", "attachments", "a", "--get", "0", "--json")
    #expect(shot.json?["content"]?["base64"] != nil)
    // As much as there may be, of what takes the most room on its way.
    let most = [UInt8](repeating: 0x0a, count: 16 << 20)
    try writeFile(home.folder.file("most"), most)
    #expect(try home.run("task", "attach", "a", "most", "--from", "most").code == 0)
    try writeFile(home.folder.file("most"), most + [0x0a])
    #expect(try home.run("task", "attach", "a", "more", "--from", "most").code == 2)
    #expect(try home.run("task", "detach", "a", "3").printed("detached: 3, and its file\n"))
    #expect(!fileExists(home.folder.file(file)))
    #expect(try home.run("task", "detach", "a", "3").code == 3)
    #expect(try home.run("task", "attach", "a", "x", "--file", "../etc/passwd").code == 2)
    #expect(try home.run("task", "attach", "a", "x", "--file", "none").code == 3)
    #expect(try home.run("verify").code == 0)
  }

  @Test(arguments: Place.allCases)
  func `verify names the files of the media folder that nothing refers to`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "a").code == 0)
    let media = try home.run("task", "attach", "a", "m", "--content", "media", "--media", "--json")
    let kept = try #require(media.json?["file_path"]?.stringValue)
    for name in ["left.txt", ".left.txt.part", "new.txt"] {
      try writeFile(home.folder.file(".task-graph/media/\(name)"), "x")
    }
    for file in [kept, ".task-graph/media/left.txt", ".task-graph/media/.left.txt.part"] {
      var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
      #expect(utimes(home.folder.file(file), &times) == 0)
    }
    let report = try home.run("verify", "--json")
    #expect(report.code == 0, "\(report)")
    #expect(
      report.json?["media_left"] == [
        ".task-graph/media/.left.txt.part", ".task-graph/media/left.txt",
      ])
  }

  @Test(arguments: Place.allCases)
  func `a hard delete and a claim with files`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("agent", "connect", "ada").code == 0)
    #expect(try home.run("task", "create", "--title", "T", "--id", "t").code == 0)
    #expect(try home.run("task", "attach", "t", "m", "--content", "x", "--media").code == 0)
    let claimed = try home.run("task", "claim", "--agent", "ada", "--file", "a", "--file", "b")
    #expect(claimed.output.hasSuffix("locked: a\nlocked: b\n"))
    #expect(try home.run("task", "delete", "t", "--hard", "--yes").code == 6)
    #expect(
      try home.run("task", "delete", "t", "--hard", "--yes", "--force").printed("erased t\n"))
    #expect(try home.run("task", "restore", "t").code == 3)
    #expect(try home.run("lock", "list").printed("no locked files\n"))
    #expect(try home.run("task", "create", "gone").code == 0)
    #expect(try home.run("task", "delete", "gone", "--yes").code == 0)
    #expect(try home.run("task", "delete", "gone", "--hard", "--yes").printed("erased gone\n"))
    #expect(try home.run("task", "restore", "gone").code == 3)
    #expect(try home.run("verify").code == 0)
  }

  @Test func `a server for a repository knows the repository's folder`() throws {
    let repository = home.folder.file("docs")
    let service = try home.serve("--repo", repository)
    defer { service.process.signal(15) }
    let tasks = "/v1/projects/docs/tasks"
    #expect(service.client.post(tasks, #"{"filename":"a"}"#).status == 201)
    let answer = service.client.post(
      "\(tasks)/a/attachments", #"{"name":"spec","file":"spec.md"}"#)
    #expect(answer.status == 201, "\(answer.text)")
    #expect(service.client.get("\(tasks)/a/attachments/0/content").text == "# Spec\n")
  }
}
