/// The texts of front matter: plain, in single or in double quotes, and lists in brackets.
enum FrontMatterScalar {
  /// Returns what a trimmed value stands for.
  ///
  /// A quote that nothing closes is a plain letter.
  static func text(_ raw: String) -> String {
    let scalars = Array(raw.unicodeScalars)
    if let quoted = quoted(scalars, from: 0) { return quoted.text }
    return plain(scalars[...])
  }

  /// Returns the items of `[a, 'b', "c"]`; nested brackets are part of an item's text.
  static func items(_ raw: String) -> [String] {
    let scalars = Array(raw.unicodeScalars)
    var items: [String] = []
    var index = 1
    var start = 1
    var depth = 0
    var isStart = true
    var quotedItem: String?
    func finish(at end: Int) {
      let item = quotedItem ?? plain(scalars[start..<end])
      if quotedItem != nil || !item.isEmpty { items.append(item) }
    }
    while index < scalars.count {
      if isStart, let quoted = quoted(scalars, from: index) {
        quotedItem = quoted.text
        isStart = false
        index = quoted.end
        continue
      }
      isStart = isStart && scalars[index].properties.isWhitespace
      switch scalars[index] {
      case "[": depth += 1
      case "]" where depth > 0: depth -= 1
      case "]":
        finish(at: index)
        return items
      case "," where depth == 0:
        finish(at: index)
        quotedItem = nil
        start = index + 1
        isStart = true
      default: break
      }
      index += 1
    }
    finish(at: scalars.count)
    return items
  }

  /// The trimmed text before a comment.
  private static func plain(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var end = scalars.endIndex
    for index in scalars.indices where scalars[index] == "#" {
      if index == scalars.startIndex || scalars[index - 1].properties.isWhitespace {
        end = index
        break
      }
    }
    return String(String.UnicodeScalarView(scalars[..<end])).trimmed
  }

  /// The quoted text that begins at `start`, and the index after its closing quote.
  private static func quoted(
    _ scalars: [Unicode.Scalar], from start: Int
  ) -> (text: String, end: Int)? {
    guard start < scalars.count, scalars[start] == "'" || scalars[start] == "\"" else {
      return nil
    }
    let quote = scalars[start]
    var text = String.UnicodeScalarView()
    var index = start + 1
    while index < scalars.count {
      let scalar = scalars[index]
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      if scalar == quote {
        guard quote == "'", next == "'" else { return (String(text), index + 1) }
        text.append("'")
        index += 2
      } else if quote == "\"", scalar == "\\", let next {
        index += 2 + append(escape: next, scalars, at: index + 2, to: &text)
      } else {
        text.append(scalar)
        index += 1
      }
    }
    return nil
  }

  /// Appends what an escape stands for; returns how many digits it took.
  private static func append(
    escape letter: Unicode.Scalar, _ scalars: [Unicode.Scalar], at index: Int,
    to text: inout String.UnicodeScalarView
  ) -> Int {
    let digits: Int
    switch letter {
    case "n": text.append("\n")
    case "t": text.append("\t")
    case "r": text.append("\r")
    case "x", "u", "U":
      digits = letter == "x" ? 2 : letter == "u" ? 4 : 8
      guard index + digits <= scalars.count else { break }
      let hex = String(String.UnicodeScalarView(scalars[index..<(index + digits)]))
      guard let value = UInt32(hex, radix: 16), let scalar = Unicode.Scalar(value) else { break }
      text.append(scalar)
      return digits
    default: text.append(letter)
    }
    return 0
  }
}
