/// The limits of the server, each with a name and a test at N and N+1.
public struct Limits: Sendable {
  /// The text of a task, in bytes.
  public static let contentBytesMax = 16 * 1024 * 1024
  /// The body of an attachment as JSON, in bytes: the most content in base64, and the other fields.
  public static let attachmentBytesMax = contentBytesMax / 3 * 4 + 64 * 1024
  /// Any other body, in bytes.
  public static let jsonBytesMax = 8 * 1024 * 1024
  /// The levels of nesting in JSON; each level of a tree of tasks takes two.
  public static let jsonDepthMax = 256
  /// The values in one JSON body, each member and element counted.
  public static let jsonValuesMax = 250_000
  /// The request's target and all headers, in bytes; four more count for each line.
  public static let headerBytesMax = 16 * 1024
  /// The length of an idempotency key, in bytes.
  public static let idempotencyKeyBytesMax = 255
  /// The length of a client's own request id, in bytes.
  public static let requestIDBytesMax = 128

  /// Connections that are answered at once; the next ones are told to come again.
  public var connectionsMax = 1024
  /// Seconds without a byte after which a connection is closed.
  public var idleSeconds = 60
  /// Seconds from the request line until all of the request must be there, and from the first byte
  /// of an answer until it must be taken; a large answer has more time, see
  /// ``answerBytesPerSecondMin``.
  public var requestSeconds = 120
  /// The slowest pace, in bytes a second, at which a large answer may be taken.
  public var answerBytesPerSecondMin = 64 * 1024
  /// Bytes of memory that all larger bodies being received may take together.
  public var receivedBytesMax = 128 * 1024 * 1024
  /// Bytes of memory that all larger answers being sent may take together.
  public var sentBytesMax = 256 * 1024 * 1024

  /// Answers that are sent bit by bit, as things happen, at once; the next ones are refused.
  public var streamsMax = 256
  /// Seconds without a word after which such an answer says that it goes on.
  public var streamSilenceSeconds = 15

  /// The limits that hold when the configuration says nothing else.
  public init() {}

  /// Files that a server with these limits may have open at once, sockets among them.
  public var openFilesMax: Int {
    // For each of two sockets its connections, and for each of its threads an epoll, an event, and a
    // reader with file and log; the store's own, and some to spare.
    2 * (connectionsMax + Self.refusedConnectionsMax + 4 * threads) + 64
  }

  /// Makes these limits fit into a number of open files: fewer connections, but one in any case.
  public mutating func fit(openFiles: Int) {
    while connectionsMax > 1, openFilesMax > openFiles { connectionsMax -= 1 }
  }

  /// Bodies and answers up to this many bytes count for no budget: the connections bound them.
  static let smallBytesMax = 16 * 1024
  /// The memory that one value of a JSON body takes at most, beside its text.
  static let bytesPerValue = 200
  /// What may wait to be taken by the client of an answer that is sent bit by bit, in bytes; a single
  /// message may be longer.
  static let streamBytesMax = 256 * 1024
  /// A list that is longer than this many bytes is sent while it is read.
  static let wholeBytesMax = 8 * 1024 * 1024
  /// Bytes of a refused body that are read away so that its client gets to read the refusal.
  static let discardedBytesMax = 64 * 1024 * 1024
  /// Memory of one connection for its request's head and parsed headers.
  ///
  /// Above 32 KB libmicrohttpd maps it, so that a connection holds the pages it has touched alone, and its end frees them.
  static let connectionBytesMax = 36 * 1024
  /// Connections beyond the limit that are still told so; others wait to be accepted.
  static let refusedConnectionsMax = 64
  /// libmicrohttpd hangs when one of its threads has 128 connections or more.
  static let connectionsPerThreadMax = 120

  var threads: Int {
    let connections = connectionsMax + Self.refusedConnectionsMax
    return max(4, (connections + Self.connectionsPerThreadMax - 1) / Self.connectionsPerThreadMax)
  }
}
