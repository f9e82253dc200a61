public import HoldfastDatabase

/// A question for the rows of one table that have given values in some columns.
///
/// Its conditions are data: they make the SQL, and they tell which rows that a transaction writes belong
/// to an answer that it has already (``RowMemory``).
public struct Lookup<R: Record>: Sendable {
  /// What holds for every row of an answer.
  public enum Condition: Sendable {
    case isNull(String)
    case isNotNull(String)
    case isOneOf(String, [String])
    /// As the condition of an index says it: SQLite does not see that a bound value is not empty.
    case isNotEmpty(String)
  }

  /// Where a value stands in a row.
  enum Place: Sendable {
    case id
    case column(Int)

    func value(_ id: Int64, _ values: [SQLValue]) -> SQLValue {
      switch self {
      case .id: .int(id)
      case .column(let index): values[index]
      }
    }
  }

  /// What a condition says of a row's value.
  private enum Test {
    case isOneOf([SQLValue])
    case isNotNull
    case isNotEmpty

    func holds(_ value: SQLValue) -> Bool {
      switch self {
      case .isOneOf(let values): values.contains(value)
      case .isNotNull: value != .null
      case .isNotEmpty: value != .text("")
      }
    }
  }

  private let sql: DialectSQL
  private let isThere: DialectSQL
  private let count: DialectSQL
  private let given: [Place]
  private let conditions: [(place: Place, test: Test)]
  private let order: [Place]
  /// Whether an answer has no more rows than are asked for: their number is the last value bound.
  let isLimited: Bool

  /// Declares a lookup; once, as a `static let`.
  ///
  /// - Parameters:
  ///   - given: The columns whose values are bound, in this order.
  ///   - conditions: What else holds for each row.
  ///   - order: The columns of numbers by which the rows come, smallest first and `id` last; none for any
  ///     order.
  ///     With an order, an answer is limited.
  ///   - sql: The statement where it is not the plain one: its rows are those of the plain one.
  public init(
    by given: [String], where conditions: [Condition] = [], order: [String] = [],
    sql: ((Dialect) -> String)? = nil
  ) {
    self.given = given.map(Self.place)
    self.conditions = conditions.map { condition in
      switch condition {
      case .isNull(let name): (Self.place(name), .isOneOf([.null]))
      case .isNotNull(let name): (Self.place(name), .isNotNull)
      case .isOneOf(let name, let texts):
        (Self.place(name), .isOneOf(texts.map(SQLValue.text)))
      case .isNotEmpty(let name): (Self.place(name), .isNotEmpty)
      }
    }
    self.order = order.map(Self.place)
    isLimited = !order.isEmpty
    let plain = Self.plain(given, conditions, order)
    self.sql = DialectSQL { sql?($0) ?? plain }
    isThere = DialectSQL { "SELECT 1 FROM (\(sql?($0) ?? plain)) AS found LIMIT 1" }
    count = DialectSQL { "SELECT count(*) FROM (\(sql?($0) ?? plain)) AS found" }
  }

  private static func place(_ name: String) -> Place {
    R.table.column(named: name).map { .column($0.index) } ?? .id
  }

  /// One `SELECT` for each value of a condition with several, because an index may hold the rows of one
  /// value alone.
  private static func plain(_ given: [String], _ conditions: [Condition], _ order: [String])
    -> String
  {
    let table = R.table
    var terms = [given.enumerated().map { "\(table.name).\($0.element) = ?\($0.offset + 1)" }]
    for condition in conditions {
      switch condition {
      case .isNull(let name): terms = terms.map { $0 + ["\(table.name).\(name) IS NULL"] }
      case .isNotNull(let name): terms = terms.map { $0 + ["\(table.name).\(name) IS NOT NULL"] }
      case .isOneOf(let name, let texts):
        terms = terms.flatMap { term in texts.map { term + ["\(table.name).\(name) = '\($0)'"] } }
      case .isNotEmpty(let name): terms = terms.map { $0 + ["\(table.name).\(name) <> ''"] }
      }
    }
    let selects = terms.map {
      "SELECT \(table.columnList) FROM \(table.name) WHERE \($0.joined(separator: " AND "))"
    }
    let end =
      order.isEmpty
      ? "" : " ORDER BY \(order.joined(separator: ", ")) LIMIT ?\(given.count + 1)"
    return selects.joined(separator: " UNION ALL ") + end
  }

  /// The statement that asks the database.
  func sql(_ dialect: Dialect) -> SQL { sql[dialect] }

  /// The statement that asks whether there is a row at all; only of a lookup without a limit.
  func isThere(_ dialect: Dialect) -> SQL { isThere[dialect] }

  /// The statement that counts the rows; only of a lookup without a limit.
  func count(_ dialect: Dialect) -> SQL { count[dialect] }

  /// The values by which the row is found; nil when it is in no answer.
  func key(_ id: Int64, _ values: [SQLValue]) -> [SQLValue]? {
    for (place, test) in conditions where !test.holds(place.value(id, values)) {
      return nil
    }
    return given.map { $0.value(id, values) }
  }

  /// What a row is ordered by, in a limited answer; nothing in others.
  func rank(_ id: Int64, _ values: [SQLValue]) -> [Int64] {
    order.map {
      if case .int(let number) = $0.value(id, values) { number } else { .min }
    }
  }
}
