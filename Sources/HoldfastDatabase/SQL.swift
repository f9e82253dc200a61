private import Glibc

/// The text of one SQL statement, with `?1`-style placeholders for its values.
///
/// Make it once (`static let`): the hash is computed here, so that looking up the prepared statement
/// costs a few nanoseconds whatever the length of the text. Values never become part of the text.
public struct SQL: Sendable, Hashable, ExpressibleByStringLiteral {
  /// The statement as the engine prepares it.
  public let text: String
  private let textHash: Int

  public init(_ text: String) {
    self.text = text
    self.textHash = text.hashValue
  }

  public init(stringLiteral text: String) { self.init(text) }

  public static func == (a: SQL, b: SQL) -> Bool {
    // By bytes: Swift's String calls composed and decomposed forms equal, a literal in SQL is not.
    a.textHash == b.textHash && a.text.utf8.count == b.text.utf8.count
      && strcmp(a.text, b.text) == 0
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(textHash) }
}

/// A value bound to a placeholder.
public enum SQLValue: Sendable, Equatable {
  case null
  case int(Int64)
  case text(String)
  case bytes([UInt8])

  /// How much it adds to what a transaction writes.
  public var byteCount: Int {
    switch self {
    case .null, .int: 8
    case .text(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    }
  }

  /// `NULL` for nil.
  public static func optional(_ value: Int64?) -> SQLValue { value.map(SQLValue.int) ?? .null }
  /// `NULL` for nil.
  public static func optional(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }

  public static func == (a: SQLValue, b: SQLValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.int(let x), .int(let y)): x == y
    // By bytes: Swift's String calls composed and decomposed forms equal, a database does not.
    case (.text(let x), .text(let y)): x.utf8.elementsEqual(y.utf8)
    case (.bytes(let x), .bytes(let y)): x == y
    default: false
    }
  }
}
