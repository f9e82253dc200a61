import HoldfastJSON
import HoldfastModel
import Testing

@testable import holdfast

@Suite struct SettingsTests {
  let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
    try temporary.folder("home")
    try temporary.file("repo/.git/HEAD", "ref: refs/heads/main\n")
    try temporary.folder("repo/.git/objects")
    try temporary.folder("repo/sub")
  }

  func environment(_ variables: [String: String] = [:], in folder: String = "repo/sub")
    -> Environment
  {
    Environment(
      variables: variables.merging(["HOME": temporary.path("home")]) { given, _ in given },
      directory: temporary.path(folder))
  }

  func load(
    _ variables: [String: String] = [:], flags: [Settings.Flag] = [], config: String? = nil
  ) throws(HoldfastError) -> Settings {
    try Settings.load(
      flags: flags, configurationFile: config, environment: environment(variables))
  }

  func entry(_ name: String, of settings: Settings) -> SettingEntry? {
    settings.describe().first { $0.name == name }
  }

  @Test func `without any word all values are the defaults`() throws {
    let settings = try load()
    #expect(
      settings.databaseURL == .sqlite(path: temporary.path("home/.config/holdfast/taskstore.db")))
    #expect(settings.project == nil && settings.socket == nil && settings.kasmosDatabase == nil)
    #expect(settings.port == 7433 && settings.bind == .loopback && settings.log == .off)
    #expect(settings.signalAttempts == 10 && settings.signalLease == .seconds(60))
    #expect(settings.autoReadinessReview == false)
    #expect(settings.describe().allSatisfy { $0.source == .standard })
    #expect(settings.describe().count == Settings.declarations.count)
    #expect(
      settings.files.map(\.path) == [
        temporary.path("repo/.holdfast/config.toml"),
        temporary.path("home/.config/holdfast/config.toml"),
        temporary.path("repo/.kasmos/config.toml"),
        temporary.path("home/.config/kasmos/config.toml"),
      ])
  }

  @Test func `the first of the places wins`() throws {
    func expect(_ port: Int, _ source: SettingSource, _ settings: Settings) {
      #expect(settings.port == port)
      #expect(entry("port", of: settings)?.source == source)
    }
    let user = try temporary.file("home/.config/holdfast/config.toml", "port = 1\n")
    expect(1, .file(user), try load())
    let repository = try temporary.file("repo/.holdfast/config.toml", "port = 2\n")
    expect(2, .file(repository), try load())
    expect(3, .variable("HOLDFAST_PORT"), try load(["HOLDFAST_PORT": "3"]))
    let flag = Settings.Flag(name: "port", spelling: "--port", text: "4")
    expect(4, .flag("--port"), try load(["HOLDFAST_PORT": "3"], flags: [flag]))
    // An empty variable says nothing.
    expect(2, .file(repository), try load(["HOLDFAST_PORT": ""]))
  }

  @Test func `settings that nobody else says come from further places`() throws {
    try temporary.file("home/.config/holdfast/config.toml", "queue_depth = 5\nlog = \"json\"\n")
    try temporary.file("repo/.holdfast/config.toml", "log = \"text\"\n")
    let settings = try load()
    #expect(settings.queueDepth == 5 && settings.log == .text)
    #expect(settings.autoAdvance.isEmpty)
    #expect(try load(["HOLDFAST_AUTO_ADVANCE": "ready"]).autoAdvance == "ready")
  }

  @Test func `XDG_CONFIG_HOME moves the user's files, unless it is relative`() throws {
    try temporary.file("xdg/holdfast/config.toml", "port = 9\n")
    let moved = try load(["XDG_CONFIG_HOME": temporary.path("xdg")])
    #expect(moved.port == 9)
    #expect(moved.databaseURL == .sqlite(path: temporary.path("xdg/holdfast/taskstore.db")))
    #expect(try load(["XDG_CONFIG_HOME": "xdg"]).port == 7433)
  }

  @Test func `all worktrees read the file of the main checkout`() throws {
    let main = try temporary.folder("main")
    try ChildProcess.git("init", "-q", in: main)
    try ChildProcess.git("commit", "-q", "--allow-empty", "-m", "x", in: main)
    try ChildProcess.git("worktree", "add", "-q", "../tree", in: main)
    try temporary.file("tree/.holdfast/config.toml", "port = 2\n")
    let environment = environment(in: "tree")
    #expect(try Settings.load(environment: environment).port == 2)
    try temporary.file("main/.holdfast/config.toml", "port = 1\n")
    let settings = try Settings.load(environment: environment)
    #expect(settings.port == 1)
    #expect(
      settings.files.contains {
        $0.path == temporary.path("tree/.holdfast/config.toml") && $0.outcome == .overridden
      })
  }

  @Test func `one file can replace all others`() throws {
    try temporary.file("repo/.holdfast/config.toml", "port = 2\nlog = \"json\"\n")
    let only = try temporary.file("only.toml", "port = 5\n")
    for settings in [
      try load(config: only), try load(["HOLDFAST_CONFIG": only]),
      try load(["HOLDFAST_CONFIG": "/none"], config: "../../only.toml"),
    ] {
      #expect(settings.port == 5 && settings.log == .off)
      #expect(settings.files.count == 1)
    }
    let error = #expect(throws: HoldfastError.self) { try load(config: "/none.toml") }
    #expect(error?.code == .notFound)
    #expect(
      error?.message == "there is no configuration /none.toml")
  }

  @Test func `relative paths start where they are written`() throws {
    try temporary.file("repo/.holdfast/config.toml", "database_url = \"a.db\"\n")
    #expect(try load().databaseURL == .sqlite(path: temporary.path("repo/.holdfast/a.db")))
    let variable = try load(["HOLDFAST_DATABASE_URL": "a.db"])
    #expect(variable.databaseURL == .sqlite(path: temporary.path("repo/sub/a.db")))
    #expect(
      try load(["HOLDFAST_SOCKET": "~/s"]).socket == temporary.path("home/s"))
  }

  @Test func `the options of a call set settings`() throws {
    var parser = CommandParser(root: SampleCommands.root)
    let call = try parser.parse(["serve", "--db", "/x.db", "--port", "0", "--project", "shop"])
    let invocation = Invocation(
      root: SampleCommands.root, call: call,
      output: Console(to: MemorySink(), errors: MemorySink()), input: StandardInput(),
      terminal: Terminal(), environment: environment())
    let settings = try Settings.load(for: invocation)
    #expect(settings.databaseURL == .sqlite(path: "/x.db"))
    #expect(settings.port == 0 && settings.project?.text == "shop")
    #expect(entry("database_url", of: settings)?.source == .flag("--db"))
    #expect(try settings.projectIdentity(in: environment()).name.text == "shop")
    #expect(try load().projectIdentity(in: environment()).name.text == "repo")
  }

  @Test func `a folder that is gone needs a named project`() throws {
    let gone = Environment(variables: ["HOME": "/"], directory: nil)
    let settings = try Settings.load(environment: gone)
    #expect(throws: HoldfastError.self) { try settings.projectIdentity(in: gone) }
  }

  @Test func `debug shows each value with its source, and no password`() throws {
    let settings = try load(["HOLDFAST_DATABASE_URL": "postgresql://me:s3cret@db/x"])
    #expect(settings.databaseURL == .postgresql(url: "postgresql://me:s3cret@db/x"))
    let json = settings.json
    #expect(json["settings"]?["database_url"]?["value"] == "postgresql://me:***@db/x")
    #expect(json["settings"]?["database_url"]?["source"] == "HOLDFAST_DATABASE_URL")
    #expect(json["settings"]?["port"] == ["value": 7433, "source": "default"])
    #expect(!json.renderedText().contains("s3cret"))
  }

  @Test func `each setting is declared once, with a sentence`() {
    let names = Settings.declarations.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.first == "database_url")
    for setting in Settings.declarations {
      #expect(setting.help.hasSuffix("."), "\(setting.name)")
      #expect(!setting.defaultText.isEmpty, "\(setting.name)")
      #expect(setting.variable == "HOLDFAST_" + setting.name.uppercased())
    }
  }

  @Test func `the options that settings make are sound`() {
    let options = Settings.declarations.map(\.option).filter { $0.name != "project" }
    let command = Command("x", summary: "Tests.", options: options) { _ in 0 }
    #expect(DeclarationCheck.findings(in: command) == [])
  }
}
