import Glibc
import Testing

@testable import holdfast

@Suite struct ProgramTests {
  @Test(
    arguments: [
      ("task show a", 0, "a\n", ""),
      ("task show a --json", 0, "{\"file\":\"a\"}\n", ""),
      ("task show missing", 3, "", "holdfast: there is no task missing\n"),
      (
        "task show missing --json", 3, "",
        "{\"error\":\"there is no task missing\",\"code\":\"not_found\",\"file\":\"missing\"}\n"
      ),
      (
        "taks", 2, "",
        "holdfast: unknown command \"taks\"; did you mean \"task\"?\nTry 'holdfast --help'.\n"
      ),
      (
        "task shw", 2, "",
        "holdfast: unknown command \"shw\"; did you mean \"show\"?\nTry 'holdfast task --help'.\n"
      ),
      (
        "taks --json", 2, "",
        "{\"error\":\"unknown command \\\"taks\\\"; did you mean \\\"task\\\"?\",\"code\":\"usage\","
          + "\"did_you_mean\":\"task\"}\n"
      ),
      ("--version", 0, "holdfast 1.2.3\n", ""),
      ("task list --version", 0, "holdfast 1.2.3\n", ""),
      ("--version --json", 0, "{\"name\":\"holdfast\",\"version\":\"1.2.3\"}\n", ""),
      (
        "completions tcsh", 2, "",
        "holdfast: there are completions for bash, zsh and fish, not for \"tcsh\"\n"
          + "Try 'holdfast completions --help'.\n"
      ),
      (
        "help taks", 2, "",
        "holdfast: unknown command \"taks\"; did you mean \"task\"?\nTry 'holdfast help --help'.\n"
      ),
    ] as [(String, Int32, String, String)])
  func `a call prints and returns`(line: String, code: Int32, output: String, errors: String) {
    let run = ProgramRun(line)
    #expect(run.output == output)
    #expect(run.errors == errors)
    #expect(run.code == code)
  }

  @Test(arguments: ["", "task"])
  func `a group without its command shows its help as an error`(line: String) {
    let run = ProgramRun(line)
    #expect(run.code == 2)
    #expect(run.output == "")
    #expect(run.errors.hasPrefix("Usage: holdfast"))
    #expect(run.errors.contains("needs a command"))
  }

  @Test func `an error of another kind is an internal one`() {
    struct Strange: Error {}
    let root = Command("x", summary: "Tests.") { _ in throw Strange() }
    let run = ProgramRun("", root: root)
    #expect(run.code == 1)
    #expect(run.errors == "x: Strange()\n")
  }

  @Test func `what was printed before an error comes out before it`() {
    let root = Command("x", summary: "Tests.") { invocation in
      invocation.output.line("first")
      throw POSIXFailure(5)
    }
    let sink = MemorySink()
    _ = Program(root: root, version: "1").run(
      [], terminal: Terminal(), environment: Environment(directory: nil),
      input: StandardInput(), output: sink, errors: sink)
    #expect(sink.text.hasPrefix("first\nx: "))
  }

  @Test func `a reader that went away ends a command quietly`() {
    let errors = MemorySink()
    let code = Program(root: SampleCommands.root, version: "1").run(
      ["task", "list"], terminal: Terminal(), environment: Environment(directory: nil),
      input: StandardInput(), output: MemorySink(failure: EPIPE), errors: errors)
    #expect(code == 0)
    #expect(errors.text == "")
  }

  @Test func `a full disk behind the output is an error`() {
    let errors = MemorySink()
    let code = Program(root: SampleCommands.root, version: "1").run(
      ["task", "list"], terminal: Terminal(), environment: Environment(directory: nil),
      input: StandardInput(), output: MemorySink(failure: ENOSPC), errors: errors)
    #expect(code == 1)
    #expect(errors.text == "holdfast: cannot write the output: No space left on device\n")
  }

  @Test func `escape sequences in an error reach a pipe but no terminal`() {
    var terminal = Terminal()
    #expect(ProgramRun(["task\u{1B}[2J"]).errors.contains("\u{1B}[2J"))
    terminal.isError = true
    let shown = ProgramRun(["task\u{1B}[2J"], terminal: terminal).errors
    #expect(!shown.contains("\u{1B}") && shown.contains("\\u{1b}[2J"))
  }
}
