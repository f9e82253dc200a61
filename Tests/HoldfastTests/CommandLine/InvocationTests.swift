import Testing

@testable import holdfast

@Suite struct InvocationTests {
  @Test(arguments: [
    ("task list", " 50\n"),
    ("task list --limit 7 -s done -s ready", "done,ready 7\n"),
    ("task create a", "a - \n"),
    ("task create a b c d", "a b c,d\n"),
    ("signal emit --type x", "x\n"),
    ("serve", "true []\n"),
    ("serve --mcp false --repo a --repo b", "false [\"a\", \"b\"]\n"),
  ])
  func `a command reads what was given, else the default`(line: String, output: String) {
    #expect(ProgramRun(line).output == output)
  }

  @Test func `the global options are understood`() throws {
    var parser = CommandParser(root: SampleCommands.root)
    let call = try parser.parse([
      "--store", "/s", "task", "list", "--project=p", "-q", "--json", "--config", "c",
    ])
    let globals = GlobalOptions(call.values)
    #expect(globals.isJSON && globals.isQuiet)
    #expect(globals.store == "/s" && globals.project == "p" && globals.configurationFile == "c")
  }

  @Test func `asking for an option that is not declared traps`() async {
    await #expect(processExitsWith: .failure) {
      let root = Command("x", summary: "Tests.") { invocation in
        invocation.flag("bogus") ? 1 : 0
      }
      _ = ProgramRun([], root: root)
    }
  }

  @Test func `asking for an argument that is not declared traps`() async {
    await #expect(processExitsWith: .failure) {
      let root = Command("x", summary: "Tests.") { invocation in
        invocation.output.line(invocation.argument("bogus"))
        return 0
      }
      _ = ProgramRun([], root: root)
    }
  }
}
