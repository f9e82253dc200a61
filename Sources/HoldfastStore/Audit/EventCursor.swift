internal import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// A place in the log: behind the event of that number.
///
/// The numbers of a restored store start over from the backup, so a cursor carries the store's epoch,
/// and one of another epoch is refused. A number alone, as events show it, is taken as it is.
public struct EventCursor: FieldValue {
  let epoch: Int64?
  let number: Int64

  init(epoch: Int64?, number: Int64) {
    self.epoch = epoch
    self.number = number
  }

  var text: String { epoch.map { "\($0).\(number)" } ?? "\(number)" }

  /// The number, once the epoch is known to be the store's.
  func sequence(in current: Int64) throws(HoldfastError) -> Int64 {
    if let epoch, epoch != current {
      throw HoldfastError(
        .conflict,
        "the cursor is of a time before the store was restored: read again from the start")
    }
    return number
  }

  public static var fieldSchema: FieldSchema { .text() }
  public static var placeholder: EventCursor { EventCursor(epoch: nil, number: 0) }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    // A number alone may be one.
    let text =
      if case .number(let number) = json { number.text } else { try String(json, field: field) }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
    switch parts.count {
    case 1:
      epoch = nil
      number = parts[0] ?? -1
    case 2:
      epoch = parts[0] ?? -1
      number = parts[1] ?? -1
    default:
      epoch = nil
      number = -1
    }
    guard number >= 0, (epoch ?? 0) >= 0 else {
      throw field.mustBe("an event's number or a next_cursor")
    }
  }
}

extension StoreView {
  private static let storeEpoch: SQL = "SELECT epoch FROM store WHERE id = 1"

  /// The store's epoch, which a restore raises.
  func epoch() throws -> Int64 {
    try reading.first(Self.storeEpoch) { $0.int(0) } ?? 1
  }

  private static let newest: SQL = "SELECT seq FROM events ORDER BY seq DESC LIMIT 1"
  private static let eventFrom: SQL = "SELECT at FROM events WHERE seq >= ?1 ORDER BY seq LIMIT 1"

  /// The number of the last event; 0 when there is none.
  func lastSequence() throws -> Int64 {
    try reading.first(Self.newest) { $0.int(0) } ?? 0
  }

  /// The number of the first event at or, as `later` says, only behind a time.
  ///
  /// Times never fall along the log, so it is found by halving.
  func firstSequence(later: Bool, than time: Timestamp) throws -> Int64 {
    var low: Int64 = 1
    var high = try lastSequence() + 1
    while low < high {
      let middle = low + (high - low) / 2
      let at = try reading.first(Self.eventFrom, [.int(middle)]) { $0.int(0) } ?? .max
      if later ? at > time.nanoseconds : at >= time.nanoseconds {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low
  }

  /// The number of the first event that does not stand before a place of the audit trail.
  func sequence(at place: TimeCursor) throws -> Int64 {
    guard place != .end else { return .max }
    let first = try firstSequence(later: false, than: Timestamp(nanoseconds: place.time))
    let last = try firstSequence(later: true, than: Timestamp(nanoseconds: place.time))
    return min(max(place.id, first), last)
  }
}
