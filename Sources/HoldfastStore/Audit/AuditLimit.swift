internal import HoldfastJSON
internal import HoldfastModel

/// How many audit events an answer has at most: more than 500 count as 500, as the contract says.
struct AuditLimit: FieldValue {
  let value: Int

  static let most = 500

  init(value: Int) { self.value = value }

  static var fieldSchema: FieldSchema { .integer(min: 1, max: .max) }
  static var placeholder: AuditLimit { AuditLimit(value: 100) }

  init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard let number = try? Int64(json, field: field), number > 0 else {
      throw HoldfastError(.invalidField, "limit must be a positive integer")
    }
    value = Int(min(number, Int64(Self.most)))
  }

  var fieldJSON: JSON { .number(JSONNumber(Int64(value))) }
}
