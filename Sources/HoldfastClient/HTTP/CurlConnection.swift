internal import CCurl
internal import CSystem
internal import HoldfastDatabase
internal import HoldfastModel

/// A connection to the server of a URL; libcurl keeps it open between requests.
final class CurlConnection: HTTPConnection {
  private let baseURL: String
  private let handle: OpaquePointer
  private var received: [UInt8] = []
  private var silence = Silence(seconds: 0)

  /// Since when no byte has moved.
  private struct Silence {
    let nanosecondsMax: UInt64
    var bytes: Int64 = 0
    var since = monotonicNanoseconds()

    init(seconds: Int) { nanosecondsMax = UInt64(seconds) * 1_000_000_000 }

    /// Whether it has lasted too long, now that so many bytes have moved in all.
    mutating func isOver(at count: Int64) -> Bool {
      let now = monotonicNanoseconds()
      if count != bytes { (bytes, since) = (count, now) }
      return now - since >= nanosecondsMax
    }
  }

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
    // A large answer over a slow line has more time. CURLOPT_LOW_SPEED_TIME would do the same, but
    // looks at averages and takes 6 s longer.
    silence = Silence(seconds: seconds)
    holdfast_curl_set_watcher(
      easy, watchTransfer, Unmanaged.passUnretained(self).toOpaque())
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
      let isGivenUp = code == CURLE_ABORTED_BY_CALLBACK
      throw HTTPTransportError(
        message: isGivenUp
          ? "no answer in \(seconds) s" : String(cString: holdfast_curl_error(code)),
        isBeforeSending: !holdfast_curl_has_sent(easy),
        isTimeout: isGivenUp || code == CURLE_OPERATION_TIMEDOUT)
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

  fileprivate func isGivenUp(at count: Int64) -> Bool { silence.isOver(at: count) }

  fileprivate func receive(_ bytes: UnsafeRawBufferPointer) { received.append(contentsOf: bytes) }
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

/// libcurl calls this while a request goes on; anything but 0 ends it.
private func watchTransfer(
  _ context: UnsafeMutableRawPointer?, _ receiving: curl_off_t, _ received: curl_off_t,
  _ sending: curl_off_t, _ sent: curl_off_t
) -> Int32 {
  guard let context else { return 1 }
  let connection = Unmanaged<CurlConnection>.fromOpaque(context).takeUnretainedValue()
  return connection.isGivenUp(at: Int64(received) + Int64(sent)) ? 1 : 0
}
