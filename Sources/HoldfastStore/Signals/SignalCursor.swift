public import HoldfastJSON
public import HoldfastModel

/// The last signal of a page: the next one starts behind it.
public struct SignalCursor: FieldValue {
  let time: Int64
  let id: Int64

  init(time: Int64, id: Int64) {
    self.time = time
    self.id = id
  }

  /// Before every signal.
  static let start = SignalCursor(time: .min, id: .min)

  var text: String { "\(time).\(id)" }

  public static var fieldSchema: FieldSchema { .text() }
  public static var placeholder: SignalCursor { .start }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    let parts = json.stringValue?.split(separator: ".", omittingEmptySubsequences: false) ?? []
    guard parts.count == 2, let time = Int64(parts[0]), let id = Int64(parts[1]) else {
      throw field.mustBe("the next_cursor of the page before")
    }
    self.time = time
    self.id = id
  }
}
