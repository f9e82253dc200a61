public import HoldfastJSON
public import HoldfastModel

extension Subtask: FieldValue, Output {
  public static var fieldSchema: FieldSchema {
    .object(
      Fields.describe("Subtask") { (fields: inout Fields) throws(HoldfastError) in
        _ = try Subtask(reading: &fields)
      })
  }

  public static var placeholder: Subtask { Subtask(number: 1, title: "") }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      throw field.mustBe("an object, not \(json.kind)")
    }
    var fields = Fields(object, matching: .folded)
    self = try Subtask(reading: &fields)
  }

  public init(reading fields: inout Fields) throws(HoldfastError) {
    let number: Int64 = try fields.value(
      "task_number", "The number, unique in the task.", default: 0)
    let title = try fields.value("title", "What is to be done.", default: "")
    let status = try fields.value(
      "status", "Usually one of \(SubtaskStatus.known.joined(separator: ", ")).",
      default: SubtaskStatus.pending)
    self.init(
      number: number, title: title, status: status.isEmpty ? SubtaskStatus.pending : status)
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("task_number", number, "The number, unique in the task.")
    out.field("title", title, "What is to be done.")
    out.field("status", status, "Where it stands.")
  }
}

/// The number of a subtask, refused in the contract's words.
public struct SubtaskNumber: FieldValue {
  public let value: Int64

  public static var fieldSchema: FieldSchema { Int64.fieldSchema }
  public static var placeholder: SubtaskNumber { SubtaskNumber(value: 1) }

  init(value: Int64) { self.value = value }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard let number = try? Int64(json, field: field) else {
      let given = json.stringValue?.legible ?? "it must be a whole number, not \(json.kind)"
      throw HoldfastError(.invalidField, "invalid task number: \(given)")
    }
    value = number
  }
}
