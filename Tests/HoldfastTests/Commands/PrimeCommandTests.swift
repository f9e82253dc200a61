import HoldfastJSON
import HoldfastTesting
import Testing

/// What an agent is told at the start of its session.
@Suite struct PrimeCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  @Test(arguments: Place.allCases)
  func `an agent hears what it holds, what was said of it, and what is ready`(place: Place) throws {
    let service = place == .server ? try home.serve() : nil
    defer { service?.process.signal(15) }
    for words in [
      ["agent", "connect", "ada"],
      ["task", "create", "--title", "Log in", "--id", "login"],
      ["task", "claim", "--agent", "ada"],
      ["task", "comment", "add", "login", "look at\nsession.swift", "--agent", "ada"],
      ["task", "create", "--title", String(repeating: "long ", count: 100), "--id", "long"],
    ] {
      let answer = try home.run(words + ["--project", "shop"])
      #expect(answer.code == 0, "\(words): \(answer.errors)")
    }
    let told = try home.run("prime", "--agent", "ada", "--project", "shop")
    #expect(told.code == 0 && told.errors == "")
    #expect(
      told.output.hasPrefix("Project shop: 1 ready, 0 blocked, 1 held, 2 in all.\nada holds:\n"))
    #expect(told.output.contains("  login Log in (in_progress, fence "))
    #expect(told.output.contains("    ada: look at session.swift\n"))
    #expect(told.output.contains("Ready:\n  long long long"))
    // Four bytes are about a token, of which it may take 1,500.
    #expect(told.output.utf8.count < 4 * 1_500)
    #expect(told.output.split(separator: "\n").allSatisfy { $0.utf8.count <= 210 })

    let stranger = try home.run("prime", "--project", "shop")
    #expect(stranger.output.contains("You have no name yet"))
    let json = try home.run("prime", "--agent", "ada", "--project", "shop", "--json")
    let answer = try JSONReader.read(Array(json.output.utf8))
    #expect(answer["briefs"]?.arrayValue?.count == 1)
    #expect(answer["held"]?.arrayValue?.first?["id"]?.stringValue == "login")
  }

  @Test(arguments: ["newguy", "the new one's"])
  func `an agent that is not known yet is told how it becomes so`(agent: String) throws {
    let name = ["HOLDFAST_AGENT": agent]
    let told = try home.run(["prime"], environment: name)
    let lines = told.output.split(separator: "\n").map(String.init)
    let commands = try #require(lines.firstIndex(of: "Commands:"))
    let first = lines[commands + 1].split(separator: "   ")[0]
    #expect(first.hasPrefix("  holdfast agent connect "), "\(told.output)")
    #expect(try home.run(["prime", "--json"], environment: name).json?["connected"] == false)
    #expect(try home.run("prime", "--json").json?["connected"] == false)
    #expect(!(try home.run("prime")).output.contains("agent connect"))

    // What is told works as it stands, and is not told again.
    let words = first.split(separator: " ").dropFirst().joined(separator: " ")
    #expect(try home.shell("\"$1\" \(words)", TestProcess.holdfast).code == 0)
    #expect(try home.run("task", "create", "--title", "a").code == 0)
    #expect(try home.run(["task", "claim"], environment: name).code == 0)
    #expect(!(try home.run(["prime"], environment: name)).output.contains("agent connect"))
    #expect(try home.run(["prime", "--json"], environment: name).json?["connected"] == true)
  }

  @Test func `however much there is to say, it takes 1,500 tokens at most`() throws {
    let long = String(repeating: "word ", count: 700)
    let title = String(repeating: "name ", count: 200)
    #expect(try home.run("agent", "connect", "ada", "--max-claims", "9").code == 0)
    for number in 0..<9 {
      for words in [
        ["task", "create", "--title", title, "--id", "held\(number)"],
        ["task", "claim", "--agent", "ada"],
        ["task", "comment", "add", "held\(number)", long, "--agent", "ada"],
        ["task", "comment", "add", "held\(number)", long + "last", "--agent", "ada"],
      ] {
        let answer = try home.run(words)
        #expect(answer.code == 0, "\(words): \(answer.errors)")
      }
    }
    for number in 0..<9 {
      _ = try home.run("task", "create", "--title", title, "--id", "free\(number)")
    }
    let told = try home.run("prime", "--agent", "ada").output
    #expect(told.utf8.count <= 4 * 1_500)
    #expect(told.contains("held0") && told.contains("and 4 more") && told.contains("free0"))
    let json = try home.run("prime", "--agent", "ada", "--json").output
    #expect(json.utf8.count <= 4 * 1_500)
    let answer = try JSONReader.read(Array(json.utf8))
    #expect(answer["shortened"] == true)
    #expect(answer["held"]?.arrayValue?.isEmpty == false)
    #expect(answer["briefs"]?.arrayValue?.last?["comments"]?.arrayValue?.isEmpty == false)
  }

  @Test func `what earlier tasks gave and who tried before comes with the brief`() throws {
    for words in [
      ["agent", "connect", "ada"], ["agent", "connect", "bob"],
      ["task", "create", "--title", "Design", "--id", "design"],
      ["task", "create", "--title", "Build", "--id", "build", "--blocked-by", "design"],
      ["task", "claim", "--agent", "ada"],
      ["task", "complete", "design", "--agent", "ada", "--reason", "see design.md"],
      ["task", "claim", "--agent", "bob"],
      ["task", "release", "build", "--agent", "bob", "--reason", "no compiler here"],
    ] {
      let answer = try home.run(words + ["--project", "shop"])
      #expect(answer.code == 0, "\(words): \(answer.errors)")
    }
    let service = try home.serve()
    defer { service.process.signal(15) }
    let brief = service.client.get("/v1/projects/shop/tasks/build/brief").json
    let result = brief?["results"]?.arrayValue?.first
    #expect(result?["id"]?.stringValue == "design")
    #expect(result?["reason"]?.stringValue == "see design.md")
    let attempt = brief?["attempts"]?.arrayValue?.first
    #expect(attempt?["agent"]?.stringValue == "bob")
    #expect(attempt?["reason"]?.stringValue == "no compiler here")
    let orient = service.client.get("/v1/projects/shop/orient?agent=bob").json
    #expect(orient?["held"]?.arrayValue?.isEmpty == true)
    #expect(orient?["ready"]?.arrayValue?.first?["id"]?.stringValue == "build")
  }
}
