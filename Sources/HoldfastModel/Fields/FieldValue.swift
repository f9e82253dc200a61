public import HoldfastJSON

/// A value that a field of an operation can have.
public protocol FieldValue: Sendable {
  /// What the value looks like on the wire.
  static var fieldSchema: FieldSchema { get }

  /// Any valid value, for the run that only describes.
  static var placeholder: Self { get }

  /// Reads the value.
  ///
  /// - Parameter field: Where the value stands, for its error.
  init(_ json: JSON, field: FieldPosition) throws(HoldfastError)

  /// The value as a caller would send it, for defaults.
  var fieldJSON: JSON { get }
}

extension FieldValue {
  public var fieldJSON: JSON { .null }
}

/// Where a value stands in a request.
public struct FieldPosition: Sendable {
  /// The field's name, with the place inside it: `subtasks[3].title`.
  public let name: String
  /// Whether the value could only be written as text, as in a path or a query, so that `12` and `true`
  /// come as strings.
  public let isTextual: Bool

  public init(_ name: String, isTextual: Bool = false) {
    self.name = name
    self.isTextual = isTextual
  }

  /// The refusal of a value here: `<name> must be <what>`.
  public func mustBe(_ what: String) -> HoldfastError {
    invalid("\(name) must be \(what)")
  }

  /// A refusal of the value here, with the field named for programs.
  public func invalid(_ sentence: String) -> HoldfastError {
    HoldfastError(.invalidField, sentence, details: [("field", .string(name))])
  }

  func element(_ index: Int) -> FieldPosition {
    FieldPosition("\(name)[\(index)]", isTextual: isTextual)
  }
}

extension String: FieldValue {
  public static var fieldSchema: FieldSchema { .text() }
  public static var placeholder: String { "" }
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .string(let text) = json else { throw field.mustBe("a string, not \(json.kind)") }
    guard !text.utf8.contains(0) else {
      throw field.invalid("\(field.name) must not contain the character U+0000")
    }
    self = text
  }
  public var fieldJSON: JSON { .string(self) }
}

extension Int64: FieldValue {
  public static var fieldSchema: FieldSchema { .integer(min: .min, max: .max) }
  public static var placeholder: Int64 { 0 }
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    switch json {
    case .number(let number):
      guard let value = number.int64 else {
        throw field.mustBe("a whole number from \(Int64.min) to \(Int64.max)")
      }
      self = value
    case .string(let text) where field.isTextual:
      guard let value = Int64(text) else { throw field.mustBe("a whole number, not \"\(text)\"") }
      self = value
    default: throw field.mustBe("a whole number, not \(json.kind)")
    }
  }
  public var fieldJSON: JSON { .number(JSONNumber(self)) }
}

extension Bool: FieldValue {
  public static var fieldSchema: FieldSchema { .boolean }
  public static var placeholder: Bool { false }
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    switch json {
    case .bool(let value): self = value
    case .string("true") where field.isTextual: self = true
    case .string("false") where field.isTextual: self = false
    default:
      throw field.mustBe("true or false, not \(json.kind)")
    }
  }
  public var fieldJSON: JSON { .bool(self) }
}

extension Array: FieldValue where Element: FieldValue {
  public static var fieldSchema: FieldSchema { .list(Element.fieldSchema) }
  public static var placeholder: [Element] { [] }
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    switch json {
    case .array(let elements):
      self = []
      reserveCapacity(elements.count)
      for (index, element) in elements.enumerated() {
        append(try Element(element, field: field.element(index)))
      }
    case .string where field.isTextual:
      self = [try Element(json, field: field)]
    default: throw field.mustBe("a list, not \(json.kind)")
    }
  }
  public var fieldJSON: JSON { .array(map(\.fieldJSON)) }
}

extension JSON: FieldValue {
  public static var fieldSchema: FieldSchema { .any }
  public static var placeholder: JSON { .null }
  public init(_ json: JSON, field: FieldPosition) { self = json }
  public var fieldJSON: JSON { self }
}
