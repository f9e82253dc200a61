import HoldfastModel

/// A section of a text file between two lines of ours; all else in the file belongs to somebody else.
struct MarkedSection {
  static let begin = "<!-- holdfast:begin -->"
  static let end = "<!-- holdfast:end -->"

  /// The lines of the file, each with what ends it.
  private var lines: [ArraySlice<UInt8>] = []
  /// The lines of the section, the two marks among them; nil where there is none.
  private let range: Range<Int>?

  /// - Parameter name: What messages call the file.
  /// - Throws: ``HoldfastError`` when the marks are not one pair in their order.
  init(_ bytes: [UInt8], in name: String) throws(HoldfastError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
      lines.append(rest[..<end])
      rest = rest[end...]
    }
    let begins = lines.indices.filter { [lines] in Self.isMark(lines[$0], Self.begin) }
    let ends = lines.indices.filter { [lines] in Self.isMark(lines[$0], Self.end) }
    switch (begins.count, ends.count) {
    case (0, 0): range = nil
    case (1, 1) where begins[0] < ends[0]: range = begins[0]..<(ends[0] + 1)
    default:
      let places = (begins + ends).sorted().map { String($0 + 1) }.joined(separator: ", ")
      throw HoldfastError(
        .conflict,
        "\(name) has the marks \(Self.begin) and \(Self.end) not once each and in this order (lines "
          + "\(places)): mend that, and try again")
    }
  }

  /// Whether the section is there.
  var isThere: Bool { range != nil }

  /// The file with these lines as its section: in place of the one that is there, else at the end.
  func put(_ text: [String]) -> [UInt8] {
    let newline = Array((lines.first?.suffix(2) == [0x0D, 0x0A] ? "\r\n" : "\n").utf8)
    let section = ([Self.begin] + text + [Self.end]).map { Array($0.utf8) }
      .joined(separator: newline)
    guard let range else {
      var bytes = Array(lines.joined())
      if let last = bytes.last { bytes += (last == 0x0A ? [] : newline) + newline }
      return bytes + section + newline
    }
    let isEnded = lines[range.upperBound - 1].last == 0x0A
    return Array(lines[..<range.lowerBound].joined()) + section + (isEnded ? newline : [])
      + lines[range.upperBound...].joined()
  }

  /// The file without its section and the empty line before it.
  func takenOut() -> [UInt8] {
    guard let range else { return Array(lines.joined()) }
    var before = lines[..<range.lowerBound]
    if let last = before.last, last == [0x0A] || last == [0x0D, 0x0A] { before.removeLast() }
    return Array(before.joined()) + lines[range.upperBound...].joined()
  }

  private static func isMark(_ line: ArraySlice<UInt8>, _ mark: String) -> Bool {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    let text = line.drop(while: isSpace)
    let end = text.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? text.startIndex
    return text[..<end].elementsEqual(mark.utf8)
  }
}
