/// A heading that means something in a plan.
enum PlanHeading {
  /// `# text`
  case first(String)
  /// `## Wave N` or `### Wave N`
  case wave(Int64)
  /// `### Task N: title` or `#### Task N: title`
  case task(Int64, String)

  /// Reads a line that begins with `#`; `nil` for every other heading.
  init?(_ line: Range<Int>, _ span: Span<UInt8>) {
    var reader = PlanHeadingReader(line)
    let level = reader.level(span)
    guard reader.skipBlanks(span) else { return nil }
    switch level {
    case 1:
      self = .first(span.text(reader.position..<line.upperBound))
    case 2...4:
      if level < 4, reader.word("Wave", span), let number = reader.number(span),
        reader.isAtWordEnd(span)
      {
        self = .wave(number)
      } else if level > 2, reader.word("Task", span), let number = reader.number(span),
        reader.separator(span)
      {
        let title = span.text(reader.position..<line.upperBound)
        guard !title.isEmpty else { return nil }
        self = .task(number, title)
      } else {
        return nil
      }
    default:
      return nil
    }
  }
}

/// A position in the line of a heading.
private struct PlanHeadingReader {
  private(set) var position: Int
  private let end: Int

  init(_ line: Range<Int>) {
    position = line.lowerBound
    end = line.upperBound
  }

  /// Passes the `#`s and returns how many there are.
  mutating func level(_ span: Span<UInt8>) -> Int {
    let start = position
    while position < end, span[position] == UInt8(ascii: "#") { position += 1 }
    return position - start
  }

  /// Passes spaces and tabs; whether there were any.
  @discardableResult
  mutating func skipBlanks(_ span: Span<UInt8>) -> Bool {
    let start = position
    while position < end, span[position] == 0x20 || span[position] == 0x09 { position += 1 }
    return position > start
  }

  /// Passes a word and the blanks behind it; moves only when both are there.
  mutating func word(_ word: StaticString, _ span: Span<UInt8>) -> Bool {
    let start = position
    guard span.has(word, at: position, before: end) else { return false }
    position += word.utf8CodeUnitCount
    if skipBlanks(span) { return true }
    position = start
    return false
  }

  /// Passes digits; `nil` when there are none or too many for Int64.
  mutating func number(_ span: Span<UInt8>) -> Int64? {
    let start = position
    var value: Int64 = 0
    while position < end, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(span[position]) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflow) = tens.addingReportingOverflow(
        Int64(span[position] - UInt8(ascii: "0")))
      guard !overflow, !sumOverflow else { return nil }
      value = sum
      position += 1
    }
    return position > start ? value : nil
  }

  /// Whether the number ends here: `Wave 1a` and `Wave 1.5` have no number of a wave.
  func isAtWordEnd(_ span: Span<UInt8>) -> Bool {
    guard position < end else { return true }
    switch span[position] {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "_"):
      return false
    case UInt8(ascii: "."), UInt8(ascii: ","):
      return position + 1 == end
        || !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(span[position + 1])
    default:
      return true
    }
  }

  /// Passes blanks and one of `:`, `—`, `–`, `-`; whether it was there.
  mutating func separator(_ span: Span<UInt8>) -> Bool {
    skipBlanks(span)
    if span.has(":", at: position, before: end) || span.has("-", at: position, before: end) {
      position += 1
      return true
    }
    if span.has("—", at: position, before: end) || span.has("–", at: position, before: end) {
      position += 3
      return true
    }
    return false
  }
}
