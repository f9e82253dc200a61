import HoldfastJSON
import HoldfastModel
import Synchronization
import Testing

@testable import HoldfastMCP

/// Answers operations with what a test says, and keeps what was asked for.
final class FakeBackend: ToolBackend {
  private let answers: @Sendable (ToolCall) throws -> JSON?
  private let configured: String?
  private let made = Mutex<[ToolCall]>([])

  init(
    project: String? = nil,
    _ answers: @escaping @Sendable (ToolCall) throws -> JSON? = { _ in
      throw HoldfastError(.internalError, "the test asks for no operation")
    }
  ) {
    configured = project
    self.answers = answers
  }

  var calls: [ToolCall] { made.withLock { $0 } }

  func run(
    _ call: ToolCall, _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
  ) {
    made.withLock { $0.append(call) }
    let result = Result { try answers(call) }
    completion(result.map { answer in { answer } })
  }

  func project() -> String? { configured }
}

/// Sends single requests to a service, in either era.
struct Conversation {
  var backend = FakeBackend()
  var identity = CallIdentity()

  /// The answer to a request.
  func answer(
    _ method: String, _ params: [(String, JSON)] = [], modern: Bool = true
  ) throws -> (message: JSON, status: Int) {
    let meta: JSON = [
      MetaKey.protocolVersion: "2026-07-28", MetaKey.clientCapabilities: [:],
    ]
    let request = JSONObject([
      ("jsonrpc", "2.0"), ("id", 7), ("method", .string(method)),
      ("params", .object(JSONObject(params + (modern ? [("_meta", meta)] : [])))),
    ])
    let sent = Mutex<MCPService.Outgoing?>(nil)
    MCPService(tools: .core).handle(.object(request), from: identity, on: backend) { reply in
      let answer = reply()
      sent.withLock { $0 = answer }
    }
    let outgoing = try #require(sent.withLock { $0 })
    #expect(outgoing.message["id"] == 7)
    return (outgoing.message, outgoing.status)
  }

  /// The result of a request.
  func result(
    _ method: String, _ params: [(String, JSON)] = [], modern: Bool = true
  ) throws -> JSON {
    let answer = try answer(method, params, modern: modern)
    let result = try #require(answer.message["result"], "\(answer.message.renderedText())")
    #expect(answer.status == 200)
    #expect((result["resultType"] == "complete") == modern)
    return result
  }

  /// The error of a request and its status over HTTP.
  func refusal(
    _ method: String, _ params: [(String, JSON)] = [], modern: Bool = true
  ) throws -> (code: Int64?, message: String, data: JSON?, status: Int) {
    let answer = try answer(method, params, modern: modern)
    let error = try #require(answer.message["error"], "\(answer.message.renderedText())")
    return (
      error["code"]?.int64Value, error["message"]?.stringValue ?? "", error["data"], answer.status
    )
  }
}
