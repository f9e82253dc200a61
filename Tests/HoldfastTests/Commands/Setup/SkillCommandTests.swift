import HoldfastTesting
import Testing

@testable import holdfast

/// `holdfast skill` teaches agents the command line by a file.
@Suite struct SkillCommandTests {
  let home: TestHome

  init() throws {
    home = try TestHome(on: .wanted)
    try home.repository("shop")
  }

  @Test(arguments: [
    ("claude", ".claude"), ("codex", ".agents"), ("cursor", ".agents"), ("opencode", ".agents"),
  ])
  func `the skill is where its reader looks, and goes without a trace`(
    client: String, place: String
  ) throws {
    for (scope, root) in [("project", "shop/"), ("user", "")] {
      let words = ["--client", client, "--scope", scope]
      let file = home.folder.file("\(root)\(place)/skills/holdfast/SKILL.md")
      #expect(try home.run(in: "shop", ["skill", "install"] + words).code == 2)
      #expect(!Path.exists(file))
      #expect(try home.run(in: "shop", ["skill", "install", "--yes"] + words).code == 0)
      let text = String(decoding: try readFile(file), as: UTF8.self)
      #expect(text.hasPrefix("---\nname: holdfast\ndescription: "))
      // Four bytes are about a token.
      #expect(text.utf8.count < 4 * 800)
      #expect(
        try home.run(in: "shop", ["skill", "install"] + words).printed("\(file) says so already\n"))
      #expect(try home.run(in: "shop", ["skill", "uninstall", "--yes"] + words).code == 0)
      #expect(!Path.exists(home.folder.file("\(root)\(place)/skills")))
    }
  }

  @Test func `a file of somebody else comes back, and one that was changed stays`() throws {
    let file = home.folder.file("shop/.claude/skills/holdfast/SKILL.md")
    try writeFile(file, "theirs\n")
    #expect(try home.run(in: "shop", "skill", "install", "--yes").code == 0)
    #expect(try home.run(in: "shop", "skill", "uninstall", "--yes").code == 0)
    #expect(try readFile(file) == Array("theirs\n".utf8))
    let run = try home.run(in: "shop", "skill", "uninstall", "--yes")
    #expect(run.code == 4 && run.errors.contains("delete it yourself"))
  }

  @Test(arguments: [nil, "theirs\n"])
  func `a skill that was changed and written again goes at once`(before: String?) throws {
    let file = home.folder.file("shop/.claude/skills/holdfast/SKILL.md")
    if let before { try writeFile(file, before) }
    for _ in 1...3 {
      #expect(try home.run(in: "shop", "skill", "install", "--yes").code == 0)
      try home.shell("sed -i 's/^# Holdfast/# Tasks/' \"$1\"", file)
      // What somebody has written into it is not thrown away.
      let run = try home.run(in: "shop", "skill", "uninstall", "--yes")
      #expect(run.code == 4 && run.errors.contains("delete it yourself"))
    }
    #expect(try home.run(in: "shop", "skill", "install", "--yes").code == 0)
    #expect(try home.run(in: "shop", "skill", "uninstall", "--yes").code == 0)
    #expect(Path.exists(file) == (before != nil))
    if let before { #expect(try readFile(file) == Array(before.utf8)) }
  }

  @Test func `a person at a terminal is asked`() throws {
    var terminal = Terminal()
    (terminal.isInput, terminal.isOutput, terminal.isError) = (true, true, true)
    let file = home.folder.file("shop/.claude/skills/holdfast/SKILL.md")
    for (answer, code) in [("", Int32(6)), ("n\n", 6), ("Yes\n", 0)] {
      #expect(!Path.exists(file))
      let run = ProgramRun(
        ["skill", "install"], terminal: terminal, root: CommandTree.holdfast,
        environment: Environment(
          variables: ["HOME": home.folder.path], directory: home.folder.file("shop")), input: answer
      )
      #expect(run.errors.contains("Write 1 file? [y/N] "))
      #expect(run.code == code, "\(run.errors)")
    }
    #expect(Path.exists(file))
  }

  @Test func `every command of the skill is one`() throws {
    #expect(try home.run(in: "shop", "skill", "install", "--yes").code == 0)
    let text = try readFile(home.folder.file("shop/.claude/skills/holdfast/SKILL.md"))
    try AgentCommands(in: home, folder: "shop").check(String(decoding: text, as: UTF8.self))
  }

  @Test func `every command that prime names is one`() throws {
    let told = try home.run(in: "shop", "prime")
    try AgentCommands(in: home, folder: "shop").check(told.output)
  }
}
