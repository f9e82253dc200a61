/// The short id of a task, unique in the store: 1 to 64 bytes without white space, `/` and control
/// characters.
public struct TaskID: Name {
  /// The id itself.
  public let text: String

  /// Creates an id from a caller's text, kept as given.
  ///
  /// - Throws: ``HoldfastError`` when it breaks the rule.
  public init(_ text: String) throws(HoldfastError) {
    try NameRule.check(text, "id", bytes: 1...64)
    guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "/") }) else {
      throw HoldfastError(
        .invalidField, "id must have no white space, \"/\" or control characters in it")
    }
    self.text = text
  }

  /// Creates an id from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }
}
