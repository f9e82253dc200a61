import HoldfastJSON
import HoldfastModel
import Synchronization
import Testing

@testable import HoldfastMCP

/// A store of a test: it keeps what is asked of it, and answers what the test wants.
final class StubBackend: ToolBackend {
  private let answer: @Sendable (ToolCall) throws -> JSON?
  private let taken = Mutex<[ToolCall]>([])

  init(_ answer: @escaping @Sendable (ToolCall) throws -> JSON? = { _ in [:] }) {
    self.answer = answer
  }

  var calls: [ToolCall] { taken.withLock { $0 } }

  func run(
    _ call: ToolCall, _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
  ) {
    taken.withLock { $0.append(call) }
    completion(
      Result {
        let given = try answer(call)
        return { given }
      })
  }

  func project() -> String? { nil }
}

/// JSON from its text, with `META` standing for the members of a whole `_meta` of 2026-07-28.
func json(_ text: String) throws -> JSON {
  try JSONReader.read(Array(filled(text).utf8))
}

func filled(_ text: String) -> String {
  text.replacing(
    "META",
    with: """
      "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
      "io.modelcontextprotocol/clientCapabilities":{}}
      """)
}

extension MCPService {
  /// The answer to one message, on a backend that answers at once.
  func answer(
    _ text: String, from identity: CallIdentity = CallIdentity(project: "p"),
    on backend: StubBackend = StubBackend()
  ) throws -> Outgoing? {
    let made = Mutex<Outgoing?>(nil)
    handle(try json(text), from: identity, on: backend) { reply in
      let outgoing = reply()
      made.withLock { $0 = outgoing }
    }
    return made.withLock { $0 }
  }
}

extension JSON {
  /// The code of the error that a message carries.
  var errorCode: Int64? { self["error"]?["code"]?.int64Value }
}
