import HoldfastJSON
import HoldfastTesting
import Testing

@testable import holdfast

/// `holdfast init` sets a repository up, and takes everything out again.
@Suite struct InitCommandTests {
  let home: TestHome

  init() throws {
    home = try TestHome(on: .wanted)
    try home.repository("shop")
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try readFile(home.folder.file("shop/" + name)), as: UTF8.self)
  }

  /// All files of the repository with their content, as one text.
  private func tree() throws -> String {
    try home.shell(
      "cd shop && find . -path ./.git -prune -o -type f -print | sort | xargs -r tail -n +1"
    )
    .output
  }

  private func initialize(_ words: String...) throws -> TestProcess.Result {
    try home.run(in: "shop", ["init"] + words)
  }

  @Test func `what would be written is shown, and nothing is written without a yes`() throws {
    let run = try initialize()
    #expect(run.code == 2)
    #expect(run.output.contains("+<!-- holdfast:begin -->\n"))
    #expect(run.output.contains("+            \"command\": \"holdfast prime\"\n"))
    #expect(run.errors.contains("nothing was written: 3 files would change"))
    #expect(try tree() == "")
    #expect(!home.isOnFile || !Path.exists(home.storePath))
    let json = try initialize("--json")
    #expect(json.code == 2)
    let error = try JSONReader.read(Array(json.errors.utf8))
    #expect(error["difference"]?.arrayValue?.isEmpty == false)
  }

  @Test func `everything is set up once, and taken out again`() throws {
    let run = try initialize("--yes")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try text(".holdfast/config.toml") == "project = \"shop\"  # by holdfast init\n")
    #expect(try text("AGENTS.md").contains("project `shop`"))
    let hooks = try JSONReader.read(Array(try text(".claude/settings.json").utf8))["hooks"]
    let start = hooks?["SessionStart"]?.arrayValue?.first
    #expect(start?["matcher"] == "startup|resume|clear|compact")
    #expect(
      start?["hooks"] == [["type": "command", "command": "holdfast prime"]])
    let once = try tree()
    let again = try initialize()
    #expect(again.printed("project shop: everything is set up already\n"))
    #expect(try tree() == once)
    // A clone of another name is the same project, and what the hook says is there at once.
    try home.shell("cp -r shop copy")
    #expect(try home.run(in: "copy", "prime").output.hasPrefix("Project shop: "))
    #expect(
      try home.shell("cd shop && git log --oneline | wc -l && ls .git/hooks | grep -v sample")
        .output == "1\n")

    #expect(try initialize("--undo").code == 2)
    #expect(try tree() == once)
    #expect(try initialize("--undo", "--yes").code == 0)
    #expect(try tree() == "")
    #expect(try home.shell("ls -A shop").output == ".git\n")
    #expect(try initialize("--undo").printed("nothing of 'holdfast init' is here\n"))
  }

  @Test(arguments: [
    ("# Guide", "{}"), ("# Guide\r\n\r\ntext\r\n", "{\"hooks\": {}}\n"), ("", "{\n}\n"),
    ("\n\n", "{\r\n\t\"a\": 1 // b\r\n}\r\n"),
    ("text\n", "{\"hooks\": {\"SessionStart\": []}}"),
    ("text", "{\"hooks\": {\"SessionStart\": [{\"hooks\": []}], \"Stop\": []}}"),
  ])
  func `what was there is there again to the byte`(guide: String, settings: String) throws {
    try writeFile(home.folder.file("shop/AGENTS.md"), guide)
    try writeFile(home.folder.file("shop/.claude/settings.json"), settings)
    try writeFile(home.folder.file("shop/.holdfast/config.toml"), "port = 1\n[ui]\n")
    let before = try tree()
    let run = try initialize("--yes")
    #expect(run.code == 0, "\(run.errors)")
    let after = try text("AGENTS.md")
    // A file of CRLF stays one.
    #expect(after.utf8.contains(0x0D) == guide.utf8.contains(0x0D))
    #expect(
      after.utf8.count { $0 == 0x0D }
        == (guide.utf8.contains(0x0D) ? after.utf8.count { $0 == 0x0A } : 0))
    #expect(try initialize().code == 0)
    #expect(try initialize("--undo", "--yes").code == 0)
    #expect(try tree() == before)
  }

  @Test func `what was written since stays when ours is taken out`() throws {
    try writeFile(home.folder.file("shop/AGENTS.md"), "# Guide\n")
    #expect(try initialize("--yes").code == 0)
    try home.shell(
      "cd shop && echo more >> AGENTS.md && sed -i 's/\"hooks\": {/\"a\": 1,\\n  &/' .claude/settings.json"
    )
    try home.shell("cd shop && echo 'port = 1' >> .holdfast/config.toml")
    #expect(try initialize("--undo", "--yes").code == 0)
    #expect(try text("AGENTS.md") == "# Guide\nmore\n")
    #expect(try text(".claude/settings.json") == "{\n  \"a\": 1\n}\n")
    #expect(try text(".holdfast/config.toml") == "port = 1\n")
  }

  @Test(arguments: [
    // (the guide before, what is changed in between, what is left)
    (nil, "s/^## Tasks/## Our tasks/", nil), ("# Guide", "s/^## Tasks/## Our tasks/", "# Guide"),
    ("", "s/^## Tasks/## Our tasks/", ""),
    ("# Guide", "s/^# Guide/# Our guide/", "# Our guide\n"),
    ("# Guide", "s/^# Guide/# Our guide/;s/^## Tasks/## Our tasks/", "# Our guide\n"),
  ])
  func `a section that was changed and written again goes at once`(
    guide: String?, change: String, left: String?
  ) throws {
    if let guide { try writeFile(home.folder.file("shop/AGENTS.md"), guide) }
    #expect(try initialize("--yes").code == 0)
    let section = try text("AGENTS.md").dropFirst(guide?.utf8.count ?? 0)
    for _ in 1...2 {
      try home.shell("sed -i \"$1\" shop/AGENTS.md", change)
      #expect(try initialize("--yes").code == 0)
      #expect(try text("AGENTS.md").hasSuffix(section))
    }
    let run = try initialize("--undo", "--yes")
    #expect(run.code == 0, "\(run.errors)")
    #expect(Path.exists(home.folder.file("shop/AGENTS.md")) == (left != nil))
    if let left { #expect(try text("AGENTS.md") == left) }
    #expect(try initialize("--undo").printed("nothing of 'holdfast init' is here\n"))
  }

  @Test func `it is taken out of another checkout, too, where nobody knows what was there`() throws
  {
    let settings = """
      {
        // mine
        "hooks": {
          "SessionStart": [
            {"matcher": "startup", "hooks": [{"type": "command", "command": "date"}]},
          ],
        },
      }

      """
    try writeFile(home.folder.file("shop/.claude/settings.json"), settings)
    try writeFile(home.folder.file("shop/AGENTS.md"), "# Guide\n")
    #expect(try initialize("--yes").code == 0)
    try home.shell("rm -r .local")
    #expect(try initialize("--undo", "--yes").code == 0)
    #expect(try text(".claude/settings.json") == settings)
    #expect(try text("AGENTS.md") == "# Guide\n")
    #expect(!Path.exists(home.folder.file("shop/.holdfast")))
  }

  @Test func `a section of an older version is replaced where it stands`() throws {
    try writeFile(
      home.folder.file("shop/AGENTS.md"),
      "a\n<!-- holdfast:begin -->\nold\n<!-- holdfast:end -->\nb\n")
    #expect(try initialize("--yes").code == 0)
    let text = try text("AGENTS.md")
    #expect(
      text.hasPrefix("a\n<!-- holdfast:begin -->\n## Tasks\n") && text.hasSuffix("end -->\nb\n"))
    #expect(!text.contains("old\n"))
    #expect(try initialize("--undo", "--yes").code == 0)
    #expect(try self.text("AGENTS.md") == "a\nb\n")
  }

  @Test func `a guide from which somebody has taken the section stays as it is`() throws {
    try writeFile(home.folder.file("shop/AGENTS.md"), "# Guide")
    #expect(try initialize("--yes").code == 0)
    try writeFile(home.folder.file("shop/AGENTS.md"), "# Guide\n")
    #expect(try initialize("--undo", "--yes").code == 0)
    #expect(try text("AGENTS.md") == "# Guide\n")
  }

  @Test(arguments: [
    ("<!-- holdfast:begin -->\n", "lines 1"),
    ("<!-- holdfast:end -->\n<!-- holdfast:begin -->\n", "lines 1, 2"),
    (
      "<!-- holdfast:begin -->\n<!-- holdfast:end -->\n<!-- holdfast:begin -->\n<!-- holdfast:end -->\n",
      "lines 1, 2, 3, 4"
    ), ("\u{0}\u{1}", ""),
  ])
  func `marks that are no pair are refused`(guide: String, places: String) throws {
    try writeFile(home.folder.file("shop/AGENTS.md"), guide)
    let before = try tree()
    for words in [["--yes"], ["--undo", "--yes"]] {
      let run = try home.run(in: "shop", ["init"] + words)
      guard !places.isEmpty else { continue }
      #expect(run.code == 4 && run.errors.contains(places), "\(run.errors)")
      #expect(try tree() == before)
    }
  }

  @Test func `what is not ours to change is refused, and nothing is written`() throws {
    for (script, sentence) in [
      ("mkdir AGENTS.md", "is a folder"), ("printf '\\377' > AGENTS.md", "is not UTF-8"),
      ("mkdir -p .claude; echo '{' > .claude/settings.json", "is not what it should be"),
      (
        "mkdir -p .claude; echo '{\"hooks\": 1}' > .claude/settings.json",
        "is not what it should be"
      ),
      ("mkdir ../out; ln -s ../out .claude", "outside of"),
      ("ln -s /etc/hostname AGENTS.md", "outside of"),
      ("mkdir .holdfast; echo 'project = \"other\"' > .holdfast/config.toml", "names the project"),
    ] {
      try home.shell("cd shop && rm -rf AGENTS.md .claude .holdfast ../out && " + script)
      let before = try tree()
      let run = try home.run(in: "shop", "init", "--yes", "--project", "shop")
      #expect(run.code != 0 && run.errors.contains(sentence), "\(script): \(run.errors)")
      #expect(try tree() == before)
    }
    #expect(try home.run(in: ".", "init", "--yes").errors.contains("git init"))
  }

  @Test func `the guide that agents read gets the section`() throws {
    try writeFile(home.folder.file("shop/CLAUDE.md"), "Read @AGENTS.md\n")
    #expect(try initialize("--yes").code == 0)
    #expect(try text("CLAUDE.md").contains("holdfast:begin"))
    #expect(!Path.exists(home.folder.file("shop/AGENTS.md")))
    #expect(try initialize("--undo", "--yes").code == 0)

    try writeFile(home.folder.file("shop/AGENTS.md"), "all\n")
    #expect(try initialize("--yes").code == 0)
    #expect(try text("AGENTS.md").contains("holdfast:begin"))
    #expect(try text("CLAUDE.md") == "Read @AGENTS.md\n")
    #expect(try initialize("--undo", "--yes").code == 0)

    // Two that know nothing of each other are read by different programs.
    try writeFile(home.folder.file("shop/CLAUDE.md"), "mine\n")
    #expect(try initialize("--yes").code == 0)
    for name in ["AGENTS.md", "CLAUDE.md"] { #expect(try text(name).contains("holdfast:begin")) }
    #expect(try initialize("--undo", "--yes").code == 0)

    try home.shell("cd shop && rm CLAUDE.md && ln -s AGENTS.md CLAUDE.md")
    #expect(try initialize("--yes", "--hooks=false").code == 0)
    #expect(try text("AGENTS.md").split(separator: "<!-- holdfast:begin -->").count == 2)
    #expect(!Path.exists(home.folder.file("shop/.claude")))
  }

  @Test func `a name that another repository has is refused before anything is written`() throws {
    #expect(try initialize("--yes").code == 0)
    try home.shell("mkdir other")
    try home.repository("other/shop")
    let run = try home.run(in: "other/shop", "init", "--yes")
    #expect(run.code == 4, "\(run.errors)")
    #expect(!Path.exists(home.folder.file("other/shop/AGENTS.md")))
    #expect(try home.run(in: "other/shop", "init", "--yes", "--project", "other").code == 0)
    #expect(try home.run(in: "other/shop", "prime").output.hasPrefix("Project other: "))
  }

  @Test func `every command of the section is one`() throws {
    #expect(try initialize("--yes").code == 0)
    try AgentCommands(in: home, folder: "shop").check(try text("AGENTS.md"))
  }
}
