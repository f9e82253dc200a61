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
  let home = TestHome()

  private func serving(_ place: Place) throws -> TestService? {
    place == .server ? try home.serve() : nil
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
        #"invalid transition: "ready" + "implement_finished""#
      ),
      (["task", "transition", "t", "dance"], 2, "unknown event: dance"),
      (["task", "transition", "t", "implement_start"], 4, "task is not yet planned"),
      (["task", "set-status", "t", "done"], 2, "pass --force"),
      (["task", "set-status", "t", "x", "--force"], 2, #"invalid manual override "x""#),
      (["task", "rename", "t", "!!!"], 4, ""),
      (["task", "recover", "t"], 2, "--action"),
      (["signal", "emit", "x", "t"], 2, #"unknown signal type "x""#),
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
    #expect(try home.run("subtask", "set", "t", "1", "done").printed("t#1 → done\n"))
    let path = home.folder.file("plan.md")
    _ = try ChildProcess.run(["sh", "-c", "printf '# Only text\\r\\n' > \(path)"])
    let warned = try home.run("task", "update-content", "t", "--file", path)
    #expect(warned.code == 0 && warned.output == "updated content for t\n")
    #expect(warned.errors.hasPrefix("warning: "))
    #expect(try home.run("task", "show", "t").printed("# Only text\r\n"))
    #expect(try home.run("subtask", "list", "t").printed("1    done       one\n"))
    #expect(try home.run("task", "update-content", "t", "--file", "none").code == 3)
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
    let asked = try home.run("task", "delete", "T 2")
    #expect(asked.code == 2 && asked.output == "delete T 2 (ready)? pass --yes to confirm\n")
    #expect(try home.run("task", "delete", "T 2", "--yes").printed("deleted T 2\n"))
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
