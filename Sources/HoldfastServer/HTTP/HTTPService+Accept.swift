internal import CMicroHTTPD
internal import Glibc
internal import HoldfastJSON
internal import HoldfastModel

extension HTTPService {
  /// Refuses a request whose end, or whose server, cannot be told for certain.
  ///
  /// RFC 9112 section 6.3: two lengths, or a length beside chunks, are how requests are smuggled
  /// through an intermediary that takes the other one.
  func checkFraming(
    _ exchange: Exchange, version: UnsafePointer<CChar>?
  ) throws(HoldfastError) {
    let headers = exchange.headers
    guard !headers.has_spaced_name else {
      throw HoldfastError(.invalidRequest, "a header's name must end right before its colon")
    }
    guard !headers.has_odd_line else {
      throw HoldfastError(
        .invalidRequest, "a header must be one line that ends with CR and LF and has no NUL in it")
    }
    guard headers.content_lengths <= 1 else {
      throw HoldfastError(.invalidRequest, "the request must have only one Content-Length")
    }
    // The library looks at the first one alone.
    guard headers.transfer_encodings <= 1 else {
      throw HoldfastError(.invalidRequest, "the request must have only one Transfer-Encoding")
    }
    guard headers.content_length == nil || headers.transfer_encoding == nil else {
      throw HoldfastError(
        .invalidRequest,
        "the request must have either Content-Length or Transfer-Encoding, not both")
    }
    if let encoding = headers.transfer_encoding, strcasecmp(encoding, "chunked") != 0 {
      throw HoldfastError(
        .invalidRequest, "the only Transfer-Encoding that this server reads is chunked")
    }
    let isOld = version.map { strcmp($0, "HTTP/1.0") == 0 } ?? false
    guard !isOld || headers.transfer_encoding == nil else {
      throw HoldfastError(.invalidRequest, "HTTP/1.0 knows no Transfer-Encoding")
    }
    // Nor did it have a Host.
    guard headers.hosts == 1 || (headers.hosts == 0 && isOld) else {
      throw HoldfastError(.invalidRequest, "the request must have one Host")
    }
    if exchange.connection?.isBeyondLimit ?? false {
      throw HoldfastError(
        .overloaded,
        "the server has its limit of \(limits.connectionsMax) connections: try again in a second")
    }
    let headerBytes = exchange.target.count + headers.bytes
    guard headerBytes <= Limits.headerBytesMax else {
      throw HoldfastError(
        .headerTooLarge,
        "the path and all headers must have at most \(Limits.headerBytesMax) bytes, not \(headerBytes)",
        details: [("limit", .number(JSONNumber(Int64(Limits.headerBytesMax))))])
    }
  }

  /// Finds the route, or says why there is none for this request.
  func accept(_ exchange: Exchange) throws(HoldfastError) {
    exchange.bodyBytesMax = Limits.jsonBytesMax
    if exchange.method == .options && exchange.target == [UInt8(ascii: "*")] {
      try safety.check(exchange, authority: nil)
      exchange.settled = .options(allowed: Router.allMethods)
      return
    }
    let target = try RequestTarget(exchange.target)
    try safety.check(exchange, authority: target.authority)
    try checkStore(exchange)
    if inFlight.isDraining { throw Self.stopping }
    if exchange.method == .options {
      exchange.settled = .options(allowed: try router.allowedMethods(target.segments))
      return
    }
    let match = try router.match(exchange.method, target.segments)
    exchange.match = match
    exchange.bodyBytesMax = match.route.bodyBytesMax
  }

  /// Refuses a command that means another store: a socket's name can be taken over.
  private func checkStore(_ exchange: Exchange) throws(HoldfastError) {
    guard let meant = exchange.headers.store, let storePath else { return }
    let isOurs = PercentEncoding.text(storePath.utf8) == String(cString: meant)
    guard isOurs else {
      throw HoldfastError(
        .misdirected, "this server serves another store: give each server a --socket of its own")
    }
  }

  func tooLarge(_ exchange: Exchange) -> HoldfastError {
    HoldfastError(
      .tooLarge, "the body must have at most \(exchange.bodyBytesMax) bytes",
      details: [("limit", .number(JSONNumber(Int64(exchange.bodyBytesMax))))])
  }
}

extension BrowserSafety {
  /// Checks a request by its headers.
  ///
  /// - Parameters:
  ///   - exchange: The request.
  ///   - authority: What a target in absolute form names; it counts instead of `Host`
  ///     (RFC 9112 section 3.2.2).
  /// - Throws: As ``check(host:origin:isSafe:)`` does.
  func check(_ exchange: Exchange, authority: String?) throws(HoldfastError) {
    // No browser reaches a unix socket.
    guard isOn, !(exchange.connection?.isUnix ?? false) else { return }
    let host = exchange.headers.host
    if let host, authority == nil, exchange.headers.origin == nil, Self.isUsual(host) { return }
    try check(
      host: authority ?? host.map { String(cString: $0) },
      origin: exchange.headers.origin.map { String(cString: $0) }, isSafe: exchange.method.isSafe)
  }

  /// Whether the host is one that nearly all requests name, told without making a `String`.
  private static func isUsual(_ host: UnsafePointer<CChar>) -> Bool {
    holdfast_mhd_is_usual_host(host)
  }
}

extension Route {
  var bodyBytesMax: Int {
    switch target {
    case .operation(let route): route.bodyBytesMax
    case .door(let door): door.bodyBytesMax
    case .page, .storeWork: Limits.jsonBytesMax
    }
  }
}
