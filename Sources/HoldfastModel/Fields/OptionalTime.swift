public import HoldfastJSON

/// A time in a request; the year 1 stands for "unset", as clients of the task store send it.
public struct OptionalTime: FieldValue {
  public let timestamp: Timestamp?

  public static let unset = OptionalTime(timestamp: nil)

  public init(timestamp: Timestamp?) {
    self.timestamp = timestamp
  }

  public static var fieldSchema: FieldSchema { .text(format: "date-time") }
  public static var placeholder: OptionalTime { .unset }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .string(let text) = json else {
      throw field.mustBe("a time such as 2026-01-02T03:04:05Z, not \(json.kind)")
    }
    do {
      timestamp = try Timestamp.parse(text)
    } catch {
      throw field.invalid("\(field.name): \(error.message)")
    }
  }
}
