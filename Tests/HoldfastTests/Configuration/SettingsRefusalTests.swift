import HoldfastModel
import Testing

@testable import holdfast

@Suite struct SettingsRefusalTests {
  let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  func load(_ variables: [String: String] = [:]) throws(HoldfastError) -> Settings {
    try Settings.load(
      environment: Environment(
        variables: variables.merging(["HOME": temporary.path]) { given, _ in given },
        directory: temporary.path))
  }

  /// The sentence for a configuration, with the path of the file left out.
  func sentence(for configuration: String) throws -> String? {
    let file = try temporary.file(".config/holdfast/config.toml", configuration)
    let error = #expect(throws: HoldfastError.self) { try load() }
    #expect(error?.code == .invalidRequest)
    return error?.message.split(separator: file).joined(separator: "F")
  }

  @Test(arguments: [
    ("prot = 1", ":1:1: unknown key \"prot\"; did you mean \"port\"?"),
    (
      "# c\n\n  queue-depth = 1", ":3:3: unknown key \"queue-depth\"; did you mean \"queue_depth\"?"
    ),
    ("zzzzzzzz = 1", ":1:1: unknown key \"zzzzzzzz\""),
    ("[uii]\nauto_readiness_review = true", ":1:2: unknown key \"uii\""),
    (
      "[ui]\nauto_readiness_review = 1",
      "ui.auto_readiness_review (F:2:1) must be true or false, not 1"
    ),
    ("port = \"x\"", "port (F:1:1) must be a whole number from 0 to 65535, not \"x\""),
    ("port = 70000", "port (F:1:1) must be a whole number from 0 to 65535, not 70000"),
    ("port = 1.5", "port (F:1:1) must be a whole number from 0 to 65535, not 1.5"),
    ("log = \"jsn\"", "log (F:1:1) must be off, text or json, not \"jsn\"; did you mean \"json\"?"),
    ("log = true", "log (F:1:1) must be off, text or json, not true"),
    ("auto_readiness_review = 1", "auto_readiness_review (F:1:1) must be true or false, not 1"),
    ("bind = \"host\"", "bind (F:1:1) must be an IP address or localhost, not \"host\""),
    ("bind = 1", "bind (F:1:1) must be a string, not 1"),
    ("project = \"\"", "project (F:1:1) is no name of a project: project name must not be empty"),
    ("\ndatabase_url = \"http://\"", "database_url (F:2:1) names no host"),
    ("port = ", ":1:8: Error while parsing key-value pair: encountered end-of-file"),
    ("[\n", ":1:2: expected the name of a table"),
  ])
  func `a configuration that is wrong gets a place and a sentence`(
    text: String, expected: String
  ) throws {
    #expect(try sentence(for: text) == expected)
  }

  @Test(arguments: [
    ("HOLDFAST_PROT", "1", "unknown variable HOLDFAST_PROT; did you mean \"HOLDFAST_PORT\"?"),
    ("HOLDFAST_ZZZZZZZZ", "", "unknown variable HOLDFAST_ZZZZZZZZ"),
    ("HOLDFAST_CONFG", "x", "unknown variable HOLDFAST_CONFG; did you mean \"HOLDFAST_CONFIG\"?"),
    ("HOLDFAST_PORT", "x", "HOLDFAST_PORT must be a whole number from 0 to 65535, not \"x\""),
    (
      "HOLDFAST_AUTO_READINESS_REVIEW", "yes",
      "HOLDFAST_AUTO_READINESS_REVIEW must be true or false, not \"yes\""
    ),
    (
      "HOLDFAST_DATABASE_URL", "htp://x",
      "HOLDFAST_DATABASE_URL must be a path or a sqlite:, postgresql:, http: or https: URL, not htp:; did you mean http:?"
    ),
  ])
  func `a variable that is wrong gets a sentence`(
    name: String, value: String, sentence: String
  ) throws {
    let error = #expect(throws: HoldfastError.self) { try load([name: value]) }
    #expect(error?.message == sentence)
  }

  @Test func `a path of a socket has at most 107 bytes`() throws {
    let path = "/" + String(repeating: "x", count: 106)
    #expect(try load(["HOLDFAST_SOCKET": path]).socket == path)
    let error = #expect(throws: HoldfastError.self) { try load(["HOLDFAST_SOCKET": path + "x"]) }
    #expect(error?.message == "HOLDFAST_SOCKET must be a path of at most 107 bytes, not 108")
  }

  @Test func `a value that another place overrides is not looked at`() throws {
    try temporary.file(".config/holdfast/config.toml", "port = \"x\"\n")
    #expect(try load(["HOLDFAST_PORT": "1"]).port == 1)
  }

  @Test func `a folder in place of the file is refused`() throws {
    try temporary.folder(".config/holdfast/config.toml")
    let error = #expect(throws: HoldfastError.self) { try load() }
    #expect(error?.message.hasSuffix("config.toml: it is a folder") == true)
  }
}
