/// The identity of an agent, over the whole store: any text of 1 to 128 bytes.
public struct AgentID: Name {
  /// The name itself.
  public let text: String

  /// Creates a name from a caller's text, kept as given.
  ///
  /// - Throws: ``HoldfastError`` when the text is empty, is longer than 128 bytes or has U+0000 in it.
  public init(_ text: String) throws(HoldfastError) {
    try NameRule.check(text, "agent id", bytes: 1...128)
    self.text = text
  }

  /// Creates a name from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }
}
