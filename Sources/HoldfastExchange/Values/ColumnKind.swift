internal import HoldfastDatabase
internal import HoldfastStore

/// What a column of the store holds, as other systems' files see it.
enum ColumnKind {
  case text
  case number
  /// Nanoseconds in the store, RFC 3339 outside.
  case time
}

extension Column {
  /// Times are named `..._at`; for the rest, the initial value tells, where there is one.
  var kind: ColumnKind {
    if name.hasSuffix("_at") { return .time }
    if name == "number" || name == "review_id" { return .number }
    return if case .int = initial { .number } else { .text }
  }
}

extension Table {
  /// The columns of a row that says nothing.
  var initialValues: [SQLValue] { columns.map(\.initial) }
}
