private import Dispatch
import HoldfastJSON
import HoldfastMCP
import HoldfastServer
import HoldfastStore

/// MCP on a path of the server.
struct MCPDoor: ServerDoor {
  let path = "/mcp"
  let bodyBytesMax = StreamableHTTP.bodyBytesMax
  private let transport = StreamableHTTP()
  private let subscriptions = Subscriptions()
  private static let others = DispatchQueue(label: "holdfast-mcp")

  func answer(_ request: DoorRequest, _ response: DoorResponse) {
    let head = StreamableHTTP.Head(tools: request.query.last { $0.name == "tools" }?.value) {
      request.values(of: $0)
    }
    let open = OpenRequest(subscriptions: subscriptions) { message in
      switch response.send(message.rendered()) {
      case .taken: .taken
      case .full: .full
      case .gone: .gone
      case .tooMany: .tooMany
      }
    }
    response.onLeave {
      open.cancel()
      request.endWaits()
    }
    response.onRoom { open.room() }
    transport.handle(request.body, head, on: Backend(request: request), as: open) { reply in
      response.answer {
        let made = reply()
        return DoorAnswer(status: made.status, body: made.body, undo: made.undo)
      }
    }
  }

  func stop() { subscriptions.end() }

  /// Runs operations as the client of one request may.
  private struct Backend: ToolBackend {
    let request: DoorRequest

    func project() -> String? { nil }

    var own: any ToolBackend { Backend(request: request.forDoor) }

    // The completion of a write comes on the writer's thread.
    func later(_ work: @escaping @Sendable () -> Void) { MCPDoor.others.async(execute: work) }

    func run(
      _ call: ToolCall, _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
    ) {
      request.run(call.operation, call.fields, agent: call.agent) { result in
        completion(result.map { reply in { try reply.json() } })
      }
    }
  }
}
