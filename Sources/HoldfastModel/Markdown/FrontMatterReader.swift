/// Reads the lines of front matter into fields.
struct FrontMatterReader {
  private let lines: [String]
  private var index = 0

  init(lines: [String]) { self.lines = lines }

  /// All fields, in order.
  mutating func fields() -> [FrontMatter.Field] {
    var fields: [FrontMatter.Field] = []
    while index < lines.count {
      let line = lines[index]
      index += 1
      guard Self.indent(line) == 0, let (key, rest) = Self.split(line) else { continue }
      fields.append(FrontMatter.Field(key: key, value: value(rest)))
    }
    return fields
  }

  private mutating func value(_ rest: String) -> FrontMatter.Value {
    switch rest.unicodeScalars.first {
    case nil, "#": return block()
    case ">", "|": return .text(blockText(isFolded: rest.utf8.first == UInt8(ascii: ">")))
    case "[":
      return .list(FrontMatterScalar.items(([rest] + continuation()).joined(separator: " ")))
    default:
      return .text(FrontMatterScalar.text(([rest] + continuation()).joined(separator: " ")))
    }
  }

  /// The lines under a key without a value of its own: a list, or something passed over.
  private mutating func block() -> FrontMatter.Value {
    var items: [String] = []
    var isList = false
    while index < lines.count {
      let line = lines[index].trimmed
      if line.isEmpty || line.utf8.first == UInt8(ascii: "#") {
        index += 1
      } else if line == "-" || line.utf8.starts(with: "- ".utf8) {
        let indent = Self.indent(lines[index])
        isList = true
        index += 1
        let first = String(line.unicodeScalars.dropFirst()).trimmed
        let text = ([first] + continuation(deeperThan: indent)).joined(separator: " ")
        items.append(FrontMatterScalar.text(text))
      } else if Self.indent(lines[index]) > 0 {
        index += 1
      } else {
        break
      }
    }
    return isList ? .list(items) : .text("")
  }

  /// The trimmed lines that follow and are indented deeper than `indent`.
  private mutating func continuation(deeperThan indent: Int = 0) -> [String] {
    var texts: [String] = []
    while index < lines.count, Self.indent(lines[index]) > indent {
      let text = lines[index].trimmed
      guard !text.isEmpty else { break }
      texts.append(text)
      index += 1
    }
    return texts
  }

  /// The text of a folded or literal block: indented lines, blank ones between them.
  private mutating func blockText(isFolded: Bool) -> String {
    var block: [String] = []
    while index < lines.count {
      let line = lines[index]
      guard Self.indent(line) > 0 || line.trimmed.isEmpty else { break }
      block.append(line)
      index += 1
    }
    while let last = block.last, last.trimmed.isEmpty { block.removeLast() }
    let depth = block.first.map(Self.indent) ?? 0
    let texts = block.map { line in
      String(line.unicodeScalars.dropFirst(min(depth, Self.indent(line))))
    }
    guard isFolded else { return texts.joined(separator: "\n") }
    // A line break folds to a space; an empty line is a line break.
    var folded = ""
    for (position, text) in texts.enumerated() {
      if text.trimmed.isEmpty {
        folded += "\n"
      } else {
        if position > 0 && !folded.utf8.isEmpty && folded.utf8.last != UInt8(ascii: "\n") {
          folded += " "
        }
        folded += text
      }
    }
    return folded
  }

  private static func indent(_ line: String) -> Int { line.utf8.prefix { $0 == 0x20 }.count }

  /// Splits `key: rest`; `nil` for a comment, a list item or a line without a colon.
  private static func split(_ line: String) -> (key: String, rest: String)? {
    let scalars = line.unicodeScalars
    guard let first = scalars.first, first != "#", first != "-" else { return nil }
    guard
      let colon = scalars.indices.first(where: { index in
        guard scalars[index] == ":" else { return false }
        let after = scalars.index(after: index)
        return after == scalars.endIndex || scalars[after].properties.isWhitespace
      })
    else { return nil }
    let key = FrontMatterScalar.text(String(scalars[..<colon]).trimmed)
    guard !key.isEmpty else { return nil }
    return (key, String(scalars[scalars.index(after: colon)...]).trimmed)
  }
}
