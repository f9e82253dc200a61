import Testing

@testable import holdfast

@Suite struct DeclarationCheckTests {
  @Test func `the sample is sound`() {
    #expect(DeclarationCheck.findings(in: SampleCommands.root) == [])
  }

  @Test func `each slip is found`() {
    let bad = Command(
      "holdfast", summary: "",
      options: [.flag("group", "Not for groups.")],
      subcommands: [
        Command("one", summary: "Has no end"),
        Command("one", summary: "Twice.") { _ in 0 },
        Command(
          "Two", aliases: ["one"], summary: "Bad name.", examples: [Example("other x", "Runs it.")],
          options: [
            .flag("json", "Is global."), .flag("", "No name."), .flag("x", short: "q", "Letter."),
            .text("y", "", "No placeholder.", excludes: ["zzz"]),
            .text("r", "r", "Both.", default: "v", required: true),
            .integer("n", "n", "Range.", in: 1...2, default: 3),
            .choice("c", "c", ["a b"], "Quoting."),
            .flag("help-less", ""),
          ],
          arguments: [
            .optional("a", "First."), .required("b", "Second."), .repeating("c", "Third."),
            .required("c", "Fourth."),
          ]
        ) { _ in 0 },
      ])
    #expect(
      DeclarationCheck.findings(in: bad) == [
        "holdfast: the summary has no help",
        "holdfast: a group takes neither arguments nor options of its own",
        "holdfast: the command one is declared twice",
        "holdfast: the command one is declared twice",
        "holdfast one: the summary: its help is not a sentence: 'Has no end'",
        "holdfast one: neither does anything nor has subcommands",
        "holdfast Two: the command's name: 'Two' is not a word of lower-case letters, digits and dashes",
        "holdfast Two: the example 'other x' calls another program",
        "holdfast Two: the argument c is declared twice",
        "holdfast Two: the argument <b> is required, but one before it is not",
        "holdfast Two: the argument <c> is required, but one before it is not",
        "holdfast Two: the argument <c> follows one that takes all words",
        "holdfast Two: the argument <c> is required, but one before it is not",
        "holdfast Two: the option --json is declared twice",
        "holdfast Two: the option -q is declared twice",
        "holdfast Two: --: '' is not a word of lower-case letters, digits and dashes",
        "holdfast Two: --y has no placeholder",
        "holdfast Two: --y excludes --zzz, which is unknown",
        "holdfast Two: --r is required and has a default",
        "holdfast Two: --n: its default 3 is not a value that it takes",
        "holdfast Two: --c: the word 'a b' needs quoting in a shell",
        "holdfast Two: --help-less has no help",
      ])
  }
}
