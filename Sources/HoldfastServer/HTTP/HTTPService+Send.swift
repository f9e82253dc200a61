internal import CMicroHTTPD
internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

extension HTTPService {
  /// Queues the answer; false when libmicrohttpd refuses it, which closes the connection.
  func send(_ answer: HTTPAnswer, _ exchange: Exchange, _ connection: OpaquePointer) -> Bool {
    var answer = answer
    let held = heldBody(of: &answer, exchange)
    exchange.stage = .answered
    exchange.status = answer.status
    guard let response = held.map(makeResponse) ?? makeResponse(copying: answer.body) else {
      return false
    }
    defer { MHD_destroy_response(response) }
    // libmicrohttpd 0.9.75 would send the last chunk behind the headers, as if there were a body.
    if exchange.method == .head, let held, held.count == nil {
      holdfast_mhd_end_by_closing(response)
    }
    if answer.contentType != .none {
      add("Content-Type", answer.contentType.text, response)
    }
    for header in answer.headers { add(header.name, header.value, response) }
    add("X-Request-Id", exchange.requestID, response)
    if answer.closes || inFlight.isDraining { add("Connection", "close", response) }
    return MHD_queue_response(connection, UInt32(answer.status), response) == .YES
  }

  /// The refusal when answers take all of their memory.
  static let tooManyAnswers = HoldfastError(
    .overloaded, "too many large answers are being sent: try again in a second")

  func add(_ name: StaticString, _ value: String, _ response: OpaquePointer) {
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
      held.count.map(UInt64.init) ?? UInt64.max, HeldBody.blockBytes, readHeldBody,
      Unmanaged.passRetained(held).toOpaque(), releaseHeldBody)
  }
}

extension HTTPService {
  /// Holds the body of an answer when it is large.
  ///
  /// When there is no memory left for it, the answer becomes one that says so. The body, or its first
  /// part, was made before, so what is held is the budget and one more of them for each thread that
  /// answers or reads. A write that is on disk is never answered so; it is refused before it runs.
  private func heldBody(of answer: inout HTTPAnswer, _ exchange: Exchange) -> HeldBody? {
    guard answer.body.count > Limits.smallBytesMax else { return nil }
    if isDone(exchange) {
      sent.takeAnyway(answer.body.capacity)
    } else if !sent.take(answer.body.capacity) {
      answer = .refusal(Self.tooManyAnswers)
      return nil
    }
    let held = HeldBody(self, exchange, answer)
    answer.body = []
    answer.rest = nil
    return held
  }

  /// Whether the answer says what was done, so that nothing may take its place.
  private func isDone(_ exchange: Exchange) -> Bool {
    guard exchange.stage == .suspended else { return false }
    guard case .operation(let route)? = exchange.match?.route.target else { return true }
    return route.entry.isMutation
  }
}

/// A large body, or the part of it that is there, which libmicrohttpd takes block by block.
///
/// It holds its part of the budget, and is used on the connection's thread alone.
private final class HeldBody {
  /// Bytes that are copied at once.
  static let blockBytes = 64 * 1024

  private let service: HTTPService
  private let exchange: Exchange
  private var body: [UInt8]
  /// Where ``body`` begins in the whole of it.
  private var start = 0
  private let rest: (() throws -> [UInt8]?)?

  /// - Parameter answer: Its body's share of the budget is taken.
  init(_ service: HTTPService, _ exchange: Exchange, _ answer: HTTPAnswer) {
    self.service = service
    self.exchange = exchange
    body = answer.body
    rest = answer.rest
    allowTime()
  }

  deinit { service.sent.giveBack(body.capacity) }

  /// The length of all of it; nil when nobody knows yet.
  var count: Int? { rest == nil ? body.count : nil }

  /// Copies what fits from a position on; nothing at the end.
  func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if position == start + body.count { try readOn() }
    let range = (position - start)..<min(position - start + buffer.count, body.count)
    body.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[range])) }
    return range.count
  }

  /// Puts the next part into the place of the one that is out.
  private func readOn() throws {
    guard let rest else { return }
    start += body.count
    service.sent.giveBack(body.capacity)
    body = []
    while body.isEmpty, let next = try rest() { body = next }
    service.sent.takeAnyway(body.capacity)
    allowTime()
  }

  /// What is there has to be taken in time.
  private func allowTime() {
    let limits = service.limits
    let seconds = limits.requestSeconds + body.count / limits.answerBytesPerSecondMin
    exchange.connection?.mustGetOn(
      until: monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000)
  }

  /// The answer cannot go on: the connection is closed, which tells the client.
  func broke(_ error: any Error) { service.log.failure(error, exchange) }
}

private func readHeldBody(
  _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int
) -> Int {
  guard let context else { return Int(MHD_CONTENT_READER_END_WITH_ERROR) }
  let held = Unmanaged<HeldBody>.fromOpaque(context).takeUnretainedValue()
  do {
    let count = try held.read(
      at: Int(position), into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
    return count > 0 ? count : Int(MHD_CONTENT_READER_END_OF_STREAM)
  } catch {
    held.broke(error)
    return Int(MHD_CONTENT_READER_END_WITH_ERROR)
  }
}

private func releaseHeldBody(_ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  Unmanaged<HeldBody>.fromOpaque(context).release()
}
