import HoldfastJSON
import Testing

@testable import HoldfastMCP

/// Which rules a message asks for: each says so by itself.
@Suite struct EraTests {
  private let service = MCPService(tools: .core)

  private func answer(_ method: String, _ params: String, id: String = "7") throws -> JSON {
    let sent = #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#
    let outgoing = try #require(try service.answer(sent))
    #expect(outgoing.message["id"] == (try json(id)))
    #expect(outgoing.message["jsonrpc"] == "2.0")
    return outgoing.message
  }

  private func claim(_ version: String, _ capabilities: String? = "{}") -> String {
    let rest = capabilities.map { #","io.modelcontextprotocol/clientCapabilities":\#($0)"# } ?? ""
    return #"{"_meta":{"io.modelcontextprotocol/protocolVersion":\#(version)\#(rest)}}"#
  }

  @Test func `a whole claim of the newest revision is modern`() throws {
    let answer = try answer("server/discover", claim(#""2026-07-28""#))
    #expect(answer["result"]?["resultType"] == "complete")
    #expect(answer["result"]?["supportedVersions"] == ["2026-07-28"])
    #expect(answer["result"]?["ttlMs"]?.int64Value ?? -1 >= 0)
    #expect(answer["result"]?["cacheScope"] == "private")
    #expect(answer["result"]?["_meta"]?[MetaKey.serverInfo]?["name"] == "holdfast")
  }

  @Test(arguments: ["1", "null", "true", "[]", "{}"])
  func `a version that is no text is never silently old`(_ version: String) throws {
    let answer = try answer("tools/list", claim(version))
    #expect(answer.errorCode == -32602)
    #expect(answer["error"]?["message"]?.stringValue?.contains(MetaKey.protocolVersion) == true)
  }

  @Test(arguments: [nil, "null", "[]", "1", #""x""#])
  func `a modern claim without capabilities is refused`(_ capabilities: String?) throws {
    let answer = try answer("tools/list", claim(#""2026-07-28""#, capabilities))
    #expect(answer.errorCode == -32602)
    #expect(
      answer["error"]?["message"]?.stringValue?.contains(MetaKey.clientCapabilities) == true)
  }

  @Test(arguments: ["2099-01-01", "", "1.0", "2026-07-28 ", "DRAFT-2026-v1"])
  func `a revision that nobody knows is refused with those that are spoken`(
    _ version: String
  ) throws {
    let answer = try answer("tools/list", claim(#""\#(version)""#), id: #""x""#)
    #expect(answer.errorCode == -32022)
    #expect(answer["error"]?["data"]?["supported"] == ["2026-07-28"])
    #expect(answer["error"]?["data"]?["requested"] == .string(version))
  }

  @Test(arguments: ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
  func `an old revision in the claim is treated as old`(_ version: String) throws {
    let answer = try answer("tools/list", claim(#""\#(version)""#, nil))
    #expect(answer["result"]?["resultType"] == nil)
    #expect(answer["result"]?["ttlMs"] == nil)
    #expect(answer["result"]?["tools"]?.arrayValue?.isEmpty == false)
  }

  @Test(arguments: [
    ("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"),
    ("2025-11-25", "2025-11-25"), ("2026-07-28", "2025-11-25"), ("2030-01-01", "2025-11-25"),
  ])
  func `initialize agrees on a revision with a handshake`(
    _ wanted: String, _ agreed: String
  ) throws {
    let answer = try answer(
      "initialize",
      #"{"protocolVersion":"\#(wanted)","capabilities":{},"clientInfo":{"name":"c","version":"1"}}"#
    )
    #expect(answer["result"]?["protocolVersion"] == .string(agreed))
    #expect(answer["result"]?["serverInfo"]?["name"] == "holdfast")
    #expect(answer["result"]?["capabilities"]?["tools"] != nil)
    #expect(answer["result"]?["instructions"] != nil)
    #expect(answer["result"]?["resultType"] == nil)
  }

  @Test(arguments: [
    "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
    "tasks/list", "tasks/result", "no/such", "",
  ])
  func `a modern request for a method of old or of none is not found`(_ method: String) throws {
    let answer = try answer(method, claim(#""2026-07-28""#))
    #expect(answer.errorCode == -32601)
    let outgoing = try service.answer(
      filled(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{META}}"#))
    #expect(outgoing?.status == 404)
  }

  @Test(arguments: ["server/discover", "logging/setLevel", "tasks/get", "no/such"])
  func `an old request for a method that it does not have is not found`(_ method: String) throws {
    #expect(try answer(method, "{}").errorCode == -32601)
  }

  @Test func `eras may be mixed in any order`() throws {
    let old = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#
    let new = filled(#"{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{META}}"#)
    for text in [new, old, new, #"{"jsonrpc":"2.0","id":3,"method":"ping"}"#, new, old] {
      let answer = try #require(try service.answer(text)).message
      #expect(answer["result"] != nil)
      #expect((answer["result"]?["resultType"] != nil) == (text == new))
    }
  }

  @Test(arguments: [
    "notifications/initialized", "notifications/cancelled", "notifications/roots/list_changed",
    "notifications/unheard-of", "tools/list", "initialize",
  ])
  func `a notification and a response are never answered`(_ method: String) throws {
    #expect(try service.answer(#"{"jsonrpc":"2.0","method":"\#(method)"}"#) == nil)
    #expect(
      try service.answer(filled(#"{"jsonrpc":"2.0","method":"\#(method)","params":{META}}"#)) == nil
    )
    #expect(try service.answer(#"{"jsonrpc":"2.0","id":1,"result":{}}"#) == nil)
  }
}
