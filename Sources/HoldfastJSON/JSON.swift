/// One JSON value.
///
///     let task: JSON = ["filename": "a.md", "priority": 3, "tags": ["x", "y"]]
///     task["priority"]?.int64Value  // 3
///
/// Strings, and the keys of objects, are compared by their UTF-8 bytes: text that Unicode calls
/// canonically equivalent is different here, as it is on the wire.
public enum JSON: Sendable {
  /// The literal `null`.
  case null
  /// The literals `true` and `false`.
  case bool(Bool)
  /// A number, kept as it was written.
  case number(JSONNumber)
  /// A string, without its quotes and escapes.
  case string(String)
  /// An ordered list of values.
  case array([JSON])
  /// Members in the order they were written.
  case object(JSONObject)
}

extension JSON {
  /// The value of a member when this is an object that has it; the last one of duplicates.
  public subscript(_ key: String) -> JSON? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  /// The text when this is a string.
  public var stringValue: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The whole number when this is a number that is exactly one and fits.
  public var int64Value: Int64? {
    guard case .number(let number) = self else { return nil }
    return number.int64
  }

  /// The truth value when this is a boolean.
  public var boolValue: Bool? {
    guard case .bool(let flag) = self else { return nil }
    return flag
  }

  /// The elements when this is an array.
  public var arrayValue: [JSON]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The members when this is an object.
  public var objectValue: JSONObject? {
    guard case .object(let object) = self else { return nil }
    return object
  }

  /// What sort of value this is, in words for a message, such as "a boolean" or "null".
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: Equatable {
  /// Compares strings by bytes, numbers as written, and objects member by member in any order.
  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}
