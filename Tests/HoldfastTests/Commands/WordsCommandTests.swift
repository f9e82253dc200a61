import HoldfastJSON
import HoldfastTesting
import Testing

/// What a command says to somebody who has the wrong word.
@Suite struct WordsCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private func projects() throws -> [String] {
    try home.run("project", "list").output.split(separator: "\n").map(String.init)
  }

  @Test(arguments: Place.allCases)
  func `a project that is not there is told of beside one of a near name`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "plan", "--project", "shop").code == 0)
    let note = "project shpo has no tasks yet; nearest: shop\n"
    for words in [
      ["task", "list"], ["lock", "list"], ["task", "ready"], ["task", "show", "plan"],
    ] {
      let answer = try home.run(words + ["--project", "shpo"])
      #expect(answer.errors.contains(note), "\(words): \(answer.errors)")
    }
    // A refused call makes no project, and what is far from all names is nobody's slip.
    let refused = try home.run("lock", "take", "a", "--agent", "nobody", "--project", "shpo")
    #expect(refused.code == 3 && refused.errors.hasPrefix(note), "\(refused.errors)")
    #expect(try home.run("task", "list", "--project", "elsewhere").printed(""))
    #expect(try home.run("task", "list", "--project", "shop", "--status", "done").printed(""))
    #expect(try projects() == ["shop"])
    let made = try home.run("task", "create", "mine", "--project", "shpo")
    #expect(made.code == 0 && made.errors == note, "\(made.errors)")
    #expect(try projects() == ["shop", "shpo"])
    #expect(try home.run("task", "list", "--project", "shpo").errors == "")
  }

  @Test(arguments: Place.allCases)
  func `a task that is not there is answered with the nearest`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "fix-login").code == 0)
    for words in [["show"], ["delete", "--yes"], ["complete"], ["why"]] {
      let answer = try home.run(["task"] + words + ["fix-lgoin"])
      #expect(answer.code == 3, "\(words)")
      #expect(
        answer.errors == "holdfast: task not found: fix-lgoin; did you mean \"fix-login\"?\n",
        "\(words): \(answer.errors)")
    }
    let far = try home.run("task", "show", "elsewhere")
    #expect(far.errors == "holdfast: task not found: elsewhere\n")
    let empty = try home.run("task", "attach", "fix-login", "log", input: "")
    #expect(empty.code == 0 && empty.errors == "what was attached is empty\n", "\(empty)")
  }

  @Test func `a refused lock makes no project of a repository`() throws {
    try home.repository("shop")
    let refused = try home.run(in: "shop", "lock", "take", "a", "--agent", "nobody")
    #expect(refused.code == 3)
    #expect(try home.run("project", "list").printed(""))
    #expect(try home.run("agent", "connect", "ada").code == 0)
    #expect(try home.run(in: "shop", "lock", "take", "a", "--agent", "ada").code == 0)
    let known = try home.run("project", "list", "--json").json?["projects"]?.arrayValue?.first
    #expect(known?["name"] == "shop" && known?["identity"]?.stringValue?.count == 40)
  }

  @Test func `a wrong status is answered with the nearest of all workflows`() throws {
    for (word, nearest) in [
      ("revew", "reviewing"), ("reviewin", "reviewing"), ("complted", "completed"),
    ] {
      let answer = try home.run("task", "list", "--status", word)
      #expect(answer.code == 2 && answer.errors.contains("in_progress"), "\(answer.errors)")
      #expect(answer.errors.contains("did you mean \"\(nearest)\"?"), "\(answer.errors)")
    }
    let file = home.folder.file("train.json")
    try writeFile(
      file,
      #"""
      {"name":"train","statuses":[{"name":"todo","category":"open"},
       {"name":"travelling","category":"active"},{"name":"arrived","category":"done"}]}
      """#)
    #expect(try home.run("workflow", "define", file).code == 0)
    let own = try home.run("task", "list", "--status", "traveling")
    #expect(own.errors.contains("did you mean \"travelling\"?"), "\(own.errors)")
    #expect(try home.run("task", "list", "--status", "working").printed(""))
    let workflow = try home.run("task", "list", "--workflow", "trian")
    #expect(workflow.code == 3 && workflow.errors.contains("did you mean \"train\"?"))
    #expect(try home.run("task", "list", "--workflow", "train").printed(""))
  }

  @Test(arguments: Place.allCases)
  func `an event for a task that none moves is answered with what does`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "--title", "T", "--id", "t").code == 0)
    for words in [
      ["transition", "t", "implement_start"], ["transition", "t", "complete"],
      ["set-status", "t", "done", "--force"], ["set-status", "t", "completed", "--force"],
    ] {
      let answer = try home.run(["task"] + words)
      #expect(answer.code == 4, "\(words): \(answer.errors)")
      #expect(answer.errors.contains("task update t --status"), "\(answer.errors)")
      #expect(answer.errors.contains("task claim, complete"), "\(answer.errors)")
    }
    #expect(try home.run("task", "create", "plan").code == 0)
    let plan = try home.run("task", "transition", "plan", "compete")
    #expect(plan.code == 2 && plan.errors.contains("unknown event"), "\(plan.errors)")
  }

  @Test func `what is so already is not called done, and a search says what it found`() throws {
    #expect(try home.run("task", "create", "--title", "Log in", "--id", "t").code == 0)
    #expect(
      try home.run("task", "release", "t").printed("nothing changed: t Log in is pending already\n")
    )
    #expect(try home.run("task", "fail", "t").printed("failed: t Log in\n"))
    #expect(
      try home.run("task", "fail", "t").printed("nothing changed: t Log in is failed already\n"))
    #expect(try home.run("task", "search", "log").output.hasPrefix("failed         t  Log in\n"))
    let shown = try home.run("task", "show", "t").output
    #expect(shown.contains("workflow:      graph\n"), "\(shown)")
  }

  @Test func `what can be read with SQL is listed`() throws {
    #expect(try home.run("task", "create", "plan").code == 0)
    let list = try home.run("sql")
    #expect(list.output.hasPrefix("| name | kind | columns |\n"), "\(list.errors)")
    #expect(list.output.contains("| task_graph_tasks | view | id, parent_id, title"))
    #expect(try home.run("sql", "--tables").output == list.output)
    #expect(try home.run("sql", "--tables", "SELECT 1").code == 2)
    #expect(try home.run("sql", "").code == 2)
  }

  @Test func `a workflow with a dead end is defined with a warning`() throws {
    let file = home.folder.file("stuck.json")
    try writeFile(
      file,
      #"""
      {"name":"stuck","statuses":[{"name":"todo","category":"open"},
       {"name":"doing","category":"active","moves":[]},{"name":"done","category":"done"}]}
      """#)
    let defined = try home.run("workflow", "define", file)
    #expect(defined.code == 0 && defined.output == "defined: stuck\n")
    #expect(defined.errors.hasPrefix("warning: a claimed task is \"doing\""), "\(defined.errors)")
    let json = try home.run("workflow", "define", file, "--json")
    #expect(json.json?["warnings"]?.arrayValue?.count == 1)
  }
}
