/// The flat keys of a document's front matter, the lines between `---` and `---` at its beginning.
///
///     ---
///     title: 'Add: a flag'
///     labels: [cli, "web ui"]
///     ---
///
/// This is a reader of what task files use, and no YAML parser. It knows top-level `key: value`,
/// plain, quoted (`'…'`, `"…"`), folded (`>`) and literal (`|`) texts, texts that go on in indented
/// lines, comments, and lists written `[a, b]` or as lines `- a`. Types, anchors, tags and nested
/// maps are not understood: every value is a text or a list of texts, and a nested map is passed
/// over.
public struct FrontMatter: Sendable {
  /// What a key stands for.
  public enum Value: Hashable, Sendable {
    /// One text, also for numbers, dates and `null`.
    case text(String)
    /// A list of texts.
    case list([String])
  }

  /// One key with its value.
  public struct Field: Hashable, Sendable {
    /// The name before the colon.
    public let key: String
    /// What follows it.
    public let value: Value
  }

  /// The fields in the order of the document, duplicates kept.
  public let fields: [Field]
  /// Where the body begins: the offset of the byte after the closing line.
  public let bodyOffset: Int

  /// Reads the front matter of a document; `nil` when it does not begin with front matter, or
  /// nothing closes it.
  ///
  /// - Parameter bytes: The whole document; anything may follow the front matter.
  /// - Complexity: O(*n*) in the bytes.
  public init?(parsing bytes: [UInt8]) {
    let span = bytes.span
    var lines = MarkdownLines(span)
    guard let first = lines.nextRaw(span), Self.isMark(first, "---", span) else { return nil }
    let start = lines.offset
    var end: Int?
    while let line = lines.nextRaw(span) {
      if Self.isMark(line, "---", span) || Self.isMark(line, "...", span) {
        end = line.lowerBound
        break
      }
    }
    guard let end else { return nil }
    bodyOffset = min(lines.offset, bytes.count)
    var texts: [String] = []
    var inner = MarkdownLines(span, from: start)
    while inner.offset < end, let line = inner.nextRaw(span) {
      texts.append(span.repaired(line))
    }
    var reader = FrontMatterReader(lines: texts)
    fields = reader.fields()
  }

  /// The value of a key, the last one of duplicates.
  public subscript(key: String) -> Value? {
    fields.last { UTF8Order.areSame($0.key, key) }?.value
  }

  /// Returns the text of a key, or `nil` when it is absent, empty or a list.
  public func text(_ key: String) -> String? {
    guard case .text(let text)? = self[key], !text.isEmpty else { return nil }
    return text
  }

  /// Returns the list of a key: a single text is a list of one, an absent or empty one is empty.
  public func list(_ key: String) -> [String] {
    switch self[key] {
    case .list(let items)?: items
    case .text(let text)? where !text.isEmpty: [text]
    case .text?, nil: []
    }
  }

  /// The text of `title`.
  public var title: String? { text("title") }
  /// The text of `status`.
  public var status: String? { text("status") }
  /// The list of `labels`.
  public var labels: [String] { list("labels") }

  /// Whether a line is `mark` and white space after it.
  private static func isMark(
    _ line: Range<Int>, _ mark: StaticString, _ span: Span<UInt8>
  ) -> Bool {
    guard span.has(mark, at: line.lowerBound, before: line.upperBound) else { return false }
    var index = line.lowerBound + mark.utf8CodeUnitCount
    while index < line.upperBound, Span<UInt8>.isBlank(span[index]) { index += 1 }
    return index == line.upperBound
  }
}
