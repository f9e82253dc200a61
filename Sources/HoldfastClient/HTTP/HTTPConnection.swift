internal import HoldfastModel

/// One connection to a server, kept open between requests.
///
/// Not thread safe: a command uses it from one thread.
protocol HTTPConnection: AnyObject {
  /// Sends a request and waits for the whole answer.
  ///
  /// - Parameters:
  ///   - path: The path below the server's address, encoded.
  ///   - seconds: How long the server may say nothing before it counts as gone.
  func send(
    _ method: String, _ path: String, body: [UInt8]?, headers: [(String, String)], seconds: Int
  ) throws(HTTPTransportError) -> HTTPAnswer
}

/// A request that could not be sent or whose answer did not come.
public struct HTTPTransportError: Error {
  public let message: String
  /// Whether the server cannot have seen any of the request.
  public let isBeforeSending: Bool
  /// Whether the server said nothing for as long as it may.
  public let isTimeout: Bool

  public init(message: String, isBeforeSending: Bool, isTimeout: Bool = false) {
    self.message = message
    self.isBeforeSending = isBeforeSending
    self.isTimeout = isTimeout
  }
}

/// An answer of a server.
public struct HTTPAnswer: Sendable {
  public var status: Int
  public var body: [UInt8]
}

/// Where a server is.
enum HTTPEndpoint: Sendable {
  /// `http://host:7433`, without a slash at the end.
  case url(String)
  /// The unix socket of the server that holds a store of this machine.
  case unixSocket(String)

  /// What messages call it.
  var name: String {
    switch self {
    case .url(let url): url
    case .unixSocket(let path): path
    }
  }

  /// A connection, which is opened by its first request.
  ///
  /// - Throws: ``HoldfastError`` when libcurl cannot start.
  func connection() throws(HoldfastError) -> any HTTPConnection {
    switch self {
    case .url(let url): try CurlConnection(to: url)
    case .unixSocket(let path): SocketConnection(unixSocket: path)
    }
  }
}
