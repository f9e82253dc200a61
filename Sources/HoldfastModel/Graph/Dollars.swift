public import HoldfastJSON

/// An amount of money, exact to a millionth of a dollar.
public struct Dollars: FieldValue, Hashable {
  /// Millionths of a dollar, from 0 on.
  public let micros: Int64

  public init(micros: Int64) { self.micros = micros }

  /// How many digits of the fraction are kept.
  public static let decimals = 6
  public static let zero = Dollars(micros: 0)

  public static var fieldSchema: FieldSchema { .either([.amount, .text(lengthMin: 1)]) }
  public static var placeholder: Dollars { .zero }

  /// Reads a number, or a text that is one, without rounding it.
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard let number = Self.number(json), let micros = number.int64(timesTenToThe: Self.decimals),
      micros >= 0
    else {
      throw field.mustBe(
        "an amount from 0 to \(Dollars(micros: .max).number) with at most \(Self.decimals) decimals"
      )
    }
    self.micros = micros
  }

  private static func number(_ json: JSON) -> JSONNumber? {
    switch json {
    case .number(let number): return number
    case .string(let text):
      guard let read = try? JSONReader.read(Array(text.utf8)), case .number(let number) = read
      else { return nil }
      return number
    default: return nil
    }
  }

  /// The amount as JSON writes it: `0.25`.
  public var number: JSONNumber { JSONNumber(Int128(micros), decimals: Self.decimals) }
  public var fieldJSON: JSON { .number(number) }
}
