/// The name of a project: any text of 1 to 255 bytes.
public struct ProjectName: Name {
  /// The name itself.
  public let text: String

  /// Creates a name from a caller's text, kept as given.
  ///
  /// - Throws: ``HoldfastError`` when the text is empty, is longer than 255 bytes or has U+0000 in it.
  public init(_ text: String) throws(HoldfastError) {
    try NameRule.check(text, "project name", bytes: 1...255)
    self.text = text
  }

  /// Creates a name from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }
}
