internal import CMicroHTTPD
internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore
internal import Synchronization

/// Answers requests: matches, reads, runs, and sends.
///
/// Its methods run on libmicrohttpd's threads. A read answers before the handler returns. A write
/// suspends its connection until the writer's thread has the answer on disk.
final class HTTPService: Sendable {
  let store: Store
  /// The store's file with all links resolved, which commands on this machine name; nil for any.
  let storePath: String?
  let router: Router
  let limits: Limits
  let safety: BrowserSafety
  /// The projects that are served over TCP; nil for every project.
  let registered: RegisteredProjects?
  /// The folders of projects on this machine; a command says its own through the unix socket.
  let folders: [ProjectName: String]
  let metrics: Metrics
  let log: AccessLog
  let connections: ConnectionRegistry
  let inFlight = InFlight()
  /// What other doors answer now.
  let doors: DoorResponses
  let requestIDs = RequestIDs()
  /// Memory of bodies that are being received, and of answers that are being sent.
  let received: ByteBudget
  let sent: ByteBudget
  /// The names of the work that spans the store and goes on now.
  let storeWork = Mutex<[String]>([])
  private let description = Mutex<[UInt8]>([])

  init(
    store: Store, storePath: String?, router: Router, limits: Limits, safety: BrowserSafety,
    registered: RegisteredProjects?, folders: [ProjectName: String], log: AccessLog
  ) {
    self.store = store
    self.storePath = storePath
    self.router = router
    self.limits = limits
    self.safety = safety
    self.registered = registered
    self.folders = folders
    self.log = log
    metrics = Metrics(routes: router.routes)
    connections = ConnectionRegistry(limits: limits)
    doors = DoorResponses(streamsMax: limits.streamsMax)
    received = ByteBudget(bytesMax: limits.receivedBytesMax)
    sent = ByteBudget(bytesMax: limits.sentBytesMax)
  }

  // MARK: The steps of an exchange

  /// The request line is there.
  func open(target: [UInt8], _ connection: OpaquePointer) -> Exchange {
    inFlight.began()
    let now = monotonicNanoseconds()
    let entry = connections.entry(of: connection)
    entry?.mustGetOn(until: now + UInt64(limits.requestSeconds) * 1_000_000_000)
    return Exchange(target: target, connection: entry, startedAt: now)
  }

  /// The headers are there.
  func begin(
    _ exchange: Exchange, _ connection: OpaquePointer, method: UnsafePointer<CChar>,
    version: UnsafePointer<CChar>?
  ) -> Bool {
    exchange.method = Method(method)
    exchange.stage = .receiving
    exchange.headers = holdfast_mhd_read_headers(connection)
    exchange.requestID = requestIDs.id(from: exchange.headers.request_id)
    do throws(HoldfastError) {
      try checkFraming(exchange, version: version)
    } catch {
      // Where the next request begins cannot be told: answered at once, and then closed.
      var answer = HTTPAnswer.refusal(error)
      answer.closes = true
      return send(answer, exchange, connection)
    }
    do throws(HoldfastError) {
      try accept(exchange)
    } catch {
      exchange.settled = .refusal(error)
    }
    guard let length = exchange.headers.content_length.flatMap({ Int(String(cString: $0)) }) else {
      return true
    }
    if length > exchange.bodyBytesMax {
      if exchange.settled == nil { exchange.settled = .refusal(tooLarge(exchange)) }
      // A client that asks first is answered first; one that sends anyhow is read for a while.
      if exchange.headers.expect != nil || length > Limits.discardedBytesMax,
        var answer = exchange.settled
      {
        answer.closes = true
        return send(answer, exchange, connection)
      }
    } else if exchange.settled == nil {
      exchange.body.reserveCapacity(min(length, 1024 * 1024))
    }
    return true
  }

  /// Some of the body is there; false when the connection has to be closed.
  func receive(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard exchange.settled == nil else { return discard(bytes.count, of: exchange) }
    let count = exchange.body.count + bytes.count
    if count > exchange.bodyBytesMax {
      settle(exchange, tooLarge(exchange))
      return discard(bytes.count, of: exchange)
    }
    if count > Limits.smallBytesMax {
      guard received.take(count - exchange.bytesTaken) else {
        settle(exchange, Self.tooManyBodies)
        return discard(bytes.count, of: exchange)
      }
      exchange.bytesTaken = count
    }
    exchange.body.append(contentsOf: bytes)
    return true
  }

  /// The whole request is there, or its write has ended.
  func proceed(_ exchange: Exchange, _ connection: OpaquePointer) -> Bool {
    switch exchange.stage {
    case .suspended:
      if let response = exchange.response { return proceed(response, exchange, connection) }
      guard let result = exchange.finished else { return true }
      return send(answer(to: exchange, ended: result), exchange, connection)
    case .answered: return true
    case .new, .receiving: break
    }
    exchange.isWhole = true
    inFlight.becameWhole()
    exchange.connection?.waitsForUs()
    if let answer = exchange.settled { return send(answer, exchange, connection) }
    guard let match = exchange.match else { return send(.empty(500), exchange, connection) }
    do {
      if inFlight.isClosed { throw Self.stopping }
      switch match.route.target {
      case .storeWork(let entry): return try runStoreWork(entry, exchange, connection)
      case .door(let door): return try run(door, exchange, connection)
      case .page(let page): return send(try show(page, exchange), exchange, connection)
      case .operation(let route): return try run(route, match, exchange, connection)
      }
    } catch {
      return send(refusal(error, exchange), exchange, connection)
    }
  }

  /// The answer is out, or the connection broke before it.
  func end(_ exchange: Exchange) {
    let now = monotonicNanoseconds()
    if let response = exchange.response {
      doors.closed(response)
      response.ended()
    }
    if let connection = exchange.connection { connections.awaitsRequest(connection, now: now) }
    received.giveBack(exchange.bytesTaken)
    metrics.count(
      route: exchange.match?.index, status: exchange.status,
      nanoseconds: now - exchange.startedAt)
    log.answered(exchange, nanoseconds: now - exchange.startedAt)
    inFlight.ended(whole: exchange.isWhole)
  }

  // MARK: Parts

  static let stopping = HoldfastError(
    .stopping, "the server is stopping: try again in a second")

  /// The refusal when bodies take all of their memory.
  static let tooManyBodies = HoldfastError(
    .overloaded, "too many large requests are coming in: try again in a second")

  /// The description of the interface, made when it is first asked for.
  var descriptionBytes: [UInt8] {
    description.withLock { bytes in
      if bytes.isEmpty { bytes = HTTPAnswer.json(OpenAPI.document(of: router.routes)).body }
      return bytes
    }
  }

  private func settle(_ exchange: Exchange, _ error: HoldfastError) {
    exchange.settled = .refusal(error)
    exchange.body = []
    received.giveBack(exchange.bytesTaken)
    exchange.bytesTaken = 0
  }

  private func discard(_ count: Int, of exchange: Exchange) -> Bool {
    exchange.bytesDiscarded += count
    return exchange.bytesDiscarded <= Limits.discardedBytesMax
  }
}
