import HoldfastJSON
import HoldfastTesting
import Testing

@testable import holdfast

/// `holdfast mcp install` changes one entry of a file that belongs to somebody else.
@Suite struct MCPInstallTests {
  private let home = TestHome()
  private static let http = MCPClient.Transport.http(url: "http://127.0.0.1:7433/mcp")

  private func changed(_ client: MCPClient, _ before: String) throws -> String {
    let configuration = try ClientConfiguration(
      Array(before.utf8), of: client, Self.http, file: "f")
    let again = try ClientConfiguration(configuration.after, of: client, Self.http, file: "f")
    #expect(again.isUnchanged)
    return String(decoding: configuration.after, as: UTF8.self)
  }

  @Test(arguments: [
    // (before, after)
    ("", "{\n  \"mcpServers\": {\n    \"holdfast\": {\n      \"url\": \"U\"\n    }\n  }\n}\n"),
    ("{}", "{\n  \"mcpServers\": {\n    \"holdfast\": {\n      \"url\": \"U\"\n    }\n  }\n}"),
    (
      "{\n\t\"b\": 1.50, // why\n\t\"mcpServers\": {\n\t\t\"x\": {\"a\": [1,2]},\n\t},\n\t\"a\": null\n}\n",
      "{\n\t\"b\": 1.50, // why\n\t\"mcpServers\": {\n\t\t\"x\": {\"a\": [1,2]},\n\t\t\"holdfast\": {\n\t\t  \"url\": \"U\"\n\t\t}\n\t},\n\t\"a\": null\n}\n"
    ),
    (
      "{ \"mcpServers\": { \"holdfast\": {\"command\": \"{}\\\"\"}, \"y\": 2 } }",
      "{ \"mcpServers\": { \"holdfast\": {\n  \"url\": \"U\"\n}, \"y\": 2 } }"
    ),
    (
      "{\n  \"z\": 1 /* } */\n}",
      "{\n  \"z\": 1,\n  \"mcpServers\": {\n    \"holdfast\": {\n      \"url\": \"U\"\n    }\n  } /* } */\n}"
    ),
  ])
  func onlyTheEntryChanges(before: String, after: String) throws {
    #expect(
      try changed(.cursor, before)
        == after.replacing("\"U\"", with: "\"http://127.0.0.1:7433/mcp\""))
  }

  @Test(arguments: [
    "[]", "{", "{\"mcpServers\": 1}", "{\"a\" 1}", "{\"a\": 1 \"b\": 2}", "{'a': 1}",
  ])
  func whatCannotBeReadIsLeftAlone(before: String) {
    #expect(throws: (any Error).self) { try changed(.claude, before) }
  }

  @Test func aTableOfCodexComesBehindTheOthers() throws {
    let before = "# mine\nmodel = \"x\"\n\n[mcp_servers.other]\ncommand = \"o\""
    #expect(
      try changed(.codex, before)
        == before + "\n\n[mcp_servers.holdfast]\nurl = \"http://127.0.0.1:7433/mcp\"\n")
    for refused in ["mcp_servers = {}\n", "[mcp_servers.holdfast]\ncommand = \"o\"\n", "a = \n"] {
      #expect(throws: (any Error).self) { try changed(.codex, refused) }
    }
  }

  @Test(arguments: MCPClient.allCases)
  func everyClientGetsItsFile(client: MCPClient) throws {
    for scope in MCPClient.Scope.allCases {
      for transport in ["stdio", "http"] {
        let words = [
          "mcp", "install", "--client", client.rawValue, "--scope", scope.rawValue, "--json",
        ]
        // What is there already in another way is not replaced in TOML.
        let own = TestHome()
        let shown = try own.run(words + ["--transport", transport, "--print"])
        let answer = try JSONReader.read(Array(shown.output.utf8))
        let file = try #require(answer["file"]?.stringValue)
        #expect(!Path.exists(file))
        #expect(answer["changed"] == false)
        #expect(try own.run(words + ["--transport", transport]).code == 0)
        let text = String(decoding: try FileBytes.bytes(of: file, upTo: 10_000), as: UTF8.self)
        #expect(text.contains(transport == "http" ? "http://127.0.0.1:7433/mcp" : "\"mcp\""))
        let again = try own.run(words + ["--transport", transport])
        #expect(try JSONReader.read(Array(again.output.utf8))["changed"] == false)
      }
    }
  }

  @Test func aBackupIsKeptAndTheChangeIsShown() throws {
    let file = home.folder.file(".claude.json")
    let before = "{\n  \"numStartups\": 7\n}\n"
    _ = try TestProcess.run(
      ["-c", "cat > \"$1\"; chmod 640 \"$1\"", "sh", file], program: "/bin/sh",
      environment: home.environment, input: before)
    let run = try home.run("mcp", "install")
    #expect(run.code == 0)
    #expect(run.output.contains("-   \"numStartups\": 7\n+   \"numStartups\": 7,\n"))
    #expect(run.output.contains("+     \"holdfast\": {"))
    let backup = try FileBytes.bytes(of: file + ".holdfast-backup", upTo: 1_000)
    #expect(String(decoding: backup, as: UTF8.self) == before)
    let now = try JSONReader.read(try FileBytes.bytes(of: file, upTo: 10_000))
    #expect(now["mcpServers"]?["holdfast"]?["command"]?.stringValue?.hasSuffix("/holdfast") == true)
    #expect(now["numStartups"] == 7)
    let rights = try TestProcess.run(
      ["-c", "%a", file], program: "/usr/bin/stat", environment: home.environment)
    #expect(rights.output == "640\n")
    #expect(try home.run("mcp", "install").output.hasSuffix("says so already\n"))
  }

  @Test func optionsOfTheServerAreNotThoseOfItsCommands() throws {
    let run = try home.run("mcp", "--tools", "all", "install", "--print")
    #expect(run.code == 2)
    #expect(run.errors.contains("--tools"))
    #expect(try home.run("mcp", "--help").output.contains("holdfast mcp [options] [<command>]"))
  }
}
