/// The limits of the server, each with a name and a test at N and N+1.
public struct Limits: Sendable {
  /// The text of a task, in bytes.
  public static let contentBytesMax = 16 * 1024 * 1024
  /// Any other body, in bytes.
  public static let jsonBytesMax = 8 * 1024 * 1024
  /// The levels of nesting in JSON.
  public static let jsonDepthMax = 128
  /// The request's target and all headers, in bytes; four more count for each line.
  public static let headerBytesMax = 16 * 1024
  /// The length of an idempotency key, in bytes.
  public static let idempotencyKeyBytesMax = 255
  /// The length of a client's own request id, in bytes.
  public static let requestIDBytesMax = 128

  /// Connections that are answered at once; the next ones are told to come again.
  public var connectionsMax = 1200
  /// Seconds without a byte after which a connection is closed.
  public var idleSeconds = 60
  /// Seconds from the request line until all of the request must be there, and from the first byte
  /// of an answer until it must be taken; a large answer has more time, see
  /// ``answerBytesPerSecondMin``.
  public var requestSeconds = 60
  /// The slowest pace, in bytes a second, at which a large answer may be taken.
  public var answerBytesPerSecondMin = 64 * 1024
  /// Bytes of memory that all larger bodies being received may take together.
  public var receivedBytesMax = 128 * 1024 * 1024
  /// Bytes of memory that all larger answers being sent may take together.
  public var sentBytesMax = 256 * 1024 * 1024

  /// The limits that hold when the configuration says nothing else.
  public init() {}

  /// Bodies and answers up to this many bytes count for no budget: the connections bound them.
  static let smallBytesMax = 16 * 1024
  /// A list that is longer than this many bytes is sent while it is read.
  static let wholeBytesMax = 8 * 1024 * 1024
  /// Bytes of a refused body that are read away so that its client gets to read the refusal.
  static let discardedBytesMax = 64 * 1024 * 1024
  /// Memory of one connection for its request's head and parsed headers.
  static let connectionBytesMax = 32 * 1024
  /// Connections beyond the limit that are still told so; others wait to be accepted.
  static let refusedConnectionsMax = 64
  /// libmicrohttpd hangs when one of its threads has 128 connections or more.
  static let connectionsPerThreadMax = 120

  var threads: Int {
    let connections = connectionsMax + Self.refusedConnectionsMax
    return max(4, (connections + Self.connectionsPerThreadMax - 1) / Self.connectionsPerThreadMax)
  }
}
