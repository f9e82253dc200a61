/// A walk over the lines of a markdown document, in one pass and without copying it.
///
/// Lines end in LF or CRLF. Lines inside a fenced code block (``` or ~~~, CommonMark 0.31 section
/// 4.5) are left out, and so are the fences; a fence that nothing closes goes to the end.
struct MarkdownLines {
  private var position: Int
  private var fence: (letter: UInt8, count: Int)?

  /// Starts at `offset`; a byte order mark at the very beginning is passed over.
  init(_ bytes: Span<UInt8>, from offset: Int = 0) {
    let hasMark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
    position = offset == 0 && hasMark ? 3 : offset
  }

  /// The range of the next line outside of code, without its end, or `nil` at the end.
  mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
    while let line = nextRaw(bytes) {
      let mark = Self.fence(line, bytes)
      if let fence {
        if let mark, mark.letter == fence.letter, mark.count >= fence.count, mark.isBare {
          self.fence = nil
        }
      } else if let mark, mark.canOpen {
        fence = (mark.letter, mark.count)
      } else {
        return line
      }
    }
    return nil
  }

  /// The range of the next line, in code or not, without its end.
  mutating func nextRaw(_ bytes: Span<UInt8>) -> Range<Int>? {
    guard position < bytes.count else { return nil }
    let start = position
    var end = start
    while end < bytes.count && bytes[end] != UInt8(ascii: "\n") { end += 1 }
    position = end + 1
    if end > start && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  /// Where the next line starts.
  var offset: Int { position }

  private struct Fence {
    let letter: UInt8
    let count: Int
    /// Whether only white space follows, as it must where a fence closes.
    let isBare: Bool
    /// Whether it can open: the info string of ``` has no backtick in it.
    let canOpen: Bool
  }

  private static func fence(_ line: Range<Int>, _ bytes: Span<UInt8>) -> Fence? {
    var index = line.lowerBound
    while index < line.upperBound, bytes[index] == UInt8(ascii: " ") { index += 1 }
    guard index - line.lowerBound <= 3, index < line.upperBound else { return nil }
    let letter = bytes[index]
    guard letter == UInt8(ascii: "`") || letter == UInt8(ascii: "~") else { return nil }
    let start = index
    while index < line.upperBound, bytes[index] == letter { index += 1 }
    guard index - start >= 3 else { return nil }
    let count = index - start
    var isBare = true
    var hasBacktick = false
    while index < line.upperBound {
      if bytes[index] != UInt8(ascii: " ") && bytes[index] != UInt8(ascii: "\t") { isBare = false }
      if bytes[index] == UInt8(ascii: "`") { hasBacktick = true }
      index += 1
    }
    return Fence(
      letter: letter, count: count, isBare: isBare,
      canOpen: letter == UInt8(ascii: "~") || !hasBacktick)
  }
}

extension Span<UInt8> {
  /// The text of a range without white space around it; invalid UTF-8 and U+0000 become U+FFFD,
  /// because no text of the store may hold them.
  func text(_ range: Range<Int>) -> String {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high, Self.isBlank(self[low]) { low += 1 }
    while low < high, Self.isBlank(self[high - 1]) { high -= 1 }
    return repaired(low..<high).trimmed
  }

  /// The text of a range; invalid UTF-8 and U+0000 become U+FFFD.
  func repaired(_ range: Range<Int>) -> String {
    // Decoding needs a collection, and a span is none: the pointer lives for this call only.
    let text = extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    guard text.utf8.contains(0) else { return text }
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
  }

  /// Whether the bytes from `index` on are those of `text`.
  func has(_ text: StaticString, at index: Int, before end: Int) -> Bool {
    guard text.utf8CodeUnitCount <= end - index else { return false }
    return text.withUTF8Buffer { letters in
      var offset = 0
      while offset < letters.count {
        if self[index + offset] != letters[offset] { return false }
        offset += 1
      }
      return true
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (UInt8(ascii: "\t")...UInt8(ascii: "\r")).contains(byte)
  }
}
