import HoldfastJSON
import HoldfastTesting
import Testing

/// Agents and their files, as a shell sees them.
@Suite struct AgentCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  @Test(arguments: Place.allCases)
  func `each command of an agent is a heartbeat`(place: Place) throws {
    #expect(try home.run("agent", "connect", "ada").code == 0)
    try home.damage("UPDATE heartbeats SET seen_at = 0, leased_at = leased_at - 300000000000")
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    func isHeard() throws -> Bool {
      let agents = try home.run("agent", "list", "--json").json?["agents"]?.arrayValue
      return agents?.first?["last_heartbeat"]?.stringValue?.hasPrefix("1970") == false
    }
    #expect(try !isHeard())
    #expect(try home.run(["task", "list"], environment: ["HOLDFAST_AGENT": "ada"]).code == 0)
    #expect(eventually { (try? isHeard()) == true })
  }

  @Test(arguments: Place.allCases)
  func `agents connect, are listed and leave`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    #expect(try home.run("agent", "list").printed("no agents\n"))
    let connected = try home.run(
      "agent", "connect", "ada", "--name", "Ada", "--tag", "swift", "--tag", "sql")
    #expect(connected.printed("connected: ada\n"))
    let made = try #require(try home.run("agent", "connect", "--json").json?["id"]?.stringValue)
    #expect(try home.run("agent", "connect", "ada").code == 4)
    #expect(try home.run("agent", "connect", "ada", "--force", "--max-claims", "2").code == 0)
    let agents = try home.run("agent", "list", "--json").json?["agents"]?.arrayValue
    #expect(agents?.map { $0["id"]?.stringValue } == [made, "ada"])
    #expect(agents?.last?["tags"] == ["swift", "sql"])
    let table = try home.run("agent", "list").output
    #expect(table.contains("swift sql") && table.contains("0/2"))
    #expect(try home.run("agent", "heartbeat", "ada").output.hasPrefix("alive until 2"))
    #expect(try home.run("agent", "heartbeat", "nobody").code == 3)
    #expect(
      try home.run("agent", "disconnect", made).printed(
        "disconnected: \(made) (released 0 tasks, 0 files)\n"))
    #expect(try home.run("agent", "disconnect", made).code == 0)
  }

  @Test(arguments: Place.allCases)
  func `files are locked, listed, followed and freed`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    for agent in ["ada", "bob"] { #expect(try home.run("agent", "connect", agent).code == 0) }
    #expect(try home.run("lock", "list").printed("no locked files\n"))
    let taken = try home.run(
      "lock", "take", "src/x.swift", "./y", "--agent", "ada", "--reason", "moving")
    #expect(taken.printed("locked: src/x.swift\nlocked: y\n"))
    let late = try home.run("lock", "take", "free", "y", "--agent", "bob")
    #expect(late.code == 4)
    #expect(late.output == "held by ada: y\n")
    #expect(try home.run("lock", "take", "../x", "--agent", "bob").code == 2)
    let locks = try home.run("lock", "list", "--agent", "ada", "--json").json?["locks"]?.arrayValue
    #expect(locks?.map { $0["path"]?.stringValue } == ["src/x.swift", "y"])
    #expect(try home.run("lock", "list", "y").output.contains("moving"))
    #expect(
      try home.run("lock", "watch", "--agent", "bob", "--once").printed(
        "claimed   ada  src/x.swift: moving\nclaimed   ada  y: moving\n"))
    #expect(try home.run("lock", "release", "y", "--agent", "bob").code == 4)
    #expect(try home.run("lock", "release", "y", "--force").printed("released 1 file\n"))
    #expect(try home.run("lock", "release", "--agent", "ada").printed("released 1 file\n"))
    #expect(
      try home.run("lock", "watch", "--agent", "bob", "--once").printed(
        "released  ada  y (admin)\nreleased  ada  src/x.swift\n"))
    let all = try home.run("lock", "watch", "--since", "0", "--once", "y")
    #expect(all.printed("claimed   ada  y: moving\nreleased  ada  y (admin)\n"))
  }

  @Test func `the agent of the environment locks, watches and frees`() throws {
    #expect(try home.run("agent", "connect", "ada").code == 0)
    #expect(try home.run("lock", "take", "x").errors.contains("HOLDFAST_AGENT"))
    func run(_ words: String...) throws -> TestProcess.Result {
      try home.run(words, environment: ["HOLDFAST_AGENT": "ada"])
    }
    #expect(try run("lock", "take", "x", "y").printed("locked: x\nlocked: y\n"))
    #expect(
      try run("lock", "watch", "--once").printed("claimed   ada  x\nclaimed   ada  y\n"))
    #expect(try run("lock", "release", "x").printed("released 1 file\n"))
    // By force, whoever holds it.
    let other = try home.run(
      ["lock", "release", "y", "--force"], environment: ["HOLDFAST_AGENT": "bob"])
    #expect(other.printed("released 1 file\n"))
  }
}
