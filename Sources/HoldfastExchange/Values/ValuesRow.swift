internal import HoldfastDatabase

/// A row that comes from another system's file instead of a query, so that records decode from it as
/// they do from the store.
final class ValuesRow: Row {
  private let values: [SQLValue]

  /// A row that has no key yet.
  ///
  /// - Parameter columns: The columns in the table's order.
  init(columns: [SQLValue]) {
    values = [.int(0)] + columns
  }

  var columnCount: Int { values.count }

  func isNull(_ column: Int) -> Bool { values[column] == .null }

  func int(_ column: Int) -> Int64 {
    guard case .int(let number) = values[column] else { return 0 }
    return number
  }

  func text(_ column: Int) -> String {
    guard case .text(let text) = values[column] else { return "" }
    return text
  }

  func bytes(_ column: Int) -> [UInt8] {
    switch values[column] {
    case .bytes(let bytes): bytes
    case .text(let text): Array(text.utf8)
    default: []
    }
  }

  func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try bytes(column).withUnsafeBytes(body)
  }

  func value(_ column: Int) -> SQLValue { values[column] }
}
