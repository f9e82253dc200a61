internal import CMicroHTTPD
internal import HoldfastDatabase
internal import HoldfastStore
private import Synchronization

/// One request and its answer, from the request line to the last byte of the answer.
///
/// `@unchecked Sendable`, at the boundary to C: libmicrohttpd calls the handlers of one connection on
/// one thread, so everything but ``finished`` is confined to that thread. That is left by
/// another thread while the connection is suspended.
final class Exchange: @unchecked Sendable {
  /// The request target as the client sent it, not decoded.
  let target: [UInt8]
  let connection: ConnectionRegistry.Connection?
  let startedAt: UInt64
  var method = Method.get
  /// The headers' texts live as long as the exchange.
  var headers = holdfast_mhd_headers()
  var match: RouteMatch?
  /// The answer when it is known before the body is there, which is then read away.
  var settled: HTTPAnswer?
  var body: [UInt8] = []
  var bodyBytesMax = 0
  /// Bytes of the body that were read away.
  var bytesDiscarded = 0
  /// Bytes of the budget of bodies that this one has taken.
  var bytesTaken = 0
  var stage = Stage.new
  /// Whether all of it has come in.
  var isWhole = false
  /// The status of the answer, for the log and the metrics; nil when libmicrohttpd answered, or
  /// nobody.
  var status: Int?
  var requestID = ""

  private let end = Mutex<Result<Reply, any Error>?>(nil)
  /// The answer of another door.
  var response: DoorResponse?

  /// How far the exchange has come.
  enum Stage {
    case new
    case receiving
    case suspended
    case answered
  }

  init(target: [UInt8], connection: ConnectionRegistry.Connection?, startedAt: UInt64) {
    self.target = target
    self.connection = connection
    self.startedAt = startedAt
  }

  /// The end of the write, left by the writer's thread.
  var finished: Result<Reply, any Error>? {
    get { end.withLock { $0 } }
    set { end.withLock { $0 = newValue } }
  }
}
