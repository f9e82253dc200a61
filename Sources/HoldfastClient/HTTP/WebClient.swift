public import HoldfastModel

/// A client of any HTTP address, for what is no operation.
public final class WebClient {
  private let connection: any HTTPConnection

  /// - Parameter url: The address without what differs between requests.
  /// - Throws: ``HoldfastError`` when libcurl cannot start.
  public init(url: String) throws(HoldfastError) {
    connection = try HTTPEndpoint.url(url).connection()
  }

  /// Sends a request and waits for the whole answer.
  ///
  /// - Parameters:
  ///   - path: What follows the address, encoded.
  ///   - seconds: How long the server may say nothing before it counts as gone.
  public func send(
    _ method: String, _ path: String = "", body: [UInt8]? = nil,
    headers: [(String, String)] = [], seconds: Int
  ) throws(HTTPTransportError) -> HTTPAnswer {
    try connection.send(method, path, body: body, headers: headers, seconds: seconds)
  }
}
