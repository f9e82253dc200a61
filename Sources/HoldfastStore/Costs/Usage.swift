internal import HoldfastDatabase
public import HoldfastModel

/// What work has used up: tokens of six kinds, and money.
public struct Usage: Sendable, Equatable {
  public var tokensIn: Int64 = 0
  public var tokensCached: Int64 = 0
  public var tokensOut: Int64 = 0
  public var tokensThinking: Int64 = 0
  public var tokensImage: Int64 = 0
  public var tokensAudio: Int64 = 0
  /// In millionths of a dollar.
  public var costMicros: Int64 = 0

  public init() {}

  /// The counters and the columns that they stand in, in their order.
  static let counters: [(column: String, path: any WritableKeyPath<Usage, Int64> & Sendable)] = [
    ("tokens_in", \.tokensIn), ("tokens_cached", \.tokensCached), ("tokens_out", \.tokensOut),
    ("tokens_thinking", \.tokensThinking), ("tokens_image", \.tokensImage),
    ("tokens_audio", \.tokensAudio), ("cost_micros", \.costMicros),
  ]

  /// Refuses numbers that no operation would have written: of a row that comes from elsewhere.
  func checkNumbers() throws(HoldfastError) {
    for (name, path) in Self.counters where self[keyPath: path] < 0 {
      throw HoldfastError(.invalidField, "\(name) must be at least 0, not \(self[keyPath: path])")
    }
  }

  static let columns: [(String, SQLValue)] = counters.map { ($0.column, .int(0)) }

  public init(reading fields: inout Fields) throws(HoldfastError) {
    tokensIn = try fields.value("tokens_in", "Tokens read.", in: 0...(.max), default: 0)
    tokensCached = try fields.value(
      "tokens_cached", "Tokens read from a cache.", in: 0...(.max), default: 0)
    tokensOut = try fields.value("tokens_out", "Tokens written.", in: 0...(.max), default: 0)
    tokensThinking = try fields.value(
      "tokens_thinking", "Tokens thought.", in: 0...(.max), default: 0)
    tokensImage = try fields.value("tokens_image", "Tokens of images.", in: 0...(.max), default: 0)
    tokensAudio = try fields.value("tokens_audio", "Tokens of sound.", in: 0...(.max), default: 0)
    costMicros =
      try fields.value(
        "cost_usd", "Dollars, exact to a millionth: a number, or a text that is one.",
        default: Dollars.zero
      ).micros
  }

  init(reading columns: inout RowReader) {
    tokensIn = columns.int()
    tokensCached = columns.int()
    tokensOut = columns.int()
    tokensThinking = columns.int()
    tokensImage = columns.int()
    tokensAudio = columns.int()
    costMicros = columns.int()
  }

  func write(to out: inout RowWriter) {
    out.int(tokensIn)
    out.int(tokensCached)
    out.int(tokensOut)
    out.int(tokensThinking)
    out.int(tokensImage)
    out.int(tokensAudio)
    out.int(costMicros)
  }

  /// The sum of both.
  ///
  /// - Throws: 400 when a counter would leave 64 bits.
  func adding(_ other: Usage) throws(HoldfastError) -> Usage {
    var sum = self
    for (column, path) in Self.counters {
      let (value, isTooLarge) = self[keyPath: path].addingReportingOverflow(other[keyPath: path])
      guard !isTooLarge else {
        let name = path == \.costMicros ? "cost_usd" : column
        throw FieldPosition(name).invalid(
          "\(name): the task's counter would leave 64 bits with that")
      }
      sum[keyPath: path] = value
    }
    return sum
  }

  func write(_ out: inout ObjectWriter) {
    out.field("tokens_in", tokensIn, "Tokens read.")
    out.field("tokens_cached", tokensCached, "Tokens read from a cache.")
    out.field("tokens_out", tokensOut, "Tokens written.")
    out.field("tokens_thinking", tokensThinking, "Tokens thought.")
    out.field("tokens_image", tokensImage, "Tokens of images.")
    out.field("tokens_audio", tokensAudio, "Tokens of sound.")
    out.field("cost_usd", Dollars(micros: costMicros).number, "Dollars, exact to a millionth.")
  }
}
