private import Glibc

/// The text of one SQL statement, with `?1`-style placeholders for its values.
///
/// Make it once (`static let`): the hash is computed here, so that looking up the prepared statement
/// costs a few nanoseconds whatever the length of the text. Values never become part of the text.
public struct SQL: Sendable, Hashable, ExpressibleByStringLiteral {
  /// The statement as the engine prepares it.
  public let text: String
  private let textHash: Int
  /// Whether one statement may answer many who ask at once with other values.
  let mayBeShared: Bool

  /// - Parameter mayBeShared: Only of a `SELECT` that gives one row at most, with its placeholders where
  ///   columns could stand.
  public init(_ text: String, mayBeShared: Bool = false) {
    self.text = text
    self.textHash = text.hashValue
    self.mayBeShared = mayBeShared
  }

  public init(stringLiteral text: String) { self.init(text) }

  public static func == (a: SQL, b: SQL) -> Bool {
    a.textHash == b.textHash && a.text.hasBytes(of: b.text)
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(textHash) }
}

/// A value bound to a placeholder.
public enum SQLValue: Sendable, Hashable {
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
    case (.text(let x), .text(let y)): x.hasBytes(of: y)
    case (.bytes(let x), .bytes(let y)): x == y
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .int(let number): hasher.combine(number)
    case .text(let text): hasher.combine(text)
    case .bytes(let bytes): hasher.combine(bytes)
    }
  }
}

extension String {
  /// Whether two texts are the same by their bytes: Swift's `==` calls composed and decomposed forms
  /// equal, a database does not.
  fileprivate func hasBytes(of other: String) -> Bool {
    let count = utf8.count
    guard count == other.utf8.count else { return false }
    let isEqual = utf8.withContiguousStorageIfAvailable { a in
      other.utf8.withContiguousStorageIfAvailable { b in
        // An empty text may have no address.
        guard let a = a.baseAddress, let b = b.baseAddress else { return true }
        return memcmp(a, b, count) == 0
      }
    }
    // A text of another form, such as a bridged one, is compared byte by byte.
    return (isEqual ?? nil) ?? utf8.elementsEqual(other.utf8)
  }
}
