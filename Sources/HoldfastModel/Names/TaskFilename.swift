/// The filename of a task: its name among the undeleted tasks of its project.
///
/// A caller may write `plan`, `plan.md` or ` plan.md `; all three name one task.
public struct TaskFilename: Name {
  /// The normalised name, 1 to 512 bytes.
  public let text: String

  /// Creates a filename from a caller's text: trims white space, strips one trailing `.md`.
  ///
  /// What `.md` leaves is trimmed again, so that ` plan .md ` is not a name that ends in a space
  /// and that nobody could ask for by itself.
  ///
  /// - Throws: ``HoldfastError`` when nothing is left, or the name is longer than 512 bytes or has
  ///   U+0000 in it.
  public init(_ text: String) throws(HoldfastError) {
    let name = Self.normalised(text)
    try NameRule.check(name, "filename", bytes: 1...512)
    self.text = name
  }

  /// Returns what a caller's text comes to as a filename; checks nothing, so it may be empty.
  public static func normalised(_ text: String) -> String {
    let name = text.trimmed
    guard name.utf8.count >= 3, name.utf8.suffix(3).elementsEqual(".md".utf8) else { return name }
    return String(name.unicodeScalars.dropLast(3)).trimmed
  }

  /// Creates a filename exactly as given; checks and changes nothing.
  ///
  /// For names that come from a store, which may hold old ones that end in `.md`.
  public init(stored text: String) { self.text = text }
}
