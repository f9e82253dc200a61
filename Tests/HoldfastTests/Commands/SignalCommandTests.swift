import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

/// Signals, history and the name `kas`, as a shell sees them.
@Suite struct SignalCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private func padded(_ type: String) -> String {
    type + String(repeating: " ", count: 30 - type.count)
  }

  @Test(arguments: Place.allCases)
  func `a signal that names its task by the id is about the task by its filename`(place: Place)
    throws
  {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    let id = try #require(try home.run("task", "create", "t", "--json").json?["id"]?.stringValue)
    let emitted = try home.run("signal", "emit", "plan_start", id)
    #expect(emitted.printed("signal emitted: type=plan_start plan=t\n"))
    #expect(try home.run("signal", "list").printed("\(padded("plan_start"))  t\n"))
  }

  @Test(arguments: Place.allCases)
  func `signals are emitted, listed and processed`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "t").code == 0)
    #expect(try home.run("signal", "list").printed("no pending signals\n"))
    #expect(try home.run("signal", "process", "--once").printed("no pending signals\n"))
    let emitted = try home.run("sig", "emit", "plan-start", "t.md", "--payload", "go")
    #expect(emitted.printed("signal emitted: type=plan_start plan=t\n"))
    #expect(try home.run("signal", "emit", "implement_finished", "t").code == 0)
    #expect(
      try home.run("signal", "list").printed(
        "\(padded("plan_start"))  t\n\(padded("implement_finished"))  t\n"))
    let processed = try home.run("signal", "process", "--once")
    #expect(
      processed.printed(
        "\(padded("plan_start"))  t  done\n\(padded("implement_finished"))  t  failed: "
          + "invalid transition: \"planning\" + \"implement_finished\"; possible now: plan_start, "
          + "planner_finished, cancel\n"))
    #expect(try home.run("task", "list").output.hasPrefix("planning       t "))
    #expect(try home.run("signal", "list").printed("no pending signals\n"))
    let all = try home.run("signal", "list", "--status", "all", "--json").json
    #expect(all?["signals"]?.arrayValue?.count == 2)
    #expect(try home.run("signal", "retry", "2").code == 0)
    #expect(try home.run("signal", "list").printed("\(padded("implement_finished"))  t\n"))
    let emptied = try home.run("signal", "list", "--status", "failed", "--status", "processing")
    #expect(emptied.printed("no failed or processing signals\n"))
    let done = "1       done        \(padded("plan_start"))  t\n"
    #expect(try home.run("signal", "list", "--status", "done").printed(done))
    #expect(try home.run("signal", "list", "--status", "all").output.hasPrefix(done))
    #expect(try home.run("signal", "show", "1").output.contains("payload        {\"body\":\"go\"}"))
    #expect(
      try home.run("signal", "purge", "--older-than", "0").printed("purged 1 signal\n"))
  }

  @Test func `a purge says which signal stays`() throws {
    let store = try home.serve()
    for _ in 0..<2 {
      #expect(
        store.client.post("/v1/projects/p/signals", #"{"SignalType":"plan_start"}"#).status == 201)
    }
    for id in [1, 2] {
      let path = "/v1/projects/p/signals/\(id)/processed"
      #expect(store.client.post(path, #"{"status":"done"}"#).status == 200)
    }
    store.process.signal(15)
    let purged = try home.run("signal", "purge", "--older-than", "0")
    #expect(purged.code == 0 && purged.output == "purged 1 signal\n")
    #expect(purged.errors.hasPrefix("the newest signal stays"))
    let again = try home.run("signal", "purge", "--older-than", "0", "--json").json
    #expect(again?["count"]?.int64Value == 0 && again?["keeps_newest"]?.boolValue == true)
    let young = try home.run("signal", "purge", "--json").json
    #expect(young?["keeps_newest"]?.boolValue == false)
  }

  @Test func `a purge goes on to its end, however many signals have ended`() throws {
    // One call takes 10,000, and the newest stays.
    try home.openStore { try $0.makeSignals(20_002, statuses: [.done, .failed]) }
    let purged = try home.run("signal", "purge", "--older-than", "0")
    #expect(purged.output == "purged 20001 signals\n", "\(purged.errors)")
  }

  @Test(arguments: Place.allCases)
  func `a processor that waits keeps nobody out`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    var environment = home.environment
    environment["HOLDFAST_PROJECT"] = "p"
    let processor = try TestProcess(
      TestProcess.holdfast, ["signal", "process"], environment: environment,
      directory: home.folder.path)
    #expect(try home.run("task", "create", "t").code == 0)
    #expect(try home.run("signal", "emit", "plan_start", "t").code == 0)
    #expect(processor.line() == "\(padded("plan_start"))  t  done")
    #expect(try home.run("task", "list").output.hasPrefix("planning"))
    processor.crash()
  }

  @Test(arguments: Place.allCases)
  func `history is listed and watched`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "t").code == 0)
    #expect(try home.run("task", "transition", "t", "plan_start").code == 0)
    let lines = try home.run("audit", "list").output.split(separator: "\n")
    #expect(lines.first?.contains("plan_transition") == true, "\(lines)")
    #expect(lines.first?.hasSuffix("t  t: ready → planning") == true)
    #expect(try home.run("audit", "list", "--limit", "1").output.split(separator: "\n").count == 1)
    let created = try home.run("audit", "list", "--event", "plan_created").output
    #expect(created.split(separator: "\n").count == 1)
    let misspelt = try home.run("audit", "list", "--event", "plan_craeted")
    #expect(misspelt.code == 2 && misspelt.errors.contains("did you mean \"plan_created\"?"))
    #expect(try home.run("audit", "list", "--event", "git_push").printed(""))
    #expect(try home.run("audit", "list", "--help").output.contains("task_linear_unlinked"))
    #expect(try home.run("audit", "list", "--task", "none").printed(""))
    #expect(try home.run("monitor", "--once").printed(""))
    let watched = try home.run("monitor", "--once", "--since", "0").output.split(separator: "\n")
    #expect(watched.first?.hasSuffix("Z  p  project_created  project p created") == true)
    #expect(watched.last?.hasSuffix("p  task_transition  t: ready → planning") == true)
    let after = try home.run("monitor", "--once", "--since", "\(watched.count - 1)").output
    #expect(after.split(separator: "\n") == watched.suffix(1))
    #expect(try home.run("task", "create", "x", "--project", "q").code == 0)
    let one = try home.run("monitor", "--once", "--since", "0", "--project", "q").output
    #expect(one.split(separator: "\n").map { $0.split(separator: " ")[1] } == ["q", "q"], "\(one)")
  }

  @Test func `the name kas has all commands under its own name`() throws {
    let kas = home.folder.file("kas")
    _ = try ChildProcess.run(["ln", "-s", TestProcess.holdfast, kas])
    let variables = ["HOLDFAST_PROJECT": "p"]
    func run(_ words: String...) throws -> TestProcess.Result {
      try TestProcess.run(
        words, program: kas, environment: home.environment.merging(variables) { $1 },
        directory: home.folder.path)
    }
    #expect(try run("task", "create", "t").printed("created: t → ready\n"))
    #expect(try run("t", "transition", "t", "plan_start").printed("t → planning\n"))
    #expect(try run("subtask", "list", "t").printed(""))
    #expect(try run("check").output.hasPrefix("clean: "))
    #expect(try run("backup", home.folder.file("copy.db")).code == (home.isOnFile ? 0 : 1))
    #expect(try run("export", "--output", home.folder.file("e.jsonl")).code == 0)
    #expect(try run("topic", "list").printed(""))
    let help = try run("task", "list", "--help")
    #expect(help.output.contains("$ kas task list --status implementing"))
    #expect(!help.output.contains("holdfast"))
    #expect(try run("task", "show", "none").errors.hasPrefix("kas: task not found: none"))
    #expect(try run("debug").output.hasPrefix("Config: "))
  }
}
