internal import HoldfastDatabase
internal import HoldfastModel

/// Takes the values of a row of many columns one after the other, in memory that is asked for once.
struct RowWriter {
  private(set) var values: [SQLValue] = []

  init(columns: Int) { values.reserveCapacity(columns) }

  mutating func int(_ value: Int64) { values.append(.int(value)) }
  mutating func optionalInt(_ value: Int64?) { values.append(.optional(value)) }
  mutating func text(_ value: String) { values.append(.text(value)) }
  mutating func optionalText(_ value: String?) { values.append(.optional(value)) }
  mutating func bool(_ value: Bool) { values.append(.bool(value)) }
  mutating func time(_ value: Timestamp?) { values.append(.time(value)) }
}
