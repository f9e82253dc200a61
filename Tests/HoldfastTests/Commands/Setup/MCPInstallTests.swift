import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

@testable import holdfast

/// `holdfast mcp install` changes one entry of a file that belongs to somebody else.
@Suite struct MCPInstallTests {
  private let home = TestHome()
  private static let http = ClientEntry.Transport.http(
    url: "http://127.0.0.1:7433/mcp", headers: [], tokenVariable: nil)
  private static let stdio = ClientEntry.Transport.stdio(
    program: "/opt/holdfast", variables: [("HOLDFAST_PROJECT", "shop")], forwarded: [])

  private func changed(
    _ client: MCPClient, _ before: String, _ transport: ClientEntry.Transport = http
  ) throws -> String {
    let entry = ClientEntry(client: client, transport: transport)
    let configuration = try ClientConfiguration(Array(before.utf8), entry, file: "f")
    let again = try ClientConfiguration(configuration.after, entry, file: "f")
    #expect(again.after == configuration.after)
    return String(decoding: configuration.after, as: UTF8.self)
  }

  private func text(_ file: String) throws -> String {
    String(decoding: try readFile(file), as: UTF8.self)
  }

  @Test(arguments: [
    // (before, after)
    ("", "{\n  \"mcpServers\": {\n    \"holdfast\": {\n      \"url\": \"U\"\n    }\n  }\n}\n"),
    ("{}", "{\n  \"mcpServers\": {\n    \"holdfast\": {\n      \"url\": \"U\"\n    }\n  }\n}"),
    (
      "{\n\t\"b\": 1.50, // why\n\t\"mcpServers\": {\n\t\t\"x\": {\"a\": [1,2]},\n\t},\n\t\"a\": null\n}\n",
      "{\n\t\"b\": 1.50, // why\n\t\"mcpServers\": {\n\t\t\"x\": {\"a\": [1,2]},\n\t\t\"holdfast\": {\n\t\t  \"url\": \"U\"\n\t\t},\n\t},\n\t\"a\": null\n}\n"
    ),
    (
      "{\n  \"z\": 1 /* } */\n}",
      "{\n  \"z\": 1,\n  \"mcpServers\": {\n    \"holdfast\": {\n      \"url\": \"U\"\n    }\n  } /* } */\n}"
    ),
    (
      "{\r\n  \"z\": 1\r\n}\r\n",
      "{\r\n  \"z\": 1,\r\n  \"mcpServers\": {\r\n    \"holdfast\": {\r\n      \"url\": \"U\"\r\n    }\r\n  }\r\n}\r\n"
    ),
  ])
  func onlyTheEntryChanges(before: String, after: String) throws {
    #expect(
      try changed(.cursor, before)
        == after.replacing("\"U\"", with: "\"http://127.0.0.1:7433/mcp\""))
  }

  @Test(arguments: [
    "[]", "{", "{\"mcpServers\": 1}", "{\"a\" 1}", "{\"a\": 1 \"b\": 2}", "{'a': 1}",
    "{\"mcpServers\": {\"holdfast\": 1}}",
  ])
  func whatCannotBeReadIsLeftAlone(before: String) {
    #expect(throws: HoldfastError.self) { try changed(.claude, before) }
  }

  @Test func `what somebody put into the entry stays`() throws {
    let before = """
      { "mcpServers": { "holdfast": {
        "command": "old", // mine
        "args": ["mcp", "--tools", "all"],
        "env": { "HOLDFAST_AGENT": "ada" },
        "autoApprove": ["orient"],
      }, "y": 2 } }
      """
    #expect(
      try changed(.cursor, before, Self.stdio) == """
        { "mcpServers": { "holdfast": {
          "command": "/opt/holdfast", // mine
          "args": ["mcp", "--tools", "all"],
          "env": { "HOLDFAST_AGENT": "ada",
            "HOLDFAST_PROJECT": "shop"
          },
          "autoApprove": ["orient"],
        }, "y": 2 } }
        """)
    // Another way in takes the place of the one before, and nothing else.
    #expect(
      try changed(.cursor, before) == """
        { "mcpServers": { "holdfast": {
           // mine
          "env": { "HOLDFAST_AGENT": "ada" },
          "autoApprove": ["orient"],
          "url": "http://127.0.0.1:7433/mcp",
        }, "y": 2 } }
        """)
  }

  @Test func `an option of an old entry does not win over what is configured now`() throws {
    let before =
      #"{"mcpServers": {"holdfast": {"args": ["mcp", "--project=old", "--tools", "all"]}}}"#
    let after = try JSONReader.read(Array(try changed(.claude, before, Self.stdio).utf8))
    #expect(after["mcpServers"]?["holdfast"]?["args"] == ["mcp"])
  }

  @Test func aTableOfCodexComesBehindTheOthers() throws {
    let before = "# mine\nmodel = \"x\"\n\n[mcp_servers.other]\ncommand = \"o\""
    #expect(
      try changed(.codex, before)
        == before + "\n\n[mcp_servers.holdfast]\nurl = \"http://127.0.0.1:7433/mcp\"\n")
    for (refused, sentence) in [
      ("mcp_servers = {}\n", "f has mcp_servers written in one line"),
      (
        "mcp_servers = { other = { command = \"o\" } }\n",
        "write it as tables ([mcp_servers.NAME]), and try again"
      ), ("a = \n", "cannot be read in line 1"),
      ("mcp_servers.holdfast.command = \"o\"\n", "take that entry out"),
      ("[mcp_servers]\nholdfast = { command = \"o\" }\n", "take that entry out"),
    ] {
      let error = #expect(throws: HoldfastError.self) { try changed(.codex, refused) }
      #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
    }
    let dotted = "mcp_servers.other.command = \"o\"\n"
    #expect(try changed(.codex, dotted).hasPrefix(dotted + "\n[mcp_servers.holdfast]\n"))
  }

  @Test func `a table of Codex keeps what is not ours, line by line`() throws {
    let before = """
      [mcp_servers.holdfast]
      # started by hand
      command = "old"  # really
      args = ["mcp"]
      startup_timeout_sec = 20

      [mcp_servers.holdfast.env]
      HOLDFAST_AGENT = "ada"

      [mcp_servers.other]
      command = "o"

      """
    #expect(
      try changed(.codex, before, Self.stdio)
        == before.replacing("command = \"old\"  # really", with: "command = \"/opt/holdfast\"")
        .replacing("= \"ada\"\n", with: "= \"ada\"\nHOLDFAST_PROJECT = \"shop\"\n"))
    #expect(
      try changed(.codex, before.replacing("\n", with: "\r\n"))
        == """
        [mcp_servers.holdfast]
        # started by hand
        startup_timeout_sec = 20
        url = "http://127.0.0.1:7433/mcp"

        [mcp_servers.other]
        command = "o"

        """.replacing("\n", with: "\r\n"))
    // A value of several lines is not taken apart.
    #expect(throws: HoldfastError.self) {
      try changed(.codex, "[mcp_servers.holdfast]\nargs = [\n  \"mcp\",\n]\ncommand = \"o\"\n")
    }
  }

  @Test(arguments: MCPClient.allCases)
  func `a token is named by its variable and stands nowhere`(client: MCPClient) throws {
    let file = try JSONReader.read(
      Array(
        try home.run(
          "mcp", "install", "--client", client.rawValue, "--transport", "http",
          "--token-variable", "SHOP_TOKEN", "--project", "shop", "--json"
        ).output.utf8))["file"]?.stringValue
    let written = try text(try #require(file))
    switch client {
    case .codex:
      #expect(written.contains("bearer_token_env_var = \"SHOP_TOKEN\"\n"))
      #expect(written.contains("http_headers = { Holdfast-Project = \"shop\" }\n"))
    case .claude, .gemini: #expect(written.contains("\"Bearer ${SHOP_TOKEN}\""))
    case .cursor, .vscode: #expect(written.contains("\"Bearer ${env:SHOP_TOKEN}\""))
    case .opencode: #expect(written.contains("\"Bearer {env:SHOP_TOKEN}\""))
    }
    #expect(written.contains("Holdfast-Project"))
  }

  @Test(arguments: MCPClient.allCases)
  func everyClientGetsItsFile(client: MCPClient) throws {
    for scope in MCPClient.Scope.allCases {
      // Who changes the way in changes the entry that is there.
      let own = TestHome()
      for transport in ["stdio", "http", "stdio"] {
        let words = [
          "mcp", "install", "--client", client.rawValue, "--scope", scope.rawValue, "--json",
        ]
        let shown = try own.run(words + ["--transport", transport, "--print"])
        let answer = try JSONReader.read(Array(shown.output.utf8))
        let file = try #require(answer["file"]?.stringValue)
        #expect(answer["changed"] == false)
        #expect(answer["difference"]?.arrayValue?.isEmpty == false)
        #expect(try own.run(words + ["--transport", transport]).code == 0)
        let text = try text(file)
        #expect(text.contains("http://127.0.0.1:7433/mcp") == (transport == "http"))
        #expect(text.contains("\"mcp\"") == (transport == "stdio" || client == .opencode))
        let again = try own.run(words + ["--transport", transport])
        #expect(try JSONReader.read(Array(again.output.utf8))["changed"] == false)
      }
    }
  }

  @Test func `every backup is kept under a name of its own`() throws {
    let file = home.folder.file(".claude.json")
    let before = "{\n  \"numStartups\": 7\n}\n"
    try writeFile(file, before)
    #expect(try home.shell("chmod 640 \"$1\"", file).code == 0)
    let run = try home.run("mcp", "install")
    #expect(run.code == 0)
    #expect(run.output.contains("-  \"numStartups\": 7\n+  \"numStartups\": 7,\n"))
    #expect(run.output.contains("+    \"holdfast\": {"))
    #expect(try text(file + ".holdfast-backup") == before)
    let now = try JSONReader.read(try readFile(file))
    #expect(now["mcpServers"]?["holdfast"]?["command"]?.stringValue?.hasSuffix("/holdfast") == true)
    #expect(now["numStartups"] == 7)
    #expect(try home.shell("stat -c %a \"$1\"*", file).output == "640\n640\n")
    #expect(try home.run("mcp", "install").output.hasSuffix("says so already\n"))

    let second = try text(file)
    #expect(try home.run("mcp", "install", "--transport", "http").code == 0)
    #expect(try text(file + ".holdfast-backup") == before)
    #expect(try text(file + ".holdfast-backup-2") == second)
    // What is kept already is not kept again.
    try writeFile(file, before)
    #expect(try home.run("mcp", "install").code == 0)
    #expect(!Path.exists(file + ".holdfast-backup-3"))
  }

  @Test func `the store, the project and the configuration stand in the entry`() throws {
    let run = try home.run(
      "mcp", "install", "--store", "tasks.db", "--project", "shop", "--config", "c.toml",
      "--print", "--json")
    #expect(run.code == 3, "\(run.errors)")
    try writeFile(home.folder.file("c.toml"), "")
    let again = try home.run(
      "mcp", "install", "--store", "tasks.db", "--project", "shop", "--config", "c.toml")
    #expect(again.code == 0, "\(again.errors)")
    let entry = try JSONReader.read(try readFile(home.folder.file(".claude.json")))["mcpServers"]?[
      "holdfast"]
    #expect(
      entry?["env"] == [
        "HOLDFAST_DATABASE_URL": .string(home.folder.file("tasks.db")),
        "HOLDFAST_PROJECT": "shop", "HOLDFAST_CONFIG": .string(home.folder.file("c.toml")),
      ])
    #expect(entry?["args"] == ["mcp"])
  }

  @Test(arguments: MCPClient.allCases)
  func `a password is named by its variable and stands nowhere`(client: MCPClient) throws {
    let url = "postgresql://me:geheim@127.0.0.1:1/shop"
    let words = ["mcp", "install", "--client", client.rawValue, "--transport", "stdio", "--json"]
    for scope in ["user", "project"] {
      let run = try home.run(
        words + ["--scope", scope], environment: ["HOLDFAST_DATABASE_URL": url])
      let file = try #require(try JSONReader.read(Array(run.output.utf8))["file"]?.stringValue)
      #expect(run.code == 0 && !run.output.contains("geheim"))
      let written = try text(file)
      #expect(!written.contains("geheim") && written.contains("HOLDFAST_DATABASE_URL"))
      if client == .codex { #expect(written.contains("env_vars = [\"HOLDFAST_DATABASE_URL\"]\n")) }
    }
    let refused = try home.run(words + ["--scope", "project", "--store", url])
    #expect(refused.code == 2 && refused.errors.contains("would stand in a file of the repository"))
    let told = try home.run(words + ["--store", url])
    #expect(told.code == 0 && told.output.contains("has the store's password in clear"))
  }

  @Test func `where a server runs its address is the way in`() throws {
    let service = try home.serve()
    defer { service.process.signal(15) }
    let url = "http://127.0.0.1:\(service.client.port)/mcp"
    let run = try home.run("mcp", "install")
    #expect(run.code == 0)
    #expect(run.errors.contains("each call has to name its project"))
    #expect(try text(home.folder.file(".claude.json")).contains(url))
    #expect(try home.run("mcp", "install", "--transport", "stdio").code == 0)
    #expect(!(try text(home.folder.file(".claude.json")).contains(url)))
    // A server of another store is not meant.
    let other = try home.run("mcp", "install", "--store", "other.db", "--print")
    #expect(!other.output.contains(url))
    // In a repository all who use the entry are of one project.
    #expect(try home.run("mcp", "install", "--client", "codex", "--scope", "project").code == 0)
    #expect(
      try text(home.folder.file(".codex/config.toml"))
        == "[mcp_servers.holdfast]\nurl = \"\(url)\"\nhttp_headers = { Holdfast-Project = \"p\" }\n"
    )

    let quiet = try home.serve("--db", home.folder.file("quiet.db"), "--mcp=false")
    defer { quiet.process.signal(15) }
    let none = try home.run(
      "mcp", "install", "--store", "quiet.db", "--print", "--client", "gemini")
    #expect(none.output.contains("\"command\""))
  }

  @Test func `an entry that is there keeps its way, whatever runs`() throws {
    let service = try home.serve()
    defer { service.process.signal(15) }
    let url = "http://127.0.0.1:\(service.client.port)/mcp"
    let file = home.folder.file(".codex/config.toml")
    let before = """
      [mcp_servers.holdfast]
      # mine
      command = "/old/holdfast"
      args = ["mcp", "--tools", "task-graph"]
      env = { HOLDFAST_AGENT = "ada", HOLDFAST_PROJECT = "shop" }

      """
    try writeFile(file, before)
    let codex = ["mcp", "install", "--client", "codex"]
    let run = try home.run(codex)
    #expect(
      run.code == 0 && run.errors.contains("--transport http has it use the server at \(url)"))
    #expect(!run.errors.contains("loses"))
    #expect(
      try text(file)
        == before.replacing("/old/holdfast", with: try #require(program(in: run.output))))

    // Who says another way hears what that costs.
    let told = try home.run(codex + ["--transport", "http"])
    #expect(
      told.errors.contains(
        "the entry loses the arguments --tools task-graph; env (HOLDFAST_AGENT, HOLDFAST_PROJECT)\n"
      ),
      "\(told.errors)")
    let other = "https://tasks.example/mcp?tools=all"
    for (old, new) in [
      ("http://127.0.0.1:1/mcp?tools=task-graph", url + "?tools=task-graph"), (other, other),
    ] {
      try writeFile(
        file,
        "[mcp_servers.holdfast]\nurl = \"\(old)\"\nhttp_headers = { Holdfast-Project = \"x\" }\n")
      let again = try home.run(codex)
      #expect(again.code == 0 && !again.errors.contains("has to name its project"))
      #expect(try text(file).contains("url = \"\(new)\"\nhttp_headers = { Holdfast-Project"))
    }
    #expect(
      try home.run(codex + ["--transport", "stdio"]).errors.contains(
        "the entry loses ?tools=all of the address; http_headers (Holdfast-Project)\n"))
  }

  /// What the entry of a change starts.
  private func program(in difference: String) -> String? {
    let line = difference.split(separator: "\n").first { $0.hasPrefix("+command = ") }
    return line?.split(separator: "\"").dropFirst().first.map(String.init)
  }

  @Test func `variables that mean nothing to an address are told`() throws {
    try writeFile(
      home.folder.file(".claude.json"),
      #"{"mcpServers": {"holdfast": {"command": "h", "args": ["mcp"], "env": {"HOLDFAST_AGENT": "ada"}}}}"#
    )
    let run = try home.run("mcp", "install", "--transport", "http")
    #expect(run.code == 0 && !run.errors.contains("loses"))
    #expect(run.errors.contains("HOLDFAST_AGENT: the entry keeps them"))
    #expect(run.errors.contains("X-Agent-ID"))
  }

  @Test func `a link that leads out of the repository is not followed`() throws {
    try home.shell("mkdir -p repo elsewhere; git init -q repo; ln -s ../elsewhere repo/.cursor")
    let words = ["mcp", "install", "--client", "cursor", "--scope", "project"]
    let run = try home.run(in: "repo", words)
    #expect(run.code != 0 && run.errors.contains("outside of"))
    #expect(try home.shell("ls elsewhere").output == "")
    // In a home it is how people keep their files together.
    try home.shell("ln -s elsewhere .cursor")
    #expect(try home.run(in: "repo", "mcp", "install", "--client", "cursor").code == 0)
    #expect(try home.shell("ls elsewhere").output == "mcp.json\n")
  }

  @Test(arguments: ["mcp install --scope project --print", "skill install"])
  func `the root folder is no project`(command: String) throws {
    let run = try home.shell("cd / && \"$1\" \(command)", TestProcess.holdfast)
    #expect(run.code == 2 && run.errors.contains("/ is in no git repository"), "\(run.errors)")
  }

  @Test func `a server that was killed is none`() throws {
    let service = try home.serve()
    service.process.crash()
    #expect(try home.run("mcp", "install").code == 0)
    #expect(try text(home.folder.file(".claude.json")).contains("\"stdio\""))
  }

  @Test func optionsOfTheServerAreNotThoseOfItsCommands() throws {
    let run = try home.run("mcp", "--tools", "all", "install", "--print")
    #expect(run.code == 2)
    #expect(run.errors.contains("--tools"))
    #expect(try home.run("mcp", "--help").output.contains("holdfast mcp [options] [<command>]"))
  }
}
