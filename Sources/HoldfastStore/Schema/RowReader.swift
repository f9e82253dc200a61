internal import HoldfastDatabase
internal import HoldfastModel

/// Reads a row's columns one after the other.
struct RowReader {
  private let row: any Row
  private var column = 0

  init(_ row: any Row) { self.row = row }

  mutating func int() -> Int64 {
    defer { column += 1 }
    return row.int(column)
  }

  mutating func optionalInt() -> Int64? {
    defer { column += 1 }
    return row.optionalInt(column)
  }

  mutating func text() -> String {
    defer { column += 1 }
    return row.text(column)
  }

  mutating func optionalText() -> String? {
    defer { column += 1 }
    return row.optionalText(column)
  }

  mutating func bool() -> Bool { int() != 0 }

  mutating func time() -> Timestamp? { optionalInt().map(Timestamp.init(nanoseconds:)) }
}

extension SQLValue {
  /// Nanoseconds, or `NULL` for an unset time.
  static func time(_ time: Timestamp?) -> SQLValue { .optional(time?.nanoseconds) }
  static func bool(_ value: Bool) -> SQLValue { .int(value ? 1 : 0) }
}
