import Testing

@testable import holdfast

@Suite struct CompletionTests {
  let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
    try temporary.file("notes.md")
    try temporary.folder("plans")
  }

  /// What bash offers for a line with the cursor at its end, sorted.
  func bash(_ line: String) throws -> [String] {
    let script = try #require(CompletionsCommand.script(for: "bash", of: SampleCommands.root))
    let file = try temporary.file("completion.bash", script)
    // As bash does: `=` is a word of its own.
    var words = line.split(separator: " ", omittingEmptySubsequences: false).flatMap { word in
      word.hasPrefix("--") && word.contains("=")
        ? [String(word.prefix { $0 != "=" }), "="]
          + [String(word.drop { $0 != "=" }.dropFirst())].filter { !$0.isEmpty }
        : [String(word)]
    }
    if words.isEmpty { words = [""] }
    let quoted = words.map { ShellText.quoted($0) }.joined(separator: " ")
    let result = try ChildProcess.run(
      [
        "bash", "--norc", "-u", "-c",
        // The program that the completions ask for words.
        "holdfast() { printf 'fix-login\\nfix logout\\nother\\n'; }; "
          + "source \(file) && COMP_WORDS=(\(quoted)) "
          + "COMP_CWORD=\(words.count - 1) && { _holdfast || true; } && "
          + "printf '%s\\n' \"${COMPREPLY[@]-}\"",
      ], in: temporary.path)
    #expect(result.code == 0, "\(result.output)")
    return result.output.split(separator: "\n").map { String($0) }.sorted()
  }

  @Test(arguments: [
    ("holdfast ", "completions help serve signal task"),
    ("holdfast ta", "task"),
    ("holdfast task ", "create list show"),
    ("holdfast t ", "create list show"),
    ("holdfast --json task ", "create list show"),
    ("holdfast --store x task ", "create list show"),
    ("holdfast --store=x task ", "create list show"),
    ("holdfast task list --st", "--status --store"),
    ("holdfast task list --status ", "cancelled done ready"),
    ("holdfast task list --status=", "cancelled done ready"),
    ("holdfast task list --status=d", "done"),
    ("holdfast task list -s r", "ready"),
    ("holdfast task list -- --", ""),
    ("holdfast task create --file no", "notes.md"),
    ("holdfast serve --repo pl", "plans"),
    ("holdfast serve --log ", "json off text"),
    ("holdfast task show ", "fix-login fix\\ logout other"),
    ("holdfast task show fix-", "fix-login"),
    ("holdfast task show x ", ""),
    ("holdfast task create --wave ", ""),
    ("holdfast completions z", "zsh"),
    ("holdfast signal emit --type d", "done"),
    ("holdfast comple", "completions"),
  ])
  func `bash offers what fits`(line: String, words: String) throws {
    #expect(try bash(line).joined(separator: " ") == words)
  }

  @Test(arguments: ["zsh", "fish"])
  func `the other shells can read their scripts`(shell: String) throws {
    let script = try #require(CompletionsCommand.script(for: shell, of: SampleCommands.root))
    #expect(script.contains("fix-login") == false && script.contains("cancelled"))
    guard Shell.has(shell) else { return }
    let file = try temporary.file("completion.\(shell)", script)
    let result = try ChildProcess.run([shell, "-n", file])
    #expect(result.code == 0 && result.output == "")
  }

  @Test func `a hidden command and its words are in no script`() throws {
    for shell in ["bash", "zsh", "fish"] {
      let script = try #require(CompletionsCommand.script(for: shell, of: SampleCommands.root))
      #expect(!script.contains("Prints words"))
    }
  }

  @Test(.enabled(if: Shell.has("shellcheck")))
  func `shellcheck has nothing to complain about`() throws {
    let script = try #require(CompletionsCommand.script(for: "bash", of: SampleCommands.root))
    let file = try temporary.file("completion.bash", script)
    let result = try ChildProcess.run(["shellcheck", file])
    #expect(result.output == "")
  }

  @Test func `texts are quoted for each shell`() {
    #expect(ShellText.quoted("it's") == "'it'\\''s'")
    #expect(ShellText.quotedForFish("it's \\") == "'it\\'s \\\\'")
  }
}
