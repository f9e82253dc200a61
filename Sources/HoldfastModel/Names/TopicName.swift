/// The name of a topic: any text of 1 to 255 bytes that is not blank; white space is kept.
public struct TopicName: Name {
  /// The name itself.
  public let text: String

  /// Creates a name from a caller's text, kept as given.
  ///
  /// - Throws: ``HoldfastError`` when the text is blank, is longer than 255 bytes or has U+0000 in
  ///   it.
  public init(_ text: String) throws(HoldfastError) {
    guard !text.trimmed.isEmpty else {
      throw HoldfastError(.invalidField, "topic name must not be empty")
    }
    try NameRule.check(text, "topic name", bytes: 1...255)
    self.text = text
  }

  /// Creates a name from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }
}
