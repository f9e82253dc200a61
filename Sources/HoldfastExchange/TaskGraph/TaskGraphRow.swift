internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

/// A row of a table of task-graph-mcp, from a database or from a snapshot.
struct TaskGraphRow {
  let values: [String: ForeignValue]

  /// Whether the row says anything there.
  func has(_ column: String) -> Bool {
    switch values[column] {
    case nil, .null?: false
    default: true
    }
  }

  /// - Throws: ``HoldfastError`` for U+0000 in it, which no text here can have.
  func text(_ column: String) throws(HoldfastError) -> String {
    let text =
      switch values[column] {
      case nil, .null?: ""
      case .int(let number)?: String(number)
      case .real(let number)?: String(number)
      case .bytes(let bytes)?: String(decoding: bytes, as: UTF8.self)
      }
    guard !text.utf8.contains(0) else {
      throw HoldfastError(.invalidField, "\(column) must not contain the character U+0000")
    }
    return text
  }

  func int(_ column: String) throws(HoldfastError) -> Int64? {
    switch values[column] {
    case nil, .null?: return nil
    case .int(let number)?: return number
    case .real(let number)?:
      if let whole = Int64(exactly: number.rounded()) { return whole }
    case .bytes?:
      let text = try text(column)
      if text.isEmpty { return nil }
      if let whole = Int64(text) { return whole }
    }
    throw HoldfastError(.invalidField, "\(column) is not a whole number")
  }

  /// Reads seconds or milliseconds, by their size.
  func time(_ column: String) throws(HoldfastError) -> Timestamp? {
    switch values[column] {
    case nil, .null?: return nil
    case .int(let number)?:
      if let read = ForeignTime.read(number) { return read.time }
    case .real(let number)?:
      if let read = ForeignTime.read(number) { return read.time }
    case .bytes?:
      if let read = ForeignTime.read(try text(column)) { return read.time }
    }
    throw HoldfastError(.invalidField, "\(column) is not a time")
  }

  /// A JSON text; nil for none.
  func json(_ column: String) throws(HoldfastError) -> JSON? {
    let text = try text(column)
    guard !text.isEmpty, text != "null" else { return nil }
    do {
      return try JSONReader.read(Array(text.utf8))
    } catch {
      throw HoldfastError(.invalidField, "\(column) is not JSON: \(error)")
    }
  }

  /// An amount of dollars, in millionths.
  func micros(_ column: String) throws(HoldfastError) -> Int64 {
    let dollars: Double
    switch values[column] {
    case nil, .null?: return 0
    case .int(let number)?: dollars = Double(number)
    case .real(let number)?: dollars = number
    case .bytes?: dollars = Double(try text(column)) ?? .nan
    }
    guard dollars.isFinite, let micros = Int64(exactly: (dollars * 1_000_000).rounded()),
      micros >= 0
    else { throw HoldfastError(.invalidField, "\(column) is not an amount of dollars") }
    return micros
  }
}
