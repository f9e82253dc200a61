public import HoldfastJSON
public import HoldfastModel

/// A place in a list that is ordered by time, and by number where times are equal.
public struct TimeCursor: FieldValue, Comparable {
  let time: Int64
  let id: Int64

  init(time: Int64, id: Int64) {
    self.time = time
    self.id = id
  }

  /// Before everything.
  static let start = TimeCursor(time: .min, id: .min)
  /// Behind everything.
  static let end = TimeCursor(time: .max, id: .max)

  public static func < (a: TimeCursor, b: TimeCursor) -> Bool { (a.time, a.id) < (b.time, b.id) }

  var text: String { "\(time).\(id)" }

  public static var fieldSchema: FieldSchema { .text() }
  public static var placeholder: TimeCursor { .start }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    let parts = try String(json, field: field)
      .split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let time = Int64(parts[0]), let id = Int64(parts[1]) else {
      throw field.mustBe("the next_cursor of the page before")
    }
    self.time = time
    self.id = id
  }
}
