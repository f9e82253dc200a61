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
  /// Times are mostly named `..._at`; for the rest, the initial value tells, where there is one.
  var kind: ColumnKind {
    if name.hasSuffix("_at") || ["at", "active_since", "defer_until"].contains(name) {
      return .time
    }
    if ["number", "review_id", "points", "estimate_ms"].contains(name) { return .number }
    return if case .int = initial { .number } else { .text }
  }
}

extension Table {
  /// The columns of a row that says nothing.
  var initialValues: [SQLValue] { columns.map(\.initial) }
}
