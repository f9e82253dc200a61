public import HoldfastJSON

/// A field that takes one of a few words.
public protocol Choice: FieldValue, RawRepresentable, CaseIterable where RawValue == String {}

extension Choice where AllCases == [Self] {
  public static var fieldSchema: FieldSchema { .text(choices: allCases.map(\.rawValue)) }
  public static var placeholder: Self { allCases[0] }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    let text = try String(json, field: field)
    guard let value = Self(rawValue: text) else {
      let words = Self.allCases.map(\.rawValue)
      throw field.mustBe(
        "one of \(words.joined(separator: ", ")), not \(text.quoted)"
          + EditDistance.hint(text, among: words))
    }
    self = value
  }

  public var fieldJSON: JSON { .string(rawValue) }
}
