import HoldfastJSON
import HoldfastTesting
import Testing

@testable import holdfast

/// Where the store is while a command runs.
enum Place: CaseIterable {
  /// In the command's own process.
  case file
  /// In a server.
  case server
}

/// The commands of tasks as a shell sees them, with and without a server.
@Suite struct TaskCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private func serving(_ place: Place) throws -> TestService? {
    place == .server ? try home.serve() : nil
  }

  @Test func `a project of another vocabulary lists its own statuses`() throws {
    let path = home.folder.file("plan-state.json")
    try writeFile(path, #"{"plans":{"x":{"status":"brewing"}}}"#)
    #expect(try home.run("import", path).code == 0)
    #expect(try home.run("task", "list", "--status", "brewing").output.hasPrefix("brewing  "))
  }

  @Test func `a project is deleted after a look, and an alias alone`() throws {
    #expect(try home.run("task", "create", "t").code == 0)
    #expect(try home.run("project", "alias", "p", "q").code == 0)
    #expect(try home.run("status").output.contains("\nprojects  1\n"))
    let project = try home.run("project", "delete", "p")
    #expect(project.code == 2)
    #expect(project.output == "delete project p (1 task)? pass --yes to confirm\n")
    let alias = try home.run("project", "delete", "q")
    #expect(alias.output == "delete alias q of project p? pass --yes to confirm\n")
    #expect(try home.run("project", "delete", "q", "--yes").printed("deleted q\n"))
    #expect(try home.run("task", "list").output.hasPrefix("ready          t "))
    #expect(try home.run("project", "delete", "p", "--yes", "--force").printed("deleted p\n"))
    #expect(try home.run("project", "list").printed(""))
  }

  @Test func `a name cannot break the line it stands in`() throws {
    #expect(try home.run("task", "create", "a\nready  b\u{1B}[2J", "--topic", "x\ny").code == 0)
    let shown = "a\\u{a}ready  b\\u{1b}[2J"
    let list = try home.run("task", "list").output
    #expect(list.hasPrefix("ready          \(shown)") && list.filter { $0 == "\n" }.count == 1)
    #expect(try home.run("topic", "list").printed("x\\u{a}y\n"))
    let name = try home.run("task", "list", "--json").json?["tasks"]?.arrayValue?.first
    #expect(name?["filename"]?.stringValue == "a\nready  b\u{1B}[2J")
  }

  @Test func `bash offers names of tasks, statuses and kinds, under both names`() throws {
    #expect(try home.run("task", "create", "fix-login", "--topic", "web").code == 0)
    #expect(try home.run("task", "create", "other\nline").code == 0)
    let script = home.folder.file("completion.bash")
    try writeFile(script, try home.run("completions", "bash").output)
    func offered(_ words: String...) throws -> String {
      let quoted = words.map { ShellText.quoted($0) }.joined(separator: " ")
      let result = try ChildProcess.run(
        [
          "bash", "--norc", "-u", "-c",
          "\(words[0])() { '\(TestProcess.holdfast)' \"$@\"; }; source \(script); "
            + "COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1); _holdfast || true; "
            + "printf '%s ' \"${COMPREPLY[@]-}\"; complete -p \(words[0])",
        ], variables: home.environment.merging(["HOLDFAST_PROJECT": "p"]) { $1 })
      #expect(result.output.contains("complete -F _holdfast \(words[0])"))
      return result.output.split(separator: "complete -F")[0].trimmingSpaces
    }
    for program in ["holdfast", "kas"] {
      #expect(try offered(program, "task", "show", "") == "fix-login")
      #expect(try offered(program, "task", "list", "--topic", "") == "web")
      #expect(try offered(program, "task", "list", "--status", "re") == "ready resumable reviewing")
      #expect(try offered(program, "task", "set-status", "x", "pla") == "planned planning")
      #expect(try offered(program, "subtask", "set", "x", "1", "r") == "running")
      #expect(try offered(program, "audit", "list", "--event", "git") == "git_push")
      #expect(try offered(program, "help", "subt") == "subtask")
      #expect(try offered(program, "task", "list", "--project", "") == "p")
    }
    let empty = TestHome()
    #expect(try empty.run("complete", "tasks").printed("") && !fileExists(empty.storePath))
  }

  @Test func `a server says in JSON where it listens`() throws {
    let process = try TestProcess(
      TestProcess.holdfast, ["serve", "--port", "0", "--json"], environment: home.environment,
      directory: home.folder.path)
    let line = try JSONReader.read(Array((process.line() ?? "").utf8))
    #expect(line["listening"]?.stringValue?.hasPrefix("http://127.0.0.1:") == true)
    #expect(line["store"]?.stringValue == home.store)
    process.signal(15)
    #expect(process.rest().isEmpty)
    #expect(process.wait() == 0)
  }

  @Test func `the tree of commands is well declared`() {
    #expect(DeclarationCheck.findings(in: CommandTree.holdfast) == [])
  }

  @Test(arguments: Place.allCases)
  func `tasks are created, listed and shown`(place: Place) throws {
    let service = try serving(place)
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "b.md").printed("created: b → ready\n"))
    let created = try home.run(
      "t", "create", "a task", "--description", "d", "--branch", "x/y", "--topic", "web",
      "--content", "# Ä\n")
    #expect(created.printed("created: a task → ready\n"))
    let name = "a task" + String(repeating: " ", count: 44)
    let second = "b" + String(repeating: " ", count: 49)
    let both = "ready          \(name) x/y\nready          \(second) \n"
    #expect(try home.run("task", "list").printed(both))
    #expect(try home.run("task", "list", "--status", "ready").printed(both))
    #expect(try home.run("task", "list", "--status", "done").printed(""))
    #expect(
      try home.run("task", "list", "--topic", "web").output.hasPrefix("ready          a task"))
    #expect(try home.run("task", "show", "a task").printed("# Ä\n"))
    #expect(try home.run("task", "show", "b").printed(""))
    let json = try home.run("task", "show", "a task", "--json").json
    #expect(json?["topic"]?.stringValue == "web" && json?["content"]?.stringValue == "# Ä\n")
    let list = try home.run("task", "list", "--json").json
    #expect(list?["tasks"]?.arrayValue?.count == 2)
  }

  @Test(arguments: Place.allCases)
  func `refusals have a sentence and an exit code`(place: Place) throws {
    let service = try serving(place)
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "t").code == 0)
    let cases: [([String], Int32, String)] = [
      (["task", "create", "t"], 4, "plan already exists: p/t"),
      (["task", "create", ""], 2, "filename must not be empty"),
      (["task", "show", "none"], 3, "task not found: none"),
      (["task", "delete", "none", "--yes"], 3, "task not found: none"),
      (
        ["task", "transition", "t", "implement_finished"], 4,
        #"invalid transition: "ready" + "implement_finished"; possible now: plan_start, mark_done, "#
      ),
      (["task", "transition", "t", "dance"], 2, "unknown event: dance"),
      (["task", "transition", "t", "implement_start"], 4, "task is not yet planned"),
      (["task", "set-status", "t", "done"], 2, "pass --force"),
      (["task", "set-status", "t", "x", "--force"], 2, #"invalid manual override "x""#),
      (["task", "rename", "t", "!!!"], 4, "or pass verbatim"),
      (["project", "delete", "none"], 3, "project not found: none"),
      (["project", "delete", "p", "--yes"], 4, "or pass force"),
      (["status", "--project", "p"], 2, "works on the whole store: leave out --project"),
      (["verify", "--project", "p"], 2, "leave out --project"),
      (["backup", "x", "--project", "p"], 2, "leave out --project"),
      (["restore", "x", "--project", "p"], 2, "leave out --project"),
      (["task", "recover", "t"], 2, "--action"),
      (["signal", "emit", "x", "t"], 2, #"unknown signal type "x""#),
      (["signal", "emit", "plan_strat", "t"], 2, #"; did you mean "plan_start"?"#),
      (["task", "set-status", "t", "dnoe", "--force"], 2, #"; did you mean "done"?"#),
      (["task", "list", "--status", "redy"], 2, #"; did you mean "ready"?"#),
      (["task", "list", "--topic", "nope"], 3, #"there is no topic "nope"; the project has none"#),
      (["signal", "show", "9"], 3, "signal not found: 9"),
      (["signal", "show", "x"], 2, "a signal's id is a number"),
      (["subtask", "set", "t", "1", "done"], 3, "subtask not found: p/t#1"),
      (["task", "list", "--statos", "x"], 2, "--status"),
    ]
    for (words, code, sentence) in cases {
      let result = try home.run(words)
      #expect(result.code == code, "\(words): \(result.errors)")
      #expect(result.errors.contains(sentence), "\(words): \(result.errors)")
      #expect(result.output.isEmpty)
    }
    let json = try home.run("task", "show", "none", "--json")
    #expect(json.code == 3 && json.errors.contains(#""code":"task_not_found""#))
  }

  @Test(arguments: [
    ["implement", "t", "--wave", "2"], ["start", "t"], ["start-over", "t"],
    ["push", "t", "--message", "m"], ["pr", "t", "--title", "T"], ["merge", "t"],
  ])
  func `what needs git says that it is not available`(words: [String]) throws {
    let kas = home.folder.file("kas")
    _ = try ChildProcess.run(["ln", "-s", TestProcess.holdfast, kas])
    for program in [TestProcess.holdfast, kas] {
      let result = try TestProcess.run(
        ["task"] + words, program: program, environment: home.environment,
        directory: home.folder.path)
      #expect(result.code == 1 && result.output.isEmpty)
      #expect(
        result.errors.hasSuffix(
          ": 'task \(words[0])' is not available: this store keeps tasks and runs no git; "
            + "'task transition' records what was done\n"), "\(result.errors)")
    }
    let json = try home.run(["task"] + words + ["--json"])
    #expect(json.code == 1 && json.errors.contains(#""code":"not_available""#))
    #expect(try home.run("project", "list").printed(""))
  }

  @Test(arguments: Place.allCases)
  func `a task walks through its workflow`(place: Place) throws {
    let service = try serving(place)
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "t", "--content", "# P").code == 0)
    let steps = [
      ("plan_start", "planning"), ("planner-finished", "ready"),
      ("implement_start", "implementing"), ("implement_finished", "reviewing"),
      ("review_changes", "implementing"),
    ]
    for (event, status) in steps {
      #expect(try home.run("task", "transition", "t.md", event).printed("t → \(status)\n"))
    }
    #expect(try home.run("task", "set-status", "t", "done", "--force").printed("t → done\n"))
    #expect(try home.run("task", "set-status", "t", "cancelled", "--force").code == 0)
    #expect(try home.run("task", "list").printed(""))
    #expect(try home.run("task", "list", "--status", "cancelled").output.hasPrefix("cancelled  "))
  }

  @Test(arguments: Place.allCases)
  func `content comes from a file, an option or the standard input`(place: Place) throws {
    let service = try serving(place)
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "t").code == 0)
    let plan = "# P\n\n**Goal:** win\n\n## Wave 1\n\n### Task 1: one\n"
    let updated = try home.run("task", "update-content", "t", input: plan)
    #expect(updated.printed("updated content for t\n"), "\(updated.errors)")
    #expect(try home.run("task", "show", "t").printed(plan))
    let subtasks = try home.run("subtask", "list", "t")
    #expect(subtasks.printed("1    pending    one\n"), "\(subtasks)")
    #expect(try home.run("subtask", "set", "t.md", "1", "done").printed("t#1 → done\n"))
    let path = home.folder.file("plan.md")
    _ = try ChildProcess.run(["sh", "-c", "printf '# Only text\\r\\n' > \(path)"])
    let warned = try home.run("task", "update-content", "t", "--file", path)
    #expect(warned.code == 0 && warned.output == "updated content for t\n")
    #expect(warned.errors.hasPrefix("warning: "))
    #expect(try home.run("task", "show", "t").printed("# Only text\r\n"))
    #expect(try home.run("subtask", "list", "t").printed("1    done       one\n"))
    #expect(try home.run("task", "update-content", "t", "--file", "none").code == 3)
    let emptied = try home.run("task", "update-content", "t", input: "")
    #expect(emptied.code == 0 && emptied.output == "updated content for t\n")
    #expect(emptied.errors.hasSuffix("the text is empty now; it had 13 bytes\n"))
  }

  @Test(arguments: Place.allCases)
  func `a Markdown file is registered`(place: Place) throws {
    let service = try serving(place)
    defer { service?.process.signal(15) }
    let path = home.folder.file("My Plan.md")
    _ = try ChildProcess.run(
      ["sh", "-c", "echo '# The plan' > '\(path)'; touch -d 2026-01-02T03:04:05.5Z '\(path)'"])
    #expect(try home.run("task", "register", path).printed("registered: My Plan → ready\n"))
    let task = try home.run("task", "show", "My Plan", "--json").json
    #expect(task?["description"]?.stringValue == "The plan")
    #expect(task?["branch"]?.stringValue == "plan/my-plan")
    #expect(task?["created_at"]?.stringValue == "2026-01-02T03:04:05.5Z")
    #expect(task?["content"]?.stringValue == "# The plan\n")
    #expect(try home.run("task", "register", path).code == 4)
    #expect(try home.run("task", "register", "none.md").code == 3)
    let latin = home.folder.file("latin.md")
    _ = try ChildProcess.run(["sh", "-c", "printf '# \\344\n' > \(latin)"])
    #expect(try home.run("task", "register", latin).printed("registered: latin → ready\n"))
    let stored = try ChildProcess.run(
      ["sh", "-c", "'\(TestProcess.holdfast)' task show latin | cmp - \(latin)"],
      variables: home.environment.merging(["HOLDFAST_PROJECT": "p"]) { $1 })
    #expect(stored.code == 0, "\(stored.output)")
  }

  @Test(arguments: Place.allCases)
  func `a task is renamed, linked, deleted and restored`(place: Place) throws {
    let service = try serving(place)
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "t").code == 0)
    #expect(
      try home.run("task", "rename", "t", "My Cool Feature!").printed(
        "renamed t → my-cool-feature\n"))
    #expect(
      try home.run("task", "rename", "my-cool-feature", "T 2", "--verbatim").printed(
        "renamed my-cool-feature → T 2\n"))
    #expect(try home.run("task", "goal", "T 2", "win").printed("goal set for T 2\n"))
    #expect(try home.run("task", "topic", "T 2", "web").printed("T 2 → web\n"))
    #expect(try home.run("topic", "list").printed("web\n"))
    #expect(try home.run("topic", "create", "api").printed("created: api\n"))
    #expect(try home.run("topic", "create", "api").code == 4)
    #expect(try home.run("task", "link-clickup", "T 2", "cu1").printed("linked T 2\n"))
    #expect(
      try home.run("task", "link-linear", "T 2", "--issue-id", "i", "--identifier", "ENG-1")
        .printed("linked T 2\n"))
    let linked = try home.run("task", "show", "T 2", "--json").json
    #expect(linked?["linear_identifier"]?.stringValue == "ENG-1")
    #expect(linked?["clickup_task_id"]?.stringValue == "cu1")
    #expect(try home.run("task", "unlink-linear", "T 2").printed("unlinked T 2\n"))
    // By its id a task answers with its name, and what is taken away is not called set.
    let id = linked?["id"]?.stringValue ?? ""
    #expect(try home.run("task", "goal", id, "win").printed("goal set for T 2\n"))
    #expect(try home.run("task", "goal", id, "").printed("goal cleared for T 2\n"))
    #expect(try home.run("task", "topic", id, "").printed("T 2 → no topic\n"))
    #expect(try home.run("task", "topic", id, "web").printed("T 2 → web\n"))
    #expect(try home.run("task", "link-clickup", id).printed("unlinked T 2\n"))
    #expect(try home.run("task", "rename", id, "u").printed("renamed T 2 → u\n"))
    #expect(try home.run("task", "rename", id, "T 2", "--verbatim").code == 0)
    let asked = try home.run("task", "delete", "T 2")
    #expect(asked.code == 2 && asked.output == "delete T 2 (ready)? pass --yes to confirm\n")
    for words in [["task", "delete", "T 2"], ["project", "delete", "p"]] {
      let asked = try home.run(words + ["--json"])
      #expect(asked.code == 2 && asked.output.isEmpty)
      let error = try JSONReader.read(Array(asked.errors.utf8))
      #expect(error["code"] == "usage" && error["error"]?.stringValue?.contains("--yes") == true)
    }
    #expect(try home.run("task", "delete", "T 2", "--yes").printed("deleted T 2\n"))
    #expect(try home.run("task", "list", "--topic", "wbe").errors.contains("mean \"web\"?"))
    #expect(try home.run("task", "list", "--topic", "web").printed(""))
    #expect(try home.run("task", "show", "T 2").code == 3)
    #expect(try home.run("task", "restore", "T 2").printed("restored T 2\n"))
    #expect(try home.run("task", "show", "T 2").code == 0)
  }

  @Test(arguments: [
    ("planner-finished", "planner_finished"), ("architect-finished", "elaborator_finished"),
    ("implement-finished", "implement_finished"), ("review-approved", "review_approved"),
    ("review-changes", "review_changes_requested"), ("verify-approved", "verify_approved"),
    ("advance-review-cycle", "review_changes_requested"), ("verify-failed", "verify_failed"),
    ("advance-wave", "advance_wave"), ("retry-wave", "retry_wave"),
  ])
  func `recover queues a signal`(action: String, signal: String) throws {
    #expect(try home.run("task", "create", "t").code == 0)
    let result = try home.run("task", "recover", "t.md", "--action", action)
    #expect(result.printed("recovery queued: action=\(action) signal=\(signal) plan=t\n"))
    #expect(try home.run("signal", "list").output.hasPrefix(signal))
    #expect(try home.run("task", "recover", "none", "--action", action).code == 3)
  }
}
