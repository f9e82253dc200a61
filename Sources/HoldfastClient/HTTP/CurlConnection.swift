internal import CCurl
internal import CSystem
internal import HoldfastDatabase
internal import HoldfastModel

/// A connection to the server of a URL; libcurl keeps it open between requests.
final class CurlConnection: HTTPConnection {
  private let baseURL: String
  private let handle: OpaquePointer
  private var received: [UInt8] = []
  /// The bytes that have moved, how long none may, in nanoseconds, and until when that is.
  private var moved: Int64 = 0
  private var patience: UInt64 = 0
  private var deadline: UInt64 = 0

  /// How long the bytes of an answer may move, in seconds.
  private static let transferSecondsMax = 120

  /// Whether the server is on this machine.
  private var isOfThisMachine: Bool {
    let authority = baseURL.split(separator: "/").dropFirst().first ?? ""
    let host =
      authority.hasPrefix("[")
      ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return holdfast_is_loopback(String(host))
  }

  /// - Throws: ``HoldfastError`` when libcurl cannot start.
  init(to baseURL: String) throws(HoldfastError) {
    self.baseURL = baseURL
    guard holdfast_curl_load(), let handle = holdfast_curl_init() else {
      throw HoldfastError(
        .unreachable, "the HTTP client could not start: is libcurl (package libcurl4) installed?")
    }
    self.handle = OpaquePointer(handle)
  }

  deinit { holdfast_curl_cleanup(UnsafeMutableRawPointer(handle)) }

  func send(
    _ method: String, _ path: String, body: [UInt8]?, headers: [(String, String)], seconds: Int
  ) throws(HTTPTransportError) -> HTTPAnswer {
    let easy = UnsafeMutableRawPointer(handle)
    holdfast_curl_reset(easy)
    received = []
    holdfast_curl_set_text(easy, CURLOPT_URL, baseURL + path)
    holdfast_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, method)
    holdfast_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    // A task may be called "..".
    holdfast_curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    holdfast_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    // No byte for so long; a large answer over a slow line has more time. libcurl's own low speed is
    // a mean over some seconds, so that the request itself would count for as many more.
    patience = UInt64(seconds) * 1_000_000_000
    moved = 0
    deadline = monotonicNanoseconds() + patience
    holdfast_curl_set_watcher(easy, CURLOPT_XFERINFOFUNCTION, watchTransfer)
    holdfast_curl_set_pointer(
      easy, CURLOPT_XFERINFODATA, Unmanaged.passUnretained(self).toOpaque())
    holdfast_curl_set_long(easy, CURLOPT_NOPROGRESS, 0)
    holdfast_curl_set_long(easy, CURLOPT_TIMEOUT, seconds + Self.transferSecondsMax)
    holdfast_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT, 5)
    // This machine is never behind a proxy.
    if isOfThisMachine { holdfast_curl_set_text(easy, CURLOPT_PROXY, "") }
    var list: UnsafeMutablePointer<curl_slist>?
    // Without "Expect:" curl would wait for a 100 before it sends a longer body.
    for (name, value) in headers + [("Expect", "")] {
      list = holdfast_curl_append(list, value.isEmpty ? "\(name):" : "\(name): \(value)")
    }
    defer { holdfast_curl_free(list) }
    holdfast_curl_set_pointer(easy, CURLOPT_HTTPHEADER, list)
    holdfast_curl_set_receiver(easy, CURLOPT_WRITEFUNCTION, receiveBody)
    holdfast_curl_set_pointer(
      easy, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
    let code = perform(easy, body)
    guard code == CURLE_OK else {
      let isBefore = [CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST].contains { $0 == code }
      let isTimeout = [CURLE_OPERATION_TIMEDOUT, CURLE_ABORTED_BY_CALLBACK].contains { $0 == code }
      let reason = isTimeout ? CURLE_OPERATION_TIMEDOUT : code
      throw HTTPTransportError(
        message: String(cString: holdfast_curl_error(reason)), isBeforeSending: isBefore,
        isTimeout: isTimeout)
    }
    return HTTPAnswer(status: holdfast_curl_status(easy), body: received)
  }

  private func perform(_ easy: UnsafeMutableRawPointer, _ body: [UInt8]?) -> CURLcode {
    guard let body else { return holdfast_curl_perform(easy) }
    // The bytes must stay where they are until the transfer has ended.
    return body.withUnsafeBytes { bytes in
      holdfast_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
      holdfast_curl_set_pointer(
        easy, CURLOPT_POSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(handle))
      return holdfast_curl_perform(easy)
    }
  }

  fileprivate func receive(_ bytes: UnsafeRawBufferPointer) { received.append(contentsOf: bytes) }

  /// Whether the transfer may go on.
  fileprivate func mayGoOn(moved bytes: Int64) -> Bool {
    let now = monotonicNanoseconds()
    if bytes != moved {
      moved = bytes
      deadline = now + patience
    }
    return now < deadline
  }
}

/// libcurl calls this about once a second, and whenever something moves.
private func watchTransfer(
  _ context: UnsafeMutableRawPointer?, _ toReceive: curl_off_t, _ received: curl_off_t,
  _ toSend: curl_off_t, _ sent: curl_off_t
) -> Int32 {
  guard let context else { return 1 }
  let connection = Unmanaged<CurlConnection>.fromOpaque(context).takeUnretainedValue()
  return connection.mayGoOn(moved: Int64(received) + Int64(sent)) ? 0 : 1
}

/// libcurl calls this with each part of an answer's body.
private func receiveBody(
  _ start: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  Unmanaged<CurlConnection>.fromOpaque(context).takeUnretainedValue()
    .receive(UnsafeRawBufferPointer(start: start, count: size * count))
  return size * count
}
