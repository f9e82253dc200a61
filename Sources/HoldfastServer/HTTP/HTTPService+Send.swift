internal import CMicroHTTPD
internal import HoldfastDatabase
internal import HoldfastModel

extension HTTPService {
  /// Queues the answer; false when libmicrohttpd refuses it, which closes the connection.
  func send(_ answer: HTTPAnswer, _ exchange: Exchange, _ connection: OpaquePointer) -> Bool {
    var answer = answer
    let held = HeldBody.holding(&answer, sent, isOfWrite: exchange.stage == .suspended)
    exchange.stage = .answered
    exchange.status = answer.status
    guard let response = held.map(makeResponse) ?? makeResponse(copying: answer.body) else {
      return false
    }
    defer { MHD_destroy_response(response) }
    if answer.contentType != .none {
      add("Content-Type", answer.contentType.rawValue, response)
    }
    for header in answer.headers { add(header.name, header.value, response) }
    add("X-Request-Id", exchange.requestID, response)
    if answer.closes || inFlight.isDraining { add("Connection", "close", response) }
    if let held {
      let seconds = limits.requestSeconds + held.count / limits.answerBytesPerSecondMin
      exchange.connection?.mustGetOn(
        until: monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000)
    }
    return MHD_queue_response(connection, UInt32(answer.status), response) == .YES
  }

  /// The refusal when answers take all of their memory.
  static let tooManyAnswers = HoldfastError(
    .overloaded, "too many large answers are being sent: try again in a second")

  private func add(_ name: StaticString, _ value: String, _ response: OpaquePointer) {
    name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) {
      _ = MHD_add_response_header(response, $0, value)
    }
  }

  private func makeResponse(copying body: [UInt8]) -> OpaquePointer? {
    body.withUnsafeBytes {
      MHD_create_response_from_buffer(
        $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
    }
  }

  private func makeResponse(_ held: HeldBody) -> OpaquePointer? {
    MHD_create_response_from_callback(
      UInt64(held.count), HeldBody.blockBytes, readHeldBody,
      Unmanaged.passRetained(held).toOpaque(), releaseHeldBody)
  }
}

/// A large body that libmicrohttpd takes block by block, and its part of the budget.
private final class HeldBody: Sendable {
  /// Bytes that are copied at once.
  static let blockBytes = 64 * 1024

  private let body: [UInt8]
  private let budget: ByteBudget

  private init(_ body: [UInt8], _ budget: ByteBudget) {
    self.body = body
    self.budget = budget
  }

  deinit { budget.giveBack(body.capacity) }

  var count: Int { body.count }

  /// Holds the body of an answer when it is large.
  ///
  /// When there is no memory left for it, the answer becomes one that says so. The body was made
  /// before, so what is held is the budget and one more answer for each thread. A write that is on
  /// disk is never answered so; it is refused before it runs.
  static func holding(
    _ answer: inout HTTPAnswer, _ budget: ByteBudget, isOfWrite: Bool
  ) -> HeldBody? {
    guard answer.body.count > Limits.smallBytesMax else { return nil }
    if isOfWrite {
      budget.takeAnyway(answer.body.capacity)
    } else if !budget.take(answer.body.capacity) {
      answer = .refusal(HTTPService.tooManyAnswers)
      return nil
    }
    defer { answer.body = [] }
    return HeldBody(answer.body, budget)
  }

  /// Copies what fits from a position on.
  func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, body.count - position)
    guard count > 0 else { return 0 }
    body.withUnsafeBytes {
      buffer.copyMemory(from: .init(rebasing: $0[position..<position + count]))
    }
    return count
  }
}

private func readHeldBody(
  _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int
) -> Int {
  guard let context else { return Int(MHD_CONTENT_READER_END_WITH_ERROR) }
  return Unmanaged<HeldBody>.fromOpaque(context).takeUnretainedValue().read(
    at: Int(position), into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
}

private func releaseHeldBody(_ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  Unmanaged<HeldBody>.fromOpaque(context).release()
}
