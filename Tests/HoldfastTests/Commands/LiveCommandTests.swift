import HoldfastJSON
import HoldfastTesting
import Testing

/// What goes on in tasks, as a shell sees it.
@Suite struct LiveCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private func begin() throws {
    for agent in ["ada", "bob"] { #expect(try home.run("agent", "connect", agent).code == 0) }
    #expect(try home.run("task", "create", "--title", "Ship", "--id", "ship").code == 0)
  }

  @Test(arguments: Place.allCases)
  func `a holder says how it goes, and others see it`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    try begin()
    #expect(try home.run("task", "show", "ship").output.hasPrefix("ship Ship\nstatus:"))
    let early = try home.run("task", "progress", "ship", "--percent", "1", "--agent", "ada")
    #expect(early.code == 6 && early.errors.contains("nobody holds it"))
    #expect(try home.run("task", "claim", "ship", "--agent", "ada").code == 0)
    #expect(
      try home.run(
        "task", "progress", "ship", "--agent", "ada", "--percent", "40", "--step", "2",
        "--steps", "5", "--message", "tests"
      ).printed("ship Ship: 40%, step 2 of 5: tests\n"))
    #expect(
      try home.run("task", "think", "hm", "--agent", "ada").printed("noted on 1 task\n"))
    #expect(try home.run("task", "think", "hm").code == 2)
    let shown = try home.run("task", "show", "ship").output
    for line in [
      "status:        in_progress", "held by:       ada since 2", "thought:       hm",
      "progress:      40%, step 2 of 5: tests",
    ] { #expect(shown.contains(line), "\(shown)") }
    #expect(
      try home.run(
        "task", "cost", "ship", "--tokens-in", "900", "--usd", "0.021", "--metric", "n=3"
      )
      .code == 0)
    let cost = try home.run("task", "cost", "ship", "--tokens-in", "100", "--agent", "ada").output
    #expect(cost.contains("tokens in        1000\n") && cost.contains("dollars          0.021\n"))
    #expect(cost.contains("n                3\n"))
    #expect(try home.run("task", "cost", "ship", "--usd", "-1").code == 2)
    #expect(
      try home.run("task", "time", "ship", "--minutes", "61", "--seconds", "5").printed(
        "1 h 1 min 5 s in all\n"))
    #expect(try home.run("task", "complete", "ship", "--agent", "ada").code == 0)
    let stats = try home.run("task", "stats").output
    #expect(stats.contains("tokens in        1000\n") && stats.contains("  completed      1\n"))
    let history = try home.run("task", "history", "ship").output
    #expect(history.contains("in_progress") && history.contains("worked on by ada: "))
    #expect(!history.contains("at work"))
    #expect(try home.run("task", "history", "ship", "--json").json?["history"] != nil)
  }

  @Test(arguments: Place.allCases)
  func `people and agents talk, and the work prints`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    try begin()
    #expect(try home.run("task", "comment", "add", "ship", "Why?").printed("comment 1\n"))
    #expect(
      try home.run("task", "comment", "add", "ship", "So.", "--agent", "ada").printed("comment 2\n")
    )
    #expect(try home.run("task", "comment", "edit", "ship", "1", "What?").code == 0)
    #expect(
      try home.run("task", "comment", "edit", "ship", "1", "x", "--agent", "bob").code == 6)
    #expect(try home.run("task", "comment", "edit", "ship", "one", "x").code == 2)
    let page = try home.run("task", "comment", "list", "ship", "--limit", "1")
    #expect(page.output.contains("What?") && page.errors.contains("--cursor 1"))
    #expect(
      try home.run("task", "comment", "list", "ship", "--limit", "1", "--cursor", "1").output
        .contains("ada"))
    #expect(try home.run("task", "comment", "delete", "ship", "2", "--agent", "ada").code == 0)
    let left = try home.run("task", "comment", "list", "ship", "--json").json?["comments"]
    #expect(left?.arrayValue?.map { $0["text"]?.stringValue } == ["What?"])
    for index in 0..<3 {
      let part = try home.run(
        ["task", "output", "append", "ship", "--type", index == 1 ? "stderr" : "stdout"],
        input: index == 2 ? "line 2" : "line \(index)\n")
      #expect(part.code == 0, "\(part)")
    }
    #expect(try home.run("task", "output", "list", "ship").printed("line 0\nline 1\nline 2\n"))
    #expect(
      try home.run("task", "output", "list", "ship", "--type", "stderr").printed("line 1\n"))
  }

  @Test func `a list in pages goes on from where the page before ended`() throws {
    try begin()
    for index in 0..<101 {
      #expect(try home.run("task", "comment", "add", "ship", "\(index)").code == 0)
    }
    let all = try home.run("task", "comment", "list", "ship", "--json").json?["comments"]
    #expect(all?.arrayValue?.count == 101)
  }

  @Test(arguments: Place.allCases)
  func `tasks get labels and are offered`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    try begin()
    #expect(
      try home.run("task", "label", "ship", "--add", "ui", "--add", "big").printed(
        "tags of ship: ui big\n"))
    #expect(
      try home.run("task", "label", "ship", "--remove", "ui").printed("tags of ship: big\n"))
    #expect(try home.run("task", "list", "--tag", "big").output.contains("Ship"))
    #expect(try home.run("task", "list", "--tag", "ui").output == "")
    #expect(try home.run("task", "list", "--category", "nonsense").code == 2)
    #expect(try home.run("task", "offer", "ship", "ada").printed("offered to ada: ship Ship\n"))
    #expect(try home.run("task", "list", "--ready").output == "")
    #expect(try home.run("task", "decline", "ship", "--agent", "bob").code == 6)
    #expect(
      try home.run("task", "decline", "ship", "--agent", "ada", "--reason", "busy").printed(
        "declined: ship Ship\n"))
    #expect(try home.run("task", "offer", "ship", "bob").code == 0)
    #expect(
      try home.run(["task", "accept", "ship"], environment: ["HOLDFAST_AGENT": "bob"]).printed(
        "accepted: ship Ship\n"))
    #expect(try home.run("task", "list", "--agent", "ada").output == "")
    #expect(try home.run("task", "list", "--agent", "bob", "--ready").output.contains("Ship"))
  }

  @Test func `a failed task names what fails with it, and a refusal what is in the way`() throws {
    try begin()
    #expect(
      try home.run(
        "task", "create", "--title", "Sail", "--id", "sail"
      ).code == 0)
    #expect(
      try home.run("task", "block", "sail", "--on", "ship", "--on-failure", "fail").code == 0)
    let claim = try home.run("task", "claim", "ship", "--agent", "ada", "--json").json
    let fence = try #require(claim?["fence"]?.int64Value)
    for (words, reason) in [
      (["--agent", "bob"], "ada holds it"),
      (["--agent", "eve"], "eve is not connected"),
      (["--agent", "ada", "--fence", "\(fence - 1)"], "the fence \(fence - 1) is not that of"),
    ] {
      let refused = try home.run(["task", "fail", "ship"] + words)
      #expect(refused.code == 6 && refused.errors.contains(reason), "\(refused)")
    }
    #expect(
      try home.run("task", "fail", "ship", "--agent", "ada", "--fence", "\(fence)").printed(
        "failed: ship Ship\nfailed with it: sail\n"))
  }
}
