import Testing

@testable import holdfast

@Suite struct ManPageTests {
  let page = ManPage.render(
    SampleCommands.root, version: "1.2.3", sections: Settings.manualSections())

  @Test func `the page has the sections of a manual page in their order`() {
    let titles = page.split(separator: "\n").filter { $0.hasPrefix(".SH ") }.map { $0.dropFirst(4) }
    #expect(
      titles == [
        "\"NAME\"", "\"SYNOPSIS\"", "\"DESCRIPTION\"", "\"COMMANDS\"",
        "\"OPTIONS OF EVERY COMMAND\"", "\"EXIT STATUS\"", "\"SETTINGS\"", "\"ENVIRONMENT\"",
        "\"FILES\"", "\"EXAMPLES\"",
      ])
  }

  @Test(arguments: [
    ("a-b", "a\\-b"), ("C:\\x", "C:\\ex"), ("it's", "it\\(aqs"), ("\"q\"", "\\(dqq\\(dq"),
    ("~/.config", "\\(ti/.config"),
  ])
  func `characters that roff reads as instructions are escaped`(text: String, roff: String) {
    #expect(Roff.escaped(text) == roff)
  }

  @Test func `a line that begins with a point is no request`() {
    var roff = Roff()
    roff.lines(".holdfast is a folder\n'quoted'\n\nnext")
    #expect(roff.text == "\\&.holdfast is a folder\n\\(aqquoted\\(aq\n.PP\nnext\n")
  }

  @Test func `the command prints the page`() {
    let run = ProgramRun("help --man")
    #expect(run.output == ManPage.render(SampleCommands.root, version: "1.2.3"))
    #expect(ProgramRun("help --man task").code == 2)
  }

  @Test(.enabled(if: Shell.has("groff")))
  func `groff has nothing to complain about`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("holdfast.1", page)
    let result = try ChildProcess.run(["groff", "-man", "-Tutf8", "-ww", "-z", file])
    #expect(result.output == "" && result.code == 0)
  }
}
