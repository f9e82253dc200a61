import HoldfastJSON
import HoldfastTesting
import Testing

/// Views of the task graph and changes of several tasks, as a shell sees them.
@Suite struct GraphViewCommandTests {
  let home: TestHome

  init() throws {
    home = try TestHome(on: .wanted)
    for agent in ["ada", "bob"] { #expect(try home.run("agent", "connect", agent).code == 0) }
    for id in ["build", "test", "ship"] {
      let made = try home.run("task", "create", "--title", "The \(id)", "--id", id)
      #expect(made.code == 0)
    }
  }

  @Test(arguments: Place.allCases)
  func `links, drawings and the longest chain`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(
      try home.run("task", "link", "build", "test", "--to", "ship").printed(
        "created: build blocks ship\ncreated: test blocks ship\n"))
    #expect(
      try home.run("task", "link", "build", "nobody", "--to", "ship").printed(
        "nobody: task not found: nobody\nbuild ship: it was there already\n"))
    let circle = try home.run("task", "link", "ship", "--to", "build")
    #expect(circle.code == 4 && circle.output.hasPrefix("ship build: Adding this dependency"))
    #expect(try home.run("task", "update", "test", "--estimate-ms", "90000").code == 0)
    #expect(
      try home.run("task", "critical-path").printed(
        """
        test The test (pending, 1 min 30 s)
        ship The ship (pending)
        2 tasks, 1 min 30 s by their estimates

        """))
    let mermaid = try home.run("task", "graph").output
    #expect(mermaid.hasPrefix("flowchart TD\n") && mermaid.contains("\"ship The ship (pending)\""))
    #expect(try home.run("task", "graph", "ship", "--format", "dot").output.hasPrefix("digraph"))
    let json = try home.run("task", "graph", "--json").json
    #expect(json?["critical_path"] == ["test", "ship"] && json?["edges"]?.arrayValue?.count == 2)
    let around = try home.run("task", "neighbours", "ship")
    #expect(
      around.printed(
        """
        before  build The build (pending, dependency)
        before  test The test (pending, dependency)

        """))
    #expect(
      try home.run("task", "unlink", "test", "--to", "ship").printed(
        "removed: test blocks ship\n"))
  }

  @Test(arguments: Place.allCases)
  func `what to do next, what there is, and whose it is`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    let next = try home.run("task", "next", "--agent", "ada")
    #expect(next.code == 0 && next.output.hasPrefix("ready: build The build (pending)\n"))
    #expect(try home.run("task", "claim", "build", "--agent", "ada").code == 0)
    #expect(try home.run("task", "next", "--agent", "ada").output.hasPrefix("held: build "))
    let summary = try home.run("task", "summary").output
    for line in ["tasks            3", "ready            2", "held by ada      1"] {
      #expect(summary.contains(line + "\n"), "\(summary)")
    }
    #expect(
      try home.run("task", "assign", "test", "bob").printed("assigned to bob: test The test\n"))
    #expect(try home.run("task", "assign", "build", "bob").code == 4)
    #expect(try home.run("task", "set-id", "test", "check").printed("test → check\n"))
    #expect(try home.run("task", "show", "test").code == 3)
    let update = try home.run(
      "task", "update", "--where-category", "open", "--priority", "high", "--clear", "assignee")
    #expect(update.printed("changed 2 tasks\n"), "\(update)")
    #expect(try home.run("task", "list", "--agent", "ada", "--ready").output.contains("check"))
    let refused = try home.run("task", "update", "nobody", "ship", "--status", "completed")
    #expect(refused.code == 4)
    let assigned = try home.run("task", "update", "check", "--assignee", "nobody")
    #expect(assigned.errors.contains("no agent \"nobody\" is connected"), "\(assigned)")
    #expect(refused.output == "refused: nobody: task not found: nobody\nchanged 1 task\n")
    #expect(try home.run("task", "update", "ship").code == 2)
    #expect(try home.run("verify").code == 0)
  }
}
