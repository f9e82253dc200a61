/// Who claimed a signal, in the claimer's own words: any text of 0 to 255 bytes.
public struct WorkerName: Name {
  /// The name itself.
  public let text: String

  /// Creates a name from a caller's text, kept as given.
  ///
  /// - Throws: ``HoldfastError`` when the text is longer than 255 bytes or has U+0000 in it.
  public init(_ text: String) throws(HoldfastError) {
    try NameRule.check(text, "worker name", bytes: 0...255)
    self.text = text
  }

  /// Creates a name from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }
}
