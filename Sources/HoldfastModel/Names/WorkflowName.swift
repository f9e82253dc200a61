/// The name of a workflow: 1 to 64 bytes without control characters and without white space around them.
public struct WorkflowName: Name {
  /// The name itself.
  public let text: String

  /// The longest name, in bytes.
  public static let bytesMax = 64

  /// Creates a name from a caller's text, kept as given.
  ///
  /// - Throws: ``HoldfastError`` when the text is not such a name.
  public init(_ text: String) throws(HoldfastError) {
    try NameRule.checkWord(text, "workflow name", bytes: 1...Self.bytesMax)
    self.text = text
  }

  /// Creates a name from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }
}
