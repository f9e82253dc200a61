import HoldfastJSON
import HoldfastModel
import Testing

@testable import holdfast

@Suite struct CommandParserTests {
  /// Reads a line whose words are divided by spaces, and writes down what was understood.
  func parse(_ line: String) throws(HoldfastError) -> String {
    var parser = CommandParser(root: SampleCommands.root)
    let call = try parser.parse(line.split(separator: " ").map { String($0) })
    let options = call.values.options.sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value.joined(separator: ","))" }
    let parts =
      [call.path.map(\.name).dropFirst().joined(separator: "/"), "\(call.request)"]
      + options
      + (call.values.words.isEmpty ? [] : ["[" + call.values.words.joined(separator: "|") + "]"])
    return parts.joined(separator: " ")
  }

  @Test(arguments: [
    // Commands and aliases.
    ("task list", "task/list run"),
    ("t list", "task/list run"),
    ("sig list", "signal/list run"),
    // Each way to write a value.
    ("task list --limit 5", "task/list run limit=5"),
    ("task list --limit=5", "task/list run limit=5"),
    ("task list -n 5", "task/list run limit=5"),
    ("task list -n5", "task/list run limit=5"),
    ("task list -n=5", "task/list run limit=5"),
    ("task create --branch= x", "task/create run branch= [x]"),
    ("task create --branch=a=b x", "task/create run branch=a=b [x]"),
    // Grouped letters, the last with a value.
    ("task list -aq", "task/list run all=true quiet=true"),
    ("task list -an5", "task/list run all=true limit=5"),
    ("task list -an 5", "task/list run all=true limit=5"),
    // Flags that are switched off, and said twice.
    ("task list --all=false", "task/list run all=false"),
    ("task list -a=false", "task/list run all=false"),
    ("task list --json --json", "task/list run json=true"),
    ("serve --mcp", "serve run mcp=true"),
    ("serve --mcp false --db x", "serve run db=x mcp=false"),
    ("serve --mcp=false", "serve run mcp=false"),
    // Options anywhere, global ones also before the command.
    ("--json task -q list", "task/list run json=true quiet=true"),
    ("task create x --branch y z", "task/create run branch=y [x|z]"),
    ("task list -s ready --status done", "task/list run status=ready,done"),
    // Words that look like something else.
    ("task create -- --branch -x", "task/create run [--branch|-x]"),
    ("task create -", "task/create run [-]"),
    ("task create -5 -.5", "task/create run [-5|-.5]"),
    ("task create x --wave -5", "task/create run wave=-5 [x]"),
    ("task create x --branch=--all", "task/create run branch=--all [x]"),
    ("task create a b c d", "task/create run [a|b|c|d]"),
    // Help and version end all demands.
    ("--help", " help help=true"),
    ("task --help", "task help help=true"),
    ("task show -h", "task/show help help=true"),
    ("task show --help --bogus", "task/show help help=true"),
    ("task show --version", "task/show version version=true"),
    ("--version", " version version=true"),
  ])
  func `a call is understood`(line: String, meaning: String) throws {
    #expect(try parse(line) == meaning)
  }

  @Test(arguments: [
    // Unknown words, with the nearest right one.
    ("taks", "unknown command \"taks\"; did you mean \"task\"?"),
    ("zzzzzz", "unknown command \"zzzzzz\""),
    ("task shw x", "unknown command \"shw\"; did you mean \"show\"?"),
    ("show x", "unknown command \"show\"; did you mean \"task show\"?"),
    ("list", "unknown command \"list\"; did you mean \"task list\" or \"signal list\"?"),
    ("complet", "unknown command \"complet\""),
    (
      "task list --limt 5",
      "unknown option \"--limt\" of \"holdfast task list\"; did you mean \"--limit\"?"
    ),
    (
      "task list --jsn",
      "unknown option \"--jsn\" of \"holdfast task list\"; did you mean \"--json\"?"
    ),
    ("task list -x", "unknown option \"-x\" of \"holdfast task list\""),
    ("task list -ax", "unknown option \"-x\" of \"holdfast task list\""),
    ("task --limit 5 list", "unknown option \"--limit\" of \"holdfast task\""),
    // What is missing, and what is too much.
    ("task", "\"holdfast task\" needs a command: list, show or create"),
    ("task show", "\"holdfast task show\" needs <file>"),
    ("task show a b", "unexpected \"b\": \"holdfast task show\" takes one argument"),
    ("task list a", "unexpected \"a\": \"holdfast task list\" takes no arguments"),
    ("signal emit", "\"holdfast signal emit\" needs --type <type>"),
    ("task list --limit", "--limit needs a value: --limit <n>"),
    ("task list -n", "-n needs a value: -n <n>"),
    ("task list --limit -- 5", "--limit needs a value: --limit <n>"),
    (
      "task create x --branch --json",
      "--branch needs a value before \"--json\"; if that is the value, write --branch=--json"
    ),
    ("task create x -b -q", "-b needs a value before \"-q\"; if that is the value, write -b=-q"),
    // Values that are none.
    ("task list --limit x", "--limit takes a whole number from 1 to 1000, not \"x\""),
    ("task list --limit 1001", "--limit takes a whole number from 1 to 1000, not \"1001\""),
    (
      "task list --limit 99999999999999999999",
      "--limit takes a whole number from 1 to 1000, not \"99999999999999999999\""
    ),
    ("task list --limit=", "--limit takes a whole number from 1 to 1000, not \"\""),
    (
      "task list --status redy",
      "--status takes ready, done or cancelled, not \"redy\"; did you mean \"ready\"?"
    ),
    ("task list --all=maybe", "--all takes true or false, not \"maybe\""),
    // Rules across options.
    ("task list --limit 5 --limit 6", "--limit can be given only once"),
    ("serve --mcp --mcp", "--mcp can be given only once"),
    ("task create x --content a --file b", "--content and --file cannot be used together"),
    ("serve --db a --repo b", "--repo and --db cannot be used together"),
  ])
  func `a call that is wrong gets a sentence`(line: String, sentence: String) {
    let error = #expect(throws: HoldfastError.self) { try parse(line) }
    #expect(error?.message == sentence)
    #expect(error?.code == .usage)
  }

  @Test func `the nearest word is also a field of the error`() {
    let error = #expect(throws: HoldfastError.self) { try parse("taks") }
    #expect(error?.details.first?.name == "did_you_mean")
    #expect(error?.details.first?.value == "task")
  }

  @Test func `an empty word is a word`() throws {
    var parser = CommandParser(root: SampleCommands.root)
    let call = try parser.parse(["task", "show", ""])
    #expect(call.values.words == [""])
  }

  @Test func `random words never crash the parser`() {
    let pieces = [
      "task", "list", "create", "-", "--", "--limit", "--limit=", "-n", "-an", "=", "--=", "---",
      "-=", "x", "", "-5", "é", "--é", "-é", "--help=false", "--mcp", "true", "-q=",
    ]
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<5_000 {
      let words = (0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in
        pieces.randomElement(using: &generator)
      }
      var parser = CommandParser(root: SampleCommands.root)
      _ = try? parser.parse(words)
    }
  }
}
