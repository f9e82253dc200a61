internal import CMicroHTTPD

extension HTTPService {
  /// Goes on with the answer of another door; false when the connection is to be closed.
  func proceed(
    _ response: DoorResponse, _ exchange: Exchange, _ connection: OpaquePointer
  ) -> Bool {
    switch response.next() {
    case .close: return false
    case .stream: return sendStream(response, exchange, connection)
    case .answer(let making):
      let made = making()
      if let undo = made.undo, !ConnectionRegistry.isOpen(response.socket ?? -1) {
        undo()
        return false
      }
      var answer = HTTPAnswer(
        status: made.status, contentType: made.body.isEmpty ? .none : .json, body: made.body)
      if made.status == 503 { answer.headers.append(("Retry-After", "1")) }
      return send(answer, exchange, connection)
    }
  }

  /// Bytes that are copied at once.
  private static let blockBytes = 16 * 1024

  private func sendStream(
    _ response: DoorResponse, _ exchange: Exchange, _ connection: OpaquePointer
  ) -> Bool {
    exchange.stage = .answered
    exchange.status = 200
    let body = StreamBody(response, connection)
    guard
      let stream = MHD_create_response_from_callback(
        UInt64.max, Self.blockBytes, readStream, Unmanaged.passRetained(body).toOpaque(),
        releaseStream)
    else { return false }
    defer { MHD_destroy_response(stream) }
    add("Content-Type", "text/event-stream", stream)
    add("Cache-Control", "no-store", stream)
    // An intermediary that gathers what comes would keep events back.
    add("X-Accel-Buffering", "no", stream)
    add("X-Request-Id", exchange.requestID, stream)
    if inFlight.isDraining { add("Connection", "close", stream) }
    return MHD_queue_response(connection, 200, stream) == .YES
  }
}

/// The body of a stream, which libmicrohttpd takes as it comes, on the connection's thread alone.
private final class StreamBody {
  let response: DoorResponse
  let connection: OpaquePointer

  init(_ response: DoorResponse, _ connection: OpaquePointer) {
    self.response = response
    self.connection = connection
  }
}

private func readStream(
  _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int
) -> Int {
  guard let context else { return Int(MHD_CONTENT_READER_END_WITH_ERROR) }
  let body = Unmanaged<StreamBody>.fromOpaque(context).takeUnretainedValue()
  do {
    let count = try body.response.read(
      into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity), body.connection)
    return count ?? Int(MHD_CONTENT_READER_END_OF_STREAM)
  } catch {
    return Int(MHD_CONTENT_READER_END_WITH_ERROR)
  }
}

private func releaseStream(_ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  Unmanaged<StreamBody>.fromOpaque(context).release()
}
