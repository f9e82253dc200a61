import HoldfastJSON
import HoldfastTesting
import Testing

/// The task graph, as a shell sees it.
@Suite struct GraphCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private func create(_ title: String, _ more: String...) throws -> String {
    let made = try home.run(["task", "create", "--title", title, "--json"] + more)
    return try #require(made.json?["id"]?.stringValue)
  }

  @Test func `a plan that is held says by whom, and who was not there is told so`() throws {
    #expect(try home.run("task", "create", "plan").code == 0)
    #expect(try home.run("agent", "connect", "ada").code == 0)
    #expect(try home.run("task", "claim", "plan", "--agent", "ada").code == 0)
    #expect(try home.run("task", "list").output.hasSuffix("(held by ada)\n"))
    let shown = try home.run("task", "show", "plan").output
    #expect(shown.contains("held by:       ada since "), "\(shown)")
    #expect(try home.run("agent", "disconnect", "nobody").printed("not connected: nobody\n"))
    _ = try create("After", "--blocked-by", "plan", "--id", "after")
    #expect(
      try home.run("task", "delete", "plan", "--yes").printed("deleted plan\nnow ready: after\n"))
  }

  @Test(arguments: Place.allCases)
  func `a claim that waits keeps nobody out`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("agent", "connect", "ada").code == 0)
    var environment = home.environment
    environment["HOLDFAST_PROJECT"] = "p"
    let claimer = try TestProcess(
      TestProcess.holdfast, ["task", "claim", "--agent", "ada", "--wait", "30"],
      environment: environment, directory: home.folder.path)
    let made = try home.run("task", "create", "--title", "Later", "--id", "later", "--project", "p")
    #expect(made.code == 0, "\(made)")
    #expect(claimer.line()?.hasPrefix("claimed: later Later") == true)
    claimer.crash()
  }

  @Test(arguments: Place.allCases)
  func `a refusal speaks of options, and JSON of fields`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    let unknown = try home.run("task", "claim", "--agent", "ada")
    #expect(unknown.errors.contains("'holdfast agent connect'"), "\(unknown)")
    #expect(try home.run("agent", "connect", "ada").code == 0)
    #expect(try home.run("agent", "connect", "ada").errors.contains("Use --force to reconnect"))
    let root = try create("Ship", "--id", "ship", "--points", "3", "--estimate-ms", "60000")
    let task = try home.run("task", "list", "--json").json?["tasks"]?.arrayValue?.first
    #expect(task?["points"] == 3 && task?["time_estimate_ms"] == 60_000)
    _ = try create("Part", "--parent", root, "--id", "part")
    let refused = try home.run("task", "delete", root, "--yes")
    #expect(refused.errors.contains("use --cascade to delete"), "\(refused)")
    let json = try home.run("task", "delete", root, "--yes", "--json")
    #expect(json.output.contains("cascade=true") || json.errors.contains("cascade=true"))
    let cost = try home.run("task", "cost", "part", "--agent", "ada", "--usd", "much")
    #expect(cost.errors.contains("--usd") && !cost.errors.contains("cost_usd"), "\(cost)")
    let made = try home.run("task", "create", "--title", "T", "--assignee", "bob")
    #expect(made.code == 0 && made.errors.contains("no agent \"bob\" is connected"), "\(made)")
  }

  @Test func `a workflow of a project's own is defined by a file`() throws {
    let file = home.folder.file("train.json")
    try writeFile(
      file,
      #"""
      {"name":"train","statuses":[{"name":"todo","category":"open","aliases":["backlog"],"moves":["doing"]},
       {"name":"doing","category":"active"},{"name":"shipped","category":"done","moves":[]}]}
      """#)
    #expect(try home.run("workflow", "define", file).printed("defined: train\n"))
    #expect(
      try home.run("workflow", "list").output.split(separator: "\n").last
        == "train       todo doing shipped")
    #expect(
      try home.run("workflow", "show", "train").printed(
        """
        status   means   also     leads to
        todo     open    backlog  doing
        doing    active           anywhere
        shipped  done
        new tasks are todo
        claim leads to doing
        release leads to todo
        complete leads to shipped
        reopen leads to todo

        """))
    let shown = home.folder.file("shown.json")
    try writeFile(shown, home.run("workflow", "show", "train", "--json").output)
    #expect(try home.run("workflow", "define", shown).printed("defined: train\n"))
    #expect(try create("Car", "--id", "car", "--workflow", "train") == "car")
    #expect(try home.run("task", "list", "--status", "backlog").output.hasPrefix("todo  "))
    #expect(try home.run("task", "list", "--status", "shiped").code == 2)
    #expect(try home.run("complete", "workflows").output.hasSuffix("train\n"))
    let refused = try home.run("workflow", "delete", "train")
    #expect(refused.code == 4 && refused.errors.contains("tasks have it: car"))
    #expect(try home.run("task", "delete", "car", "--hard", "--yes").code == 0)
    #expect(try home.run("workflow", "delete", "train").printed("deleted train\n"))
    #expect(try home.run("workflow", "show", "train").code == 3)
    try writeFile(file, "{")
    #expect(try home.run("workflow", "define", file).code == 2)
    try writeFile(file, "{}")
    #expect(
      try home.run("workflow", "define", file).errors.contains("an object with the workflow's name")
    )
    #expect(try home.run("verify").code == 0)
  }

  @Test(arguments: Place.allCases)
  func `a day's work from the first task to the last`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("agent", "connect", "ada").code == 0)
    #expect(try home.run("task", "ready").printed("nothing is ready\n"))
    #expect(try home.run("task", "claim", "--agent", "ada").code == 3)
    let root = try create("Ship", "--id", "ship")
    let tests = try create("Tests", "--parent", root, "--priority", "high", "--id", "tests")
    let docs = try create("Docs", "--parent", root, "--id", "docs")
    #expect(
      try home.run("task", "tree", root).printed(
        """
        ship Ship (pending)
        ├── tests Tests (pending, ready)
        └── docs Docs (pending)

        """))
    #expect(try home.run("task", "why", docs).output.contains("docs waits for tests"))
    let deploy = try create("Deploy", "--id", "deploy")
    #expect(
      try home.run("task", "block", deploy, "--on", root).printed("deploy waits for ship\n"))
    let circle = try home.run("task", "block", tests, "--on", deploy)
    #expect(circle.code == 4)
    #expect(circle.errors.contains("The circle: "), "\(circle.errors)")
    #expect(circle.errors.contains(" → "), "\(circle.errors)")
    #expect(try home.run("task", "ready").printed("tests      high     Tests\n"))
    let claimed = try home.run("task", "claim", "--agent", "ada")
    #expect(claimed.output.hasPrefix("claimed: tests Tests (fence "))
    #expect(try home.run("task", "complete", tests, "--agent", "bob").code == 6)
    #expect(
      try home.run(["task", "complete", tests], environment: ["HOLDFAST_AGENT": "bob"]).code == 6)
    #expect(
      try home.run("task", "complete", tests, "--agent", "ada", "--reason", "green").printed(
        "completed: tests Tests\nnow ready: docs\n"))
    #expect(try home.run("task", "claim", docs, "--agent", "ada").code == 0)
    #expect(
      try home.run("task", "release", docs, "--agent", "ada").printed("released: docs Docs\n"))
    #expect(
      try home.run("task", "fail", docs).printed("failed: docs Docs\nnow ready: ship\n"))
    #expect(try home.run("task", "reopen", docs).code == 0)
    #expect(try home.run("task", "cancel", root, "--cascade").code == 0)
    #expect(try home.run("task", "unblock", deploy, "--on", root).code == 0)
    #expect(try home.run("task", "claim", "--agent", "ada").output.contains("deploy"))
    #expect(try home.run("verify").code == 0)
  }
}
