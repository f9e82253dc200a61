private import Dispatch
private import Glibc
internal import HoldfastDatabase
internal import HoldfastJSON
private import Synchronization

/// The MCP door on two descriptors: a message a line, each answered as soon as it can be.
public final class StdioTransport: Sendable {
  private let service: MCPService
  private let identity: CallIdentity
  private let backend: any ToolBackend
  private let input: Int32
  private let output: LineWriter
  /// The one client.
  private let client: LastingClient
  private let state = Mutex(State())
  private let subscriptions = Subscriptions()

  /// The longest message, in bytes.
  static let lineBytesMax = 4 * 1024 * 1024

  private struct State {
    /// The requests under way by the order in which they came; an answer to one that is not here any more
    /// is not sent.
    var underWay: [RequestID: Turn] = [:]
    /// How many requests have come.
    var arrived = 0
    /// How many messages are not dealt with yet.
    var count = 0
    /// How many of them ask the store.
    var calls = 0
  }

  /// A request in its order.
  private struct Turn {
    let number: Int
    let open: OpenRequest
  }

  /// Methods that ask the store, which may take its time.
  private static let asking = [
    "tools/call", "resources/read", "completion/complete", "subscriptions/listen",
    "resources/subscribe",
  ]
  /// The most of them at a time.
  private static let callsMax = 64

  /// Runs what asks the store beside the messages that come in.
  typealias Starting = @Sendable (@escaping @Sendable () -> Void) throws -> Void
  private let start: Starting

  /// A transport on two descriptors, each call on a thread of its own.
  public convenience init(
    service: MCPService, identity: CallIdentity, backend: any ToolBackend, input: Int32 = 0,
    output: Int32 = 1
  ) {
    self.init(
      service: service, identity: identity, backend: backend, input: input, output: output,
      start: { try startThread(name: "holdfast-call", $0) })
  }

  init(
    service: MCPService, identity: CallIdentity, backend: any ToolBackend, input: Int32,
    output: Int32, start: @escaping Starting
  ) {
    self.start = start
    self.service = service
    self.identity = identity
    self.backend = backend
    self.input = input
    let writer = LineWriter(descriptor: output)
    self.output = writer
    client = LastingClient { writer.send($0) }
  }

  /// Answers messages until the input ends, and then waits a moment for what is under way.
  ///
  /// - Parameter seconds: How long at most.
  public func run(waiting seconds: Double = 1) {
    var lines = LineReader(descriptor: input, bytesMax: Self.lineBytesMax)
    while let line = lines.next() {
      switch line {
      case .whole(let bytes): take(bytes)
      case .tooLong:
        send(MCPService.unreadable("a line has at most \(Self.lineBytesMax) bytes").message)
      }
    }
    stop()
    let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
    while monotonicNanoseconds() < end, state.withLock({ $0.count > 0 }) {
      usleep(2_000)
    }
  }

  /// Ends with an answer what would last for ever; waits a moment at most where nobody reads what is sent.
  public func stop() {
    let hasEnded = DispatchSemaphore(value: 0)
    do {
      try startThread(name: "holdfast-stop") { [subscriptions] in
        subscriptions.end()
        hasEnded.signal()
      }
      _ = hasEnded.wait(timeout: .now() + 1)
    } catch {
      subscriptions.end()
    }
  }

  // MARK: Messages

  private func take(_ line: [UInt8]) {
    guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
    let message: JSON
    do {
      message = try JSONReader.read(line, limits: .init(depth: Message.depthMax))
    } catch {
      send(MCPService.unreadable(error.description).message)
      return
    }
    if case .array(let batch) = message { return take(batch: batch) }
    if message["id"] == nil, message["method"]?.stringValue == "notifications/cancelled" {
      return cancel(message["params"]?["requestId"])
    }
    handle(message) { [self] answer in answer.map { send($0) } ?? true }
  }

  /// Several messages at once, which 2025-03-26 allows and later revisions do not.
  private func take(batch: [JSON]) {
    guard Batch.isLegacy(batch) else {
      send(RPCError(.invalidRequest, "a message is one JSON object: send one a line").json)
      return
    }
    Batch(batch).handle { message, answered in
      handle(message) { answer in
        answered { answer }
        return true
      }
    } completion: { [self] answers in
      if let answers = answers() { send(answers) }
    }
  }

  /// Handles one message; `sent` gets its answer, nil where there is none to send, and tells whether
  /// anybody reads it.
  private func handle(_ message: JSON, _ sent: @escaping @Sendable (JSON?) -> Bool) {
    let method = message["method"]?.stringValue ?? ""
    let id = message["method"] == nil ? nil : message["id"].flatMap(RequestID.init)
    let asks = Self.asking.contains(method)
    let open = OpenRequest(subscriptions: subscriptions, client: client) { [self] message in
      send(message) ? .taken : .gone
    }
    let (number, isTooMany) = state.withLock { state in
      state.count += 1
      state.arrived += 1
      if let id { state.underWay[id] = Turn(number: state.arrived, open: open) }
      if asks { state.calls += 1 }
      return (state.arrived, state.calls > Self.callsMax)
    }
    let ended: @Sendable (MCPService.Outgoing?) -> Void = { [self] answer in
      let isWanted = state.withLock { state in
        guard let id else { return true }
        guard state.underWay[id]?.number == number else { return false }
        state.underWay[id] = nil
        return true
      }
      let isRead = sent(isWanted ? answer?.message : nil)
      if !isWanted || !isRead { answer?.undo?() }
      state.withLock { $0.count -= 1 }
    }
    guard asks else {
      return service.handle(message, from: identity, on: backend, as: open) { ended($0()) }
    }
    do {
      if isTooMany {
        throw RPCError(
          .internalError, "\(Self.callsMax) calls run already: wait for one of their answers",
          id: id)
      }
      try start { [self] in
        service.handle(message, from: identity, on: backend, as: open) { ended($0()) }
        // What lasts keeps no thread.
        state.withLock { $0.calls -= 1 }
      }
    } catch {
      state.withLock { $0.calls -= 1 }
      let refusal =
        error as? RPCError ?? RPCError(.internalError, "there are no more threads", id: id)
      ended(MCPService.Outgoing(message: refusal.json, status: refusal.httpStatus))
    }
  }

  /// Sends no answer to a request any more, and ends what it waits for.
  private func cancel(_ id: JSON?) {
    guard let id = id.flatMap(RequestID.init) else { return }
    state.withLock { $0.underWay.removeValue(forKey: id) }?.open.cancel()
  }

  @discardableResult
  private func send(_ message: JSON) -> Bool { output.send(message) }
}
