public import HoldfastDatabase
internal import HoldfastJSON

/// Rows rebuilt from the log: the patches of events, applied in the order of their numbers.
///
/// It knows tables and columns, and no operation: what an event was for does not matter here.
public struct Fold: Sendable {
  /// One row of a logged table.
  public struct RowKey: Hashable, Sendable {
    /// The table's place in ``Tables/logged``.
    public let table: Int
    public let id: Int64

    public init(table: Int, id: Int64) {
      self.table = table
      self.id = id
    }
  }

  /// Why an event's patches cannot be applied.
  public struct Unreadable: Error, Sendable {
    /// The end of a sentence that begins with the event.
    public let reason: String
  }

  /// The rows that exist after the events so far, with the columns in their table's order.
  public private(set) var rows: [RowKey: [SQLValue]] = [:]

  public init() {}

  /// Forgets a row; what later patches say about it starts from a new row.
  mutating func take(_ key: RowKey) -> [SQLValue]? { rows.removeValue(forKey: key) }

  /// Applies the patches of one event.
  ///
  /// - Parameters:
  ///   - data: The event's JSON.
  ///   - wanted: The rows to follow; nil for all.
  /// - Returns: The hash of the text that the event sets; nil when it sets none.
  /// - Throws: ``Unreadable`` when the JSON is damaged or names what no table has. The patches
  ///   before that place are applied then.
  @discardableResult
  public mutating func apply(_ data: UnsafeRawBufferPointer, only wanted: Set<RowKey>? = nil)
    throws(Unreadable) -> Int64?
  {
    let event: JSON
    do {
      event = try JSONReader.read(data)
    } catch {
      throw Unreadable(reason: "its data is not JSON: \(error)")
    }
    guard case .array(let patches)? = event["rows"] else {
      throw Unreadable(reason: "its data holds no list of rows")
    }
    for patch in patches { try apply(patch, only: wanted) }
    return event["content_hash"]?.int64Value
  }

  /// Applies the event whose JSON is in a column of a row.
  mutating func apply(_ row: any Row, _ column: Int, only wanted: Set<RowKey>? = nil)
    -> Result<Int64?, Unreadable>
  {
    row.withBytes(column) { data in
      do throws(Unreadable) {
        return .success(try apply(data, only: wanted))
      } catch {
        return .failure(error)
      }
    }
  }

  private mutating func apply(_ patch: JSON, only wanted: Set<RowKey>?) throws(Unreadable) {
    guard case .array(let parts) = patch, parts.count == 3, let name = parts[0].stringValue,
      let id = parts[1].int64Value
    else { throw Unreadable(reason: "one of its patches is not [table, key, columns]") }
    guard let layout = Self.layouts[name] else {
      throw Unreadable(reason: "it changes the unknown table \(name)")
    }
    let key = RowKey(table: layout.index, id: id)
    if let wanted, !wanted.contains(key) { return }
    switch parts[2] {
    case .null: rows[key] = nil
    case .object(let columns):
      var values = rows.removeValue(forKey: key) ?? layout.initial
      for member in columns.members {
        guard let column = layout.columns[member.key] else {
          throw Unreadable(reason: "it changes the unknown column \(name).\(member.key)")
        }
        values[column] = try Self.value(member.value)
      }
      rows[key] = values
    default: throw Unreadable(reason: "one of its patches holds no columns")
    }
  }

  private static func value(_ json: JSON) throws(Unreadable) -> SQLValue {
    switch json {
    case .null: return .null
    case .string(let text): return .text(text)
    case .number(let number):
      guard let value = number.int64 else {
        throw Unreadable(reason: "the number \(number) in it is beyond 64 bits")
      }
      return .int(value)
    default: throw Unreadable(reason: "a column in it is \(json.kind)")
    }
  }

  private struct Layout: Sendable {
    let index: Int
    let columns: [String: Int]
    let initial: [SQLValue]
  }

  private static let layouts = Dictionary(
    uniqueKeysWithValues: Tables.logged.enumerated().map { index, table in
      (
        table.name,
        Layout(
          index: index,
          columns: Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name, $0.index) }),
          initial: table.columns.map(\.initial))
      )
    })
}
