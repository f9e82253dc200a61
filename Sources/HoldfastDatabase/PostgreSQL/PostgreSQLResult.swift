internal import CPostgreSQL

/// The rows of one answer, and the one that is looked at.
final class PostgreSQLResult: Row {
  let pointer: OpaquePointer
  /// The row that is looked at, from 0.
  var row: Int32 = 0

  /// Takes over a result and frees it in the end.
  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
    columnCount = Int(holdfast_pg_column_count(pointer))
  }

  deinit { holdfast_pg_free(pointer) }

  /// Calls `body` for each row.
  func each(_ body: (any Row) throws -> Void) rethrows { try each(of: 0..<rowCount, body) }

  /// Calls `body` for each of these rows.
  func each(of rows: some Sequence<Int32>, _ body: (any Row) throws -> Void) rethrows {
    let before = row
    defer { row = before }
    for row in rows {
      // `body` may have gone through the same answer.
      self.row = row
      try body(self)
    }
  }

  var rowCount: Int32 { holdfast_pg_row_count(pointer) }

  /// The numbers of the last column, row by row; it is no column of the answer any more.
  func takeLastColumn() -> [Int64] {
    columnCount -= 1
    defer { row = 0 }
    return (0..<rowCount).map { row in
      self.row = row
      return int(columnCount)
    }
  }

  /// The bytes of all values.
  var byteCount: Int32 {
    var bytes = 0
    for row in 0..<rowCount {
      for column in 0..<Int32(columnCount) {
        bytes += Int(holdfast_pg_length(pointer, row, column))
      }
    }
    return Int32(clamping: bytes)
  }

  // Numbers of types in the server's catalogue, the same on every server
  // (https://github.com/postgres/postgres, src/include/catalog/pg_type.dat).
  private static let boolean: UInt32 = 16
  private static let bytea: UInt32 = 17
  private static let int8: UInt32 = 20
  private static let int2: UInt32 = 21
  private static let int4: UInt32 = 23

  private(set) var columnCount: Int

  func isNull(_ column: Int) -> Bool { holdfast_pg_is_null(pointer, row, Int32(column)) }

  /// Whole numbers come in network byte order, as wide as their type.
  func int(_ column: Int) -> Int64 {
    withBytes(column) { bytes in
      guard let first = bytes.first else { return 0 }
      let sign: Int64 = bytes.count > 1 && first >= 0x80 ? -1 : 0
      return bytes.reduce(sign) { $0 << 8 | Int64($1) }
    }
  }

  func text(_ column: Int) -> String {
    withBytes(column) { String(decoding: $0, as: UTF8.self) }
  }

  func bytes(_ column: Int) -> [UInt8] { withBytes(column) { Array($0) } }

  func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    let column = Int32(column)
    return try body(
      UnsafeRawBufferPointer(
        start: holdfast_pg_value(pointer, row, column),
        count: Int(holdfast_pg_length(pointer, row, column))))
  }

  func value(_ column: Int) -> SQLValue {
    guard !isNull(column) else { return .null }
    switch holdfast_pg_type(pointer, Int32(column)) {
    case Self.int8, Self.int4, Self.int2, Self.boolean: return .int(int(column))
    case Self.bytea: return .bytes(bytes(column))
    default: return .text(text(column))
    }
  }
}
