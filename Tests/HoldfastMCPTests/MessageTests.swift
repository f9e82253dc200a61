import HoldfastJSON
import Testing

@testable import HoldfastMCP

/// What is a message, of which kind, and which id its refusal carries.
@Suite struct MessageTests {
  private func error(_ text: String) throws -> RPCError? {
    do {
      _ = try Message(try json(text))
      return nil
    } catch let error as RPCError {
      return error
    }
  }

  @Test func `requests, notifications and responses are told apart`() throws {
    guard
      case .request(let request) = try Message(json(#"{"jsonrpc":"2.0","id":"a","method":"m"}"#))
    else { throw Unexpected() }
    #expect(request.id == .text("a"))
    #expect(request.method == "m")
    #expect(request.params.members.isEmpty)
    guard case .notification("n", _) = try Message(json(#"{"jsonrpc":"2.0","method":"n"}"#))
    else { throw Unexpected() }
    for answer in [#""result":{}"#, #""error":{"code":1,"message":"m"}"#] {
      guard case .response = try Message(json(#"{"jsonrpc":"2.0","id":1,\#(answer)}"#))
      else { throw Unexpected() }
    }
  }

  private struct Unexpected: Error {}

  @Test(arguments: [
    ("1", "1"), ("-7", "-7"), ("9007199254740993", "9007199254740993"), (#""""#, #""""#),
    (#""ü\u0000""#, #""ü\u0000""#),
  ])
  func `an id comes back as it was`(_ sent: String, _ back: String) throws {
    let error = try #require(try error(#"{"jsonrpc":"2.0","id":\#(sent),"method":1}"#))
    #expect(error.code == .invalidRequest)
    #expect(error.json["id"]?.renderedText() == back)
  }

  @Test(arguments: ["null", "1.5", "true", "[]", "{}", "1e400", "99999999999999999999"])
  func `what cannot be an id is refused without one`(_ id: String) throws {
    let error = try #require(try error(#"{"jsonrpc":"2.0","id":\#(id),"method":"m"}"#))
    #expect(error.code == .invalidRequest)
    #expect(error.id == nil)
    #expect(error.json["id"] == nil)
  }

  @Test(arguments: [
    "1", "null", #""text""#, "[]", "{}", #"{"id":1}"#, #"{"jsonrpc":"2.0"}"#,
    #"{"jsonrpc":"1.0","id":1,"method":"m"}"#, #"{"jsonrpc":2.0,"id":1,"method":"m"}"#,
    #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"method":null}"#,
    #"{"jsonrpc":"2.0","id":1,"method":7,"result":{}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"m","params":null}"#,
  ])
  func `what is no message is an invalid request`(_ text: String) throws {
    let error = try #require(try error(text))
    #expect(error.code == .invalidRequest)
    #expect(error.httpStatus == 400)
    let hasID = text.contains(#""id":1"#)
    #expect((error.json["id"] == 1) == hasID)
  }
}
