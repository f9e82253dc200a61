public import HoldfastJSON

/// Short words on a task or an agent: each once, in the order in which they were given.
public struct TagList: Hashable, Sendable {
  public let tags: [String]

  /// The most tags of one list.
  public static let countMax = 64
  /// The longest tag, in bytes.
  public static let bytesMax = 128
  public static let none = TagList(checked: [])

  private init(checked tags: [String]) { self.tags = tags }

  /// Creates a list of a caller's words; one that comes twice is there once.
  ///
  /// - Throws: ``HoldfastError`` when there are more than 64, or one is empty, longer than 128 bytes or
  ///   has a control character in it.
  public init(_ words: [String], field: FieldPosition) throws(HoldfastError) {
    var tags: [String] = []
    for word in words where !tags.contains(where: { UTF8Order.areSame($0, word) }) {
      guard (1...Self.bytesMax).contains(word.utf8.count), !word.utf8.contains(where: { $0 < 0x20 })
      else {
        throw field.invalid(
          "\(field.name): a tag has 1 to \(Self.bytesMax) bytes and no control characters, which "
            + "\(word.quoted) does not keep to")
      }
      tags.append(word)
    }
    guard tags.count <= Self.countMax else {
      throw field.mustBe("at most \(Self.countMax) tags, not \(tags.count)")
    }
    self.tags = tags
  }

  /// Reads a list that was checked before it was stored: tags apart by line ends.
  public init(stored text: String) {
    tags = text.isEmpty ? [] : text.split(separator: "\n").map(String.init)
  }

  /// The list as it is stored; empty for none.
  public var stored: String { tags.joined(separator: "\n") }

  public var isEmpty: Bool { tags.isEmpty }

  public func contains(_ tag: String) -> Bool { tags.contains { UTF8Order.areSame($0, tag) } }
}

extension TagList: FieldValue {
  public static var fieldSchema: FieldSchema { .list(.text(lengthMin: 1, lengthMax: bytesMax)) }
  public static var placeholder: TagList { .none }
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    try self.init([String](json, field: field), field: field)
  }
  public var fieldJSON: JSON { .array(tags.map { .string($0) }) }
}
