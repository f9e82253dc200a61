public import HoldfastJSON

/// How urgent a task is, from 0 to 10.
///
/// On the wire it is one of four names or a whole number; the number is what is stored, so it survives
/// a round trip.
public struct Priority: Hashable, Comparable, Sendable {
  /// 0 to 10; more is more urgent.
  public let value: Int64

  /// The names, each with the number that it is stored as, least urgent first.
  public static let names: [(name: String, value: Int64)] = [
    ("low", 2), ("medium", 5), ("high", 8), ("critical", 10),
  ]
  public static let medium = Priority(stored: 5)

  /// Creates a priority that was checked before it was stored; checks nothing.
  public init(stored value: Int64) { self.value = value }

  /// The name of the priority: 0 to 3 low, 4 to 6 medium, 7 and 8 high, 9 and 10 critical.
  public var name: String {
    switch value {
    case ...3: "low"
    case 4...6: "medium"
    case 7...8: "high"
    default: "critical"
    }
  }

  /// Whether the name alone says which one it is.
  public var isNamed: Bool { Self.names.contains { $0.value == value } }

  public static func < (a: Priority, b: Priority) -> Bool { a.value < b.value }
}

extension Priority: FieldValue {
  public static var fieldSchema: FieldSchema {
    .either([.text(choices: names.map(\.name)), .integer(min: 0, max: 10)])
  }
  public static var placeholder: Priority { .medium }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    let refusal = field.mustBe(
      "low, medium, high, critical, or a whole number from 0 to 10, not \(Self.shown(json))")
    let number: Int64?
    switch json {
    case .string(let text):
      let named = Self.names.first { $0.name == text }?.value
      number = named ?? (field.isTextual ? Int64(text) : nil)
    case .number(let value): number = value.int64
    default: number = nil
    }
    guard let number, (0...10).contains(number) else { throw refusal }
    value = number
  }

  private static func shown(_ json: JSON) -> String {
    switch json {
    case .string(let text): text.quoted
    case .number(let number): "\(number)"
    default: json.kind
    }
  }

  public var fieldJSON: JSON { isNamed ? .string(name) : .number(JSONNumber(value)) }
}
