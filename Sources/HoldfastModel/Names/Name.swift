/// A text that names something: a project, a task, an agent.
///
/// Two names are the same when their UTF-8 bytes are. Swift's `String` says that `é` (one scalar)
/// equals `e` with a combining accent (two); in a database and on the wire these are two names, so
/// a name compares, sorts and hashes by its bytes.
public protocol Name: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name itself, as it is stored and shown.
  var text: String { get }

  /// Creates a name from a text that was checked before it was stored; checks nothing.
  init(stored text: String)
}

extension Name {
  /// Whether two names have the same UTF-8 bytes.
  public static func == (a: Self, b: Self) -> Bool { UTF8Order.areSame(a.text, b.text) }

  /// Whether one name sorts before another by UTF-8 bytes.
  public static func < (a: Self, b: Self) -> Bool { UTF8Order.precedes(a.text, b.text) }

  /// Feeds the UTF-8 bytes of the name into a hasher.
  public func hash(into hasher: inout Hasher) { UTF8Order.hash(text, into: &hasher) }

  /// The name itself.
  public var description: String { text }
}

/// The checks that names share.
enum NameRule {
  /// Refuses U+0000, which neither engine can hold in a text, and a length outside of `bytes`.
  static func check(
    _ text: String, _ noun: String, bytes: ClosedRange<Int>
  ) throws(HoldfastError) {
    let count = text.utf8.count
    guard count >= bytes.lowerBound else {
      throw HoldfastError(.invalidField, "\(noun) must not be empty")
    }
    guard count <= bytes.upperBound else {
      throw HoldfastError(
        .invalidField, "\(noun) must be at most \(bytes.upperBound) bytes long, not \(count)")
    }
    guard !text.utf8.contains(0) else {
      throw HoldfastError(.invalidField, "\(noun) must not contain the character U+0000")
    }
  }

  /// As ``check(_:_:bytes:)``, and refuses control characters and white space around the word.
  static func checkWord(
    _ text: String, _ noun: String, bytes: ClosedRange<Int>
  ) throws(HoldfastError) {
    try check(text, noun, bytes: bytes)
    let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    guard isPlain, text.utf8.elementsEqual(text.trimmed.utf8) else {
      throw HoldfastError(
        .invalidField,
        "\(noun) must have no control characters and no white space around it, which \(text.quoted) has"
      )
    }
  }
}
