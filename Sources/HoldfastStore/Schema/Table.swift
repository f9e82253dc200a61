public import HoldfastDatabase

/// One column of a table.
public struct Column: Sendable {
  /// The place in the table's declaration, from 0; the row's key is not counted.
  public let index: Int
  public let name: String
  /// The value of a new row that says nothing about the column; patches leave it out.
  public let initial: SQLValue
  /// Whether events say what is in it; else it follows from other rows, or ends by itself.
  public let isLogged: Bool
}

/// Some columns of a table, by their places; a table has at most 128.
struct ColumnSet: Hashable, Sendable, Sequence {
  private var bits: UInt128 = 0

  init() {}

  /// The first of them.
  init(first count: Int) { bits = count < 128 ? 1 << UInt128(count) - 1 : .max }

  var isEmpty: Bool { bits == 0 }
  var count: Int { bits.nonzeroBitCount }

  mutating func insert(_ place: Int) { bits |= 1 << UInt128(place) }
  func contains(_ place: Int) -> Bool { bits & 1 << UInt128(place) != 0 }
  func intersection(_ other: ColumnSet) -> ColumnSet {
    var both = self
    both.bits &= other.bits
    return both
  }

  /// From the smallest place on.
  func makeIterator() -> Iterator { Iterator(rest: bits) }

  struct Iterator: IteratorProtocol {
    fileprivate var rest: UInt128

    mutating func next() -> Int? {
      guard rest != 0 else { return nil }
      defer { rest &= rest - 1 }
      return rest.trailingZeroBitCount
    }
  }
}

/// A table of the log, declared once: every change of a row is a patch in an event, and the rows can be
/// rebuilt from those.
///
/// Every table has the integer key `id`.
public struct Table: Sendable {
  public let name: String
  public let columns: [Column]
  /// What a new row has in them.
  let initials: [SQLValue]
  /// The columns that events speak of.
  let logged: ColumnSet
  /// Asks for the key of the last row; `NULL` without one.
  let lastKey: SQL

  /// Declares a table.
  ///
  /// - Parameters:
  ///   - name: The table.
  ///   - columns: Its columns and what a new row has in them.
  ///   - kept: Columns behind those that no event speaks of: they can be made again from the rows, or
  ///     end by themselves, as a lease does.
  public init(_ name: String, _ columns: [(String, SQLValue)], kept: [(String, SQLValue)] = []) {
    self.name = name
    lastKey = SQL("SELECT max(id) FROM \(name)")
    self.columns = (columns + kept).enumerated().map {
      Column(
        index: $0.offset, name: $0.element.0, initial: $0.element.1,
        isLogged: $0.offset < columns.count)
    }
    initials = self.columns.map(\.initial)
    logged = ColumnSet(first: columns.count)
  }

  /// `id` and all columns in order, as ``Record/init(row:)`` reads them.
  public var columnList: String {
    (["id"] + columns.map(\.name)).map { "\(name).\($0)" }.joined(separator: ", ")
  }

  /// The column's place, for hand-written SQL and folds.
  public func column(named name: String) -> Column? { columns.first { $0.name == name } }
}

/// A row as a value: what operations read, change and hand back to be written.
public protocol Record: Sendable {
  static var table: Table { get }

  /// The row's key; 0 for a row that is not written yet.
  var id: Int64 { get set }

  /// Decodes a row of ``Table/columnList``.
  init(row: any Row)

  /// The columns in the table's order.
  var values: [SQLValue] { get }

  /// The row as it is now, where an operation changes kept columns behind the back of those who have
  /// read it.
  func current(in changes: Changes) throws -> Self

  /// Sets what follows from a change of this row in the row itself, before it is written.
  ///
  /// - Parameter old: The row as it was; nil for a new one.
  mutating func settle(from old: Self?, in changes: Changes) throws

  /// Brings the kept columns of other rows up to date once this row is written.
  ///
  /// - Parameters:
  ///   - old: The row as it was; nil for a new one.
  ///   - new: The row as it is; nil for one that was deleted.
  static func wrote(_ old: Self?, _ new: Self?, in changes: Changes) throws
}

extension Record {
  public func current(in changes: Changes) throws -> Self { self }
  public mutating func settle(from old: Self?, in changes: Changes) throws {}
  public static func wrote(_ old: Self?, _ new: Self?, in changes: Changes) throws {}
}

extension Record {
  /// The columns in which two rows differ.
  static func difference(_ before: [SQLValue], _ after: [SQLValue]) -> ColumnSet {
    var set = ColumnSet()
    for place in after.indices where before[place] != after[place] { set.insert(place) }
    return set
  }
}
