/// The short id of a task, unique in the store: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`.
public struct TaskID: Name {
  /// The id itself.
  public let text: String

  /// Creates an id from a caller's text.
  ///
  /// - Throws: ``HoldfastError`` when the text is empty, longer than 64 bytes or has other
  ///   characters in it, upper-case letters among them.
  public init(_ text: String) throws(HoldfastError) {
    guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
      throw HoldfastError(
        .invalidField,
        "invalid task id \(text.quoted): an id is 1 to 64 of a-z, 0-9, \".\", \"_\" and \"-\"")
    }
    self.text = text
  }

  /// Creates an id from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
