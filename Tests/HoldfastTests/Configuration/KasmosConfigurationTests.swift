import HoldfastJSON
import HoldfastModel
import Testing

@testable import holdfast

@Suite struct KasmosConfigurationTests {
  let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  func load(_ variables: [String: String] = [:]) throws(HoldfastError) -> Settings {
    try Settings.load(
      environment: Environment(
        variables: variables.merging(["HOME": temporary.path]) { given, _ in given },
        directory: temporary.path))
  }

  @Test func `a server and the readiness review are taken over`() throws {
    let file = try temporary.file(
      ".config/kasmos/config.toml",
      """
      database_url = "http://host:7433"
      default_program = "claude"
      daemon_poll_interval = 1000

      [ui]
      auto_readiness_review = true
      auto_advance = false

      [agents.planner]
      model = "x"
      api_token = "s3cret"

      [linear.teams]
      ENG = { key = "ENG", api_key = "s3cret" }
      """)
    let settings = try load()
    #expect(settings.databaseURL == .remote(url: "http://host:7433"))
    #expect(settings.autoReadinessReview)
    #expect(
      settings.describe().filter { $0.source == .file(file) }.map(\.name) == [
        "database_url", "auto_readiness_review",
      ])
    #expect(
      settings.unusedKasmosValues.map { "\($0.key) = \($0.value.renderedText())" } == [
        "agents.planner.api_token = \"***\"",
        "agents.planner.model = \"x\"",
        "daemon_poll_interval = 1000",
        "default_program = \"claude\"",
        "linear.teams.ENG.api_key = \"***\"",
        "linear.teams.ENG.key = \"ENG\"",
        "ui.auto_advance = false",
      ])
  }

  @Test func `tables of kasmos in a file of ours are kept`() throws {
    try temporary.file(
      ".config/holdfast/config.toml",
      """
      port = 7500
      default_program = "claude"

      [ui]
      auto_readiness_review = true
      auto_advance = false

      [agents.coder]
      program = "codex"

      [hooks]
      done = "x"
      """)
    let settings = try load()
    #expect(settings.port == 7500 && settings.autoReadinessReview)
    #expect(
      settings.unusedKasmosValues.map(\.key) == [
        "agents.coder.program", "default_program", "hooks.done", "ui.auto_advance",
      ])
  }

  @Test func `our own files win`() throws {
    try temporary.file(".config/kasmos/config.toml", "[ui]\nauto_readiness_review = true\n")
    try temporary.file(".config/holdfast/config.toml", "auto_readiness_review = false\n")
    #expect(try load().autoReadinessReview == false)
  }

  @Test(arguments: ["", "/somewhere/taskstore.db", "sqlite:///x.db"])
  func `a database of kasmos is never ours`(location: String) throws {
    try temporary.file(".config/kasmos/config.toml", "database_url = \"\(location)\"\n")
    let settings = try load()
    #expect(
      settings.databaseURL == .sqlite(path: temporary.path(".config/holdfast/taskstore.db")))
    #expect(settings.unusedKasmosValues.map(\.key) == ["database_url"])
  }

  @Test func `a database of kasmos is reported`() throws {
    #expect(try load().kasmosDatabase == nil)
    let path = try temporary.file(".config/kasmos/taskstore.db", "x")
    #expect(try load().kasmosDatabase == path)
    #expect(try load(["XDG_CONFIG_HOME": temporary.path("xdg")]).kasmosDatabase == path)
    let moved = try temporary.file("xdg/kasmos/taskstore.db", "x")
    #expect(try load(["XDG_CONFIG_HOME": temporary.path("xdg")]).kasmosDatabase == moved)
    #expect(try load().json["kasmos_database"] == .string(path))
  }

  @Test func `a value of the wrong kind is refused with its place`() throws {
    let file = try temporary.file(
      ".config/kasmos/config.toml", "[ui]\nauto_readiness_review = \"yes\"\n")
    let error = #expect(throws: HoldfastError.self) { try load() }
    #expect(
      error?.message == "ui.auto_readiness_review (\(file):2:1) must be true or false, not \"yes\"")
  }
}
