/// A statement that somebody wrote, to be read with and nothing else.
public struct ReportRequest: Sendable {
  /// One statement; its values stand as `?1`, or as `?` one behind the other.
  public var text: String
  public var values: [SQLValue]
  /// At most this many rows are given.
  public var rowsMax: Int
  /// The tables and views that it may read; the others are not there for it.
  public var visible: Set<String>
  /// Views that are there for this statement only, each with what it selects.
  public var views: [(name: String, select: String)] = []

  /// How long it may take, in nanoseconds.
  static let workMax: UInt64 = 5_000_000_000
  /// How many bytes of values are given.
  static let bytesMax = 8 * 1024 * 1024

  public init(text: String, values: [SQLValue], rowsMax: Int, visible: Set<String>) {
    self.text = text
    self.values = values
    self.rowsMax = rowsMax
    self.visible = visible
  }

  /// What stands before a statement so that the views are there.
  var prefix: String {
    guard !views.isEmpty else { return "" }
    return "WITH " + views.map { "\($0.name) AS (\($0.select))" }.joined(separator: ", ") + " "
  }
}

/// What a report found.
public struct ReportRows: Sendable {
  public var columns: [String] = []
  public var rows: [[ReportValue]] = []
  /// Whether there are more rows than were asked for, or than can be given.
  public var isTruncated = false
  private var bytes = 0

  /// No row.
  public init() {}

  /// Takes a row unless there is no room for it.
  ///
  /// - Returns: Whether there may be another one.
  mutating func take(_ row: [ReportValue], of request: ReportRequest) -> Bool {
    bytes += row.reduce(0) { $0 + $1.byteCount }
    guard rows.count < request.rowsMax, bytes <= ReportRequest.bytesMax || rows.isEmpty else {
      isTruncated = true
      return false
    }
    rows.append(row)
    return true
  }
}

/// A value of a report.
public enum ReportValue: Sendable, Equatable {
  case null
  case int(Int64)
  case real(Double)
  case text(String)
  case bytes([UInt8])

  var byteCount: Int {
    switch self {
    case .null, .int, .real: 8
    case .text(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    }
  }
}

/// Why a statement of a report cannot be run, in words for the one who wrote it.
public struct ReportRefusal: Error {
  public let message: String

  init(_ message: String) { self.message = message }
}
