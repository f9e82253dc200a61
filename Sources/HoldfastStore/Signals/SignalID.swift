public import HoldfastJSON
public import HoldfastModel

/// The number of a signal, refused in the contract's words.
public struct SignalID: FieldValue {
  public let number: Int64

  public init(number: Int64) { self.number = number }

  public static var fieldSchema: FieldSchema { Int64.fieldSchema }
  public static var placeholder: SignalID { SignalID(number: 1) }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard let number = try? Int64(json, field: field) else {
      throw HoldfastError(.invalidField, "invalid signal id")
    }
    self.number = number
  }

  public var fieldJSON: JSON { .number(JSONNumber(number)) }
}

/// What the claimer of a signal shows when it reports its result; opaque to callers.
public struct ClaimToken: FieldValue {
  /// The number of the claim's event; nil for a text that no claim has shown.
  public let number: Int64?

  public static var fieldSchema: FieldSchema { .text() }
  public static var placeholder: ClaimToken { ClaimToken(number: nil) }

  init(number: Int64?) { self.number = number }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    number = Int64(try String(json, field: field))
  }
}

extension SignalType: FieldValue {
  public static var fieldSchema: FieldSchema { .text(choices: allCases.map(\.rawValue)) }
  public static var placeholder: SignalType { .planStart }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .string(let text) = json else { throw field.mustBe("a string, not \(json.kind)") }
    try self.init(parsing: text)
  }

  public var fieldJSON: JSON { .string(rawValue) }
}
