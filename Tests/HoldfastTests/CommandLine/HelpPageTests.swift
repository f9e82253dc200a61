import HoldfastJSON
import Testing

@testable import holdfast

@Suite struct HelpPageTests {
  @Test func `the help of the program lists its commands and the global options`() {
    #expect(
      ProgramRun("--help").output == """
        Usage: holdfast <command>

        Keeps the state of a fleet of coding agents.

        Every command works on the project of the current folder, and on the store that
        the configuration names.

          $XDG_CONFIG_HOME/holdfast/config.toml

        Commands:
          task, t      Works with tasks.
          signal, sig  Works with signals.
          serve        Serves the store.
          completions  Prints the completions for a shell.
          help         Shows what a command does and takes.

        Options of every command:
              --store <location>  The store: a path, or a sqlite:, postgresql: or
                                  http(s): URL. (default: from the configuration)
              --project <name>    The project. (default: that of the repository)
              --config <file>     Reads this configuration file instead of the usual
                                  ones.
              --json              Prints results and errors as JSON.
          -q, --quiet             Prints only results and errors.
          -h, --help              Shows what a command does and takes.
              --version           Shows the version.

        'holdfast <command> --help' shows what a command does and takes.

        """)
  }

  @Test func `the help of a command shows all that it takes`() {
    #expect(
      ProgramRun("task create --help").output == """
        Usage: holdfast task create [options] <name> [<topic>] [<tag>...]

        Creates a task.

        Arguments:
          <name>      The name.
          [<topic>]   The topic.
          [<tag>...]  Tags.

        Options:
          -b, --branch <branch>  The branch. (default: plan/<slug>)
              --content <text>   The content. (not with --file)
              --file <file>      Reads the content from a file.
              --wave <n>         The wave. (-9 to 9)

        Options of every command: --store, --project, --config, --json, --quiet, --help,
        --version; see 'holdfast --help'.

        """)
  }

  @Test func `examples and aliases are shown`() {
    #expect(
      ProgramRun("t show -h").output.contains(
        """
        Examples:
          Prints the content of the task fix-login.
            $ holdfast task show fix-login

        """))
    #expect(ProgramRun("task --help").output.contains("Also called: t\n"))
    #expect(
      ProgramRun("signal emit -h").output.hasPrefix("Usage: holdfast signal emit --type <type>\n"))
  }

  @Test func `help is the same by option and by command`() {
    #expect(ProgramRun("help task show").output == ProgramRun("task show --help").output)
    #expect(ProgramRun("help").output == ProgramRun("--help").output)
  }

  @Test func `hidden commands are not shown`() {
    #expect(!ProgramRun("--help").output.contains("Prints words"))
    #expect(ProgramRun("complete --help").output.contains("Prints words"))
  }

  @Test func `help is JSON for programs`() throws {
    let json = try JSONReader.read(Array(ProgramRun("task list --help --json").output.utf8))
    #expect(json["command"] == "holdfast task list")
    #expect(json["options"]?.arrayValue?.first?["enum"] == ["ready", "done", "cancelled"])
    let whole = try JSONReader.read(Array(ProgramRun("--help --json").output.utf8))
    #expect(whole["commands"]?.arrayValue?.count == 5)
  }

  @Test(arguments: [60, 80, 100])
  func `no line of help is wider than the terminal`(width: Int) {
    var paths: [[Command]] = []
    func visit(_ path: [Command]) {
      paths.append(path)
      for command in path[path.count - 1].visibleSubcommands { visit(path + [command]) }
    }
    visit([SampleCommands.root])
    for path in paths {
      let text = HelpPage(path: path, width: width).text
      // What is one word, and the usage line, cannot be broken.
      for line in text.split(separator: "\n") where line.contains(" ") {
        #expect(line.displayWidth <= width || line.hasPrefix("  "), "\(line)")
      }
    }
  }

  @Test func `an argument of a few words names them`() {
    let shell = Argument.required("shell", "The shell.", hint: .words(["bash", "zsh", "fish"]))
    #expect(HelpPage.help(of: shell) == "The shell. (bash, zsh or fish)")
    #expect(HelpPage.help(of: .required("file", "The file.", hint: .file)) == "The file.")
    let page = ProgramRun("completions --help").output
    #expect(page.contains("  <shell>  The shell. (bash, zsh or fish)\n"))
  }
}
