internal import HoldfastDatabase
public import HoldfastJSON
public import HoldfastStore

/// Another door on a path of the server, such as MCP: it has its own form of requests and answers.
public protocol ServerDoor: Sendable {
  /// Where it is, such as `/mcp`; it takes POST.
  var path: String { get }
  /// The largest body, in bytes.
  var bodyBytesMax: Int { get }

  /// Answers a request, on any thread and at any time.
  func answer(_ request: DoorRequest, _ response: DoorResponse)

  /// Ends with an answer what would last for ever: the server stops.
  func stop()
}

extension ServerDoor {
  public func stop() {}
}

/// A request for another door.
public struct DoorRequest: Sendable {
  /// The parameters of the query, decoded.
  public let query: [(name: String, value: String)]
  /// The headers, their names in lower case.
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]
  let runner: DoorRunner

  /// The values of a header, in their order.
  public func values(of header: String) -> [String] {
    headers.filter { $0.name == header }.map(\.value)
  }

  /// Runs an operation as the client of this request may; `completion` comes once, on any thread.
  ///
  /// - Parameters:
  ///   - operation: The operation's name.
  ///   - fields: Its fields.
  ///   - agent: Who makes the call, where it is known.
  public func run(
    _ operation: String, _ fields: JSONObject, agent: String?,
    _ completion: @escaping @Sendable (Result<Reply, any Error>) -> Void
  ) {
    runner.run(operation, fields, agent: agent, completion)
  }

  /// The same for the door itself: what the client may not see must not reach it.
  public var forDoor: DoorRequest {
    DoorRequest(
      query: [], headers: [], body: [],
      runner: DoorRunner(service: runner.service, isOwners: true, isConnected: { true }))
  }

  /// Ends with nothing what the client has asked for, and what waits for something to happen.
  public func endWaits() {
    runner.service.store.database.endWaits { !$0.isWanted() }
  }
}

/// An answer of another door.
public struct DoorAnswer: Sendable {
  /// Makes an answer, where there is time for it.
  public typealias Making = @Sendable () -> DoorAnswer

  public let status: Int
  /// JSON; empty for none.
  public let body: [UInt8]
  /// Takes back what was done, for a client that left before it got this; nil where it stands.
  public let undo: (@Sendable () -> Void)?

  public init(status: Int, body: [UInt8] = [], undo: (@Sendable () -> Void)? = nil) {
    self.status = status
    self.body = body
    self.undo = undo
  }
}
