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
  private let output: Int32
  private let state = Mutex(State())

  /// The longest message, in bytes.
  static let lineBytesMax = 4 * 1024 * 1024
  /// How deep a message may be nested.
  static let depthMax = 64

  private struct State {
    /// The requests under way; an answer to one that is not here any more is not sent.
    var underWay: [RequestID: Int] = [:]
    var count = 0
    /// Whether nobody reads any more.
    var isGone = false
  }

  public init(
    service: MCPService, identity: CallIdentity, backend: any ToolBackend, input: Int32 = 0,
    output: Int32 = 1
  ) {
    self.service = service
    self.identity = identity
    self.backend = backend
    self.input = input
    self.output = output
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
    let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
    while monotonicNanoseconds() < end, state.withLock({ $0.count > 0 && !$0.isGone }) {
      usleep(2_000)
    }
  }

  // MARK: Messages

  private func take(_ line: [UInt8]) {
    guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
    let message: JSON
    do {
      message = try JSONReader.read(line, limits: .init(depth: Self.depthMax))
    } catch {
      return send(MCPService.unreadable(error.description).message)
    }
    if case .array(let batch) = message { return take(batch: batch) }
    if message["id"] == nil, message["method"]?.stringValue == "notifications/cancelled" {
      return cancel(message["params"]?["requestId"])
    }
    handle(message) { [self] answer in if let answer { send(answer) } }
  }

  /// Several messages at once, which 2025-03-26 allows and later revisions do not.
  private func take(batch: [JSON]) {
    guard Batch.isLegacy(batch) else {
      return send(
        RPCError(.invalidRequest, "a message is one JSON object: send one a line").json)
    }
    Batch(batch).handle(by: { handle($0, $1) }) { [self] answers in
      if !answers.isEmpty { send(.array(answers)) }
    }
  }

  /// Handles one message; `sent` gets its answer, nil where there is none to send.
  private func handle(_ message: JSON, _ sent: @escaping @Sendable (JSON?) -> Void) {
    let id = message["method"] == nil ? nil : message["id"].flatMap(RequestID.init)
    state.withLock {
      $0.count += 1
      if let id { $0.underWay[id, default: 0] += 1 }
    }
    service.handle(message, from: identity, on: backend) { [self] reply in
      let answer = reply()
      let isWanted = state.withLock { state in
        state.count -= 1
        guard let id else { return true }
        guard let count = state.underWay[id] else { return false }
        state.underWay[id] = count > 1 ? count - 1 : nil
        return true
      }
      if !isWanted { answer?.undo?() }
      sent(isWanted ? answer?.message : nil)
    }
  }

  /// Sends no answer to a request any more.
  private func cancel(_ id: JSON?) {
    guard let id = id.flatMap(RequestID.init) else { return }
    state.withLock { $0.underWay[id] = nil }
  }

  private func send(_ message: JSON) {
    var bytes = message.rendered()
    bytes.append(UInt8(ascii: "\n"))
    state.withLock { state in
      guard !state.isGone else { return }
      state.isGone = !bytes.withUnsafeBytes { writeAll($0, to: output) }
    }
  }
}

/// Writes all bytes; false when nobody reads them.
private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
  var rest = bytes
  while !rest.isEmpty {
    let count = write(descriptor, rest.baseAddress, rest.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
  }
  return true
}
