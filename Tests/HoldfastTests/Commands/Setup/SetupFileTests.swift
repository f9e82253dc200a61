import HoldfastModel
import HoldfastTesting
import Testing

@testable import holdfast

/// A file of somebody else's is written whole, or left alone.
@Suite struct SetupFileTests {
  private let home = TestHome()

  private func path(_ name: String) -> String { home.folder.file(name) }

  @Test func `a link stays one, and what it leads to keeps its rights`() throws {
    try writeFile(path("real/f"), "old\n")
    try home.shell("chmod 604 real/f; ln -s real/f link; ln -s real/new dangling")
    try SetupFile(path("link"), isPrivate: true).write(Array("new\n".utf8))
    #expect(
      try home.shell("cat real/f; stat -c '%a %F' real/f link").output
        == "new\n604 regular file\n777 symbolic link\n")
    try SetupFile(path("dangling"), isPrivate: true).write([0x61])
    #expect(
      try home.shell("stat -c '%a %F' real/new dangling; ls real").output
        == "600 regular file\n777 symbolic link\nf\nnew\n")
  }

  @Test func `what was changed since is left alone`() throws {
    try writeFile(path("f"), "old\n")
    let file = try SetupFile(path("f"), isPrivate: false)
    let missing = try SetupFile(path("sub/g"), isPrivate: false)
    try writeFile(path("f"), "theirs\n")
    try writeFile(path("sub/g"), "theirs\n")
    for file in [file, missing] {
      let error = #expect(throws: HoldfastError.self) { try file.write([1]) }
      #expect(error?.code == .conflict)
    }
    #expect(throws: HoldfastError.self) { try file.remove() }
    #expect(
      try home.shell("cat f sub/g; ls . sub").output == "theirs\ntheirs\n.:\nf\nsub\n\nsub:\ng\n")
  }

  @Test func `folders, pipes and what leads out of the repository are refused`() throws {
    try home.shell("mkdir -p repo elsewhere folder; mkfifo pipe; ln -s ../elsewhere repo/.claude")
    try home.shell(
      "ln -s /nowhere/f repo/AGENTS.md; touch elsewhere/f; ln -s ../elsewhere/f repo/f")
    for name in ["folder", "pipe"] {
      #expect(throws: HoldfastError.self) { try SetupFile(path(name), isPrivate: false) }
    }
    for name in ["repo/.claude/settings.json", "repo/AGENTS.md", "repo/f"] {
      let error = #expect(throws: HoldfastError.self) {
        try SetupFile(path(name), within: path("repo"), isPrivate: false)
      }
      #expect(error?.message.contains("outside of") == true)
    }
    _ = try SetupFile(path("repo/.cursor/deep/er/f"), within: path("repo"), isPrivate: false)
  }

  @Test func `a folder in which nobody may write is told`() throws {
    try home.shell("mkdir sealed; echo old > sealed/f; chmod 500 sealed")
    let file = try SetupFile(path("sealed/f"), isPrivate: false)
    // Root may write anywhere.
    guard try home.shell("touch sealed/probe").code != 0 else { return }
    let error = #expect(throws: HoldfastError.self) { try file.write([1]) }
    #expect(error?.code == .notAllowed)
    #expect(error?.message.contains("cannot write \(path("sealed/f"))") == true)
  }

  @Test func `new files and folders of a user are for nobody else`() throws {
    try SetupFile(path("a/b/f"), isPrivate: true).write([1])
    try SetupFile(path("c/d/f"), isPrivate: false).write([1])
    #expect(
      try home.shell("stat -c %a a a/b a/b/f c/d c/d/f").output == "700\n700\n600\n755\n644\n")
    try SetupFile(path("a/b/f"), isPrivate: true).remove(withFolders: 2)
    #expect(!Path.exists(path("a")))
    try writeFile(path("c/other"), "")
    try SetupFile(path("c/d/f"), isPrivate: true).remove(withFolders: 2)
    #expect(try home.shell("ls -R c").output == "c:\nother\n")
  }
}
