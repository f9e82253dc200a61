/// The identity of an agent, over the whole store: any text of 1 to 64 bytes.
public struct AgentID: Name {
  /// The name itself.
  public let text: String

  /// The longest identity, in bytes.
  public static let bytesMax = 64

  /// Creates a name from a caller's text, kept as given.
  ///
  /// - Throws: ``HoldfastError`` when the text is empty, is longer than 64 bytes or has U+0000 in it;
  ///   in the words that clients of the task graph know.
  public init(_ text: String) throws(HoldfastError) {
    let count = text.utf8.count
    guard count > 0 else { throw HoldfastError(.invalidField, "Agent ID cannot be empty") }
    guard count <= Self.bytesMax else {
      throw HoldfastError(
        .invalidField, "Agent ID must be at most \(Self.bytesMax) characters, got \(count)")
    }
    try NameRule.check(text, "agent id", bytes: 1...Self.bytesMax)
    self.text = text
  }

  /// Creates a name from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }
}
