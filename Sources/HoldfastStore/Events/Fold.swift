public import HoldfastDatabase
internal import HoldfastJSON

/// Rows rebuilt from the log: the patches of events.
///
/// It knows tables and columns, and no operation: what an event was for does not matter here. The
/// events of one task come in the order of their numbers. Those of several tasks may come one task
/// after the other: where a row's key was given out again after a delete, the newest event counts.
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

  /// A row as the events so far leave it.
  private struct Row {
    /// The last event that changed it.
    var sequence: Int64
    /// Its columns in their table's order.
    var values: [SQLValue]
  }

  private var rows: [RowKey: Row] = [:]

  public init() {}

  /// The rows that exist after the events so far.
  public var keys: some Sequence<RowKey> { rows.keys }

  /// The columns of a row in their table's order; nil when it does not exist.
  public subscript(key: RowKey) -> [SQLValue]? { rows[key]?.values }

  /// Forgets a row; what later patches say about it starts from a new row.
  mutating func take(_ key: RowKey) -> [SQLValue]? { rows.removeValue(forKey: key)?.values }

  /// Applies the patches of one event.
  ///
  /// - Parameters:
  ///   - data: The event's JSON.
  ///   - sequence: The event's number.
  ///   - wanted: The rows to follow; nil for all.
  /// - Returns: The hash of the text that the event sets; nil when it sets none.
  /// - Throws: ``Unreadable`` when the JSON is damaged or names what no table has. The patches
  ///   before that place are applied then.
  @discardableResult
  public mutating func apply(
    _ data: UnsafeRawBufferPointer, of sequence: Int64, only wanted: Set<RowKey>? = nil
  ) throws(Unreadable) -> Int64? {
    let event: JSON
    do {
      event = try JSONReader.read(data)
    } catch {
      throw Unreadable(reason: "its data is not JSON: \(error)")
    }
    guard case .array(let patches)? = event["rows"] else {
      throw Unreadable(reason: "its data holds no list of rows")
    }
    for patch in patches { try apply(patch, of: sequence, only: wanted) }
    return event["content_hash"]?.int64Value
  }

  /// Applies the event whose number and JSON are in these columns of a row.
  mutating func apply(
    _ row: any HoldfastDatabase.Row, sequence: Int, data: Int, only wanted: Set<RowKey>? = nil
  ) -> Result<Int64?, Unreadable> {
    row.withBytes(data) { data in
      do throws(Unreadable) {
        return .success(try apply(data, of: row.int(sequence), only: wanted))
      } catch {
        return .failure(error)
      }
    }
  }

  private mutating func apply(
    _ patch: JSON, of sequence: Int64, only wanted: Set<RowKey>?
  ) throws(Unreadable) {
    guard case .array(let parts) = patch, parts.count == 3, let name = parts[0].stringValue,
      let id = parts[1].int64Value
    else { throw Unreadable(reason: "one of its patches is not [table, key, columns]") }
    guard let layout = Self.layouts[name] else {
      throw Unreadable(reason: "it changes the unknown table \(name)")
    }
    let key = RowKey(table: layout.index, id: id)
    if let wanted, !wanted.contains(key) { return }
    var row = rows.removeValue(forKey: key) ?? Row(sequence: sequence, values: layout.initial)
    guard row.sequence <= sequence else {
      // It speaks of an earlier row of that key. A deleted row needs no such mark: what made it is an
      // event of the same task, or of none, and comes before its delete.
      rows[key] = row
      return
    }
    switch parts[2] {
    case .null: break
    case .object(let columns):
      for member in columns.members {
        guard let column = layout.columns[member.key] else {
          throw Unreadable(reason: "it changes the unknown column \(name).\(member.key)")
        }
        row.values[column] = try Self.value(member.value)
      }
      row.sequence = sequence
      rows[key] = row
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
