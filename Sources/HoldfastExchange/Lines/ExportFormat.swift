internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// The first line of an export.
enum ExportHeader {
  static let version: Int64 = 2
  /// How every export begins, to the byte.
  static let start = #"{"type":"holdfast_export""#
}

/// Rows as lines of an export: a key for each column that is not at its initial value, in the names
/// of the store's columns, which are those of the wire; times as RFC 3339.
enum ExportedRow {
  /// Columns that mean something in one store only.
  private static let left: Set<String> = [
    "project", "task", "content", "content_bytes", "revision", "alias_of", "claim", "lease_until",
    "parent", "joined",
  ]

  /// The key of a column; `type` is that of the line, which a row inside of one does not have.
  private static func key(_ column: Column, _ table: Table) -> String {
    switch column.name {
    case "type" where table.name == Signal.table.name: "signal_type"
    case "happened_at": "timestamp"
    default: column.name
    }
  }

  static func write<R: Record>(_ record: R, to json: inout JSONWriter) {
    let values = record.values
    for column in R.table.columns where column.isLogged && !left.contains(column.name) {
      let value = values[column.index]
      guard value != column.initial else { continue }
      json.key(key(column, R.table))
      switch (value, column.kind) {
      case (.int(let number), .time): json.string(Timestamp(nanoseconds: number).description)
      case (.int(let number), _): json.int(number)
      case (.text(let text), _): json.string(text)
      default: json.null()
      }
    }
  }

  /// Reads what ``write(_:to:)`` wrote; unknown keys are left to the caller.
  ///
  /// - Throws: ``HoldfastError`` naming the key whose value is of another type.
  static func read<R: Record>(_ type: R.Type, _ object: JSONObject) throws(HoldfastError) -> R {
    var values = R.table.initialValues
    for column in R.table.columns where column.isLogged && !left.contains(column.name) {
      guard let json = object[key(column, R.table)] else { continue }
      values[column.index] = try value(json, column)
    }
    return R(row: ValuesRow(columns: values))
  }

  private static func value(_ json: JSON, _ column: Column) throws(HoldfastError) -> SQLValue {
    switch (json, column.kind) {
    case (.null, _): return column.initial
    case (.string(let text), .time):
      return .optional(try Timestamp.parse(text)?.nanoseconds)
    case (.string(let text), .text):
      guard !text.utf8.contains(0) else {
        throw HoldfastError(.invalidField, "\(column.name) must not contain the character U+0000")
      }
      return .text(text)
    case (.number(let number), .number):
      guard let whole = number.int64 else { break }
      return .int(whole)
    default: break
    }
    throw HoldfastError(.invalidField, "\(column.name) must not be \(json.kind)")
  }
}
