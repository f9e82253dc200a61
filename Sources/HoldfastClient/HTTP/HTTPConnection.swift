internal import CCurl
internal import CSystem
internal import HoldfastModel

/// One connection to a server, over TCP or a unix socket; libcurl keeps it open between requests.
///
/// Not thread safe: a command uses it from one thread.
final class HTTPConnection {
  /// Where the server is.
  struct Endpoint: Sendable, Equatable {
    /// `http://host:7433`, without a slash at the end.
    var baseURL: String
    /// The unix socket to connect to instead of the URL's host.
    var socketPath: String?

    /// Whether the server is on this machine.
    var isOfThisMachine: Bool {
      guard socketPath == nil else { return true }
      let authority = baseURL.split(separator: "/").dropFirst().first ?? ""
      let host =
        authority.hasPrefix("[")
        ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
      return holdfast_is_loopback(String(host))
    }
  }

  /// How long the bytes of an answer may move, in seconds.
  private static let transferSecondsMax = 120

  /// A request that could not be sent or whose answer did not come.
  struct TransportError: Error {
    let message: String
    /// Whether the server cannot have seen any of the request.
    let isBeforeSending: Bool
    /// Whether nothing came for as long as the request may take.
    var isTimeout = false
  }

  /// An answer.
  struct Answer {
    var status: Int
    var body: [UInt8]
  }

  private let endpoint: Endpoint
  private let handle: OpaquePointer
  private var received: [UInt8] = []

  /// - Throws: ``HoldfastError`` when libcurl cannot start.
  init(to endpoint: Endpoint) throws(HoldfastError) {
    self.endpoint = endpoint
    guard holdfast_curl_load(), let handle = holdfast_curl_init() else {
      throw HoldfastError(
        .unreachable, "the HTTP client could not start: is libcurl (package libcurl4) installed?")
    }
    self.handle = OpaquePointer(handle)
  }

  deinit { holdfast_curl_cleanup(UnsafeMutableRawPointer(handle)) }

  /// Sends a request and waits for the whole answer.
  ///
  /// - Parameters:
  ///   - path: The path below the base URL, encoded.
  ///   - seconds: How long nothing may move before the server counts as gone.
  func send(
    _ method: String, _ path: String, body: [UInt8]? = nil, headers: [(String, String)] = [],
    seconds: Int
  ) throws(TransportError) -> Answer {
    let easy = UnsafeMutableRawPointer(handle)
    holdfast_curl_reset(easy)
    received = []
    holdfast_curl_set_text(easy, CURLOPT_URL, endpoint.baseURL + path)
    holdfast_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, method)
    if let socket = endpoint.socketPath {
      holdfast_curl_set_text(easy, CURLOPT_UNIX_SOCKET_PATH, socket)
    }
    holdfast_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    // A task may be called "..".
    holdfast_curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    holdfast_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    // Less than a byte a second for so long; a large answer over a slow line has more time.
    holdfast_curl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
    holdfast_curl_set_long(easy, CURLOPT_LOW_SPEED_TIME, seconds)
    holdfast_curl_set_long(easy, CURLOPT_TIMEOUT, seconds + Self.transferSecondsMax)
    holdfast_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT, 5)
    // This machine is never behind a proxy.
    if endpoint.isOfThisMachine { holdfast_curl_set_text(easy, CURLOPT_PROXY, "") }
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
      throw TransportError(
        message: String(cString: holdfast_curl_error(code)), isBeforeSending: isBefore,
        isTimeout: code == CURLE_OPERATION_TIMEDOUT)
    }
    return Answer(status: holdfast_curl_status(easy), body: received)
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
}

/// libcurl calls this with each part of an answer's body.
private func receiveBody(
  _ start: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  Unmanaged<HTTPConnection>.fromOpaque(context).takeUnretainedValue()
    .receive(UnsafeRawBufferPointer(start: start, count: size * count))
  return size * count
}
