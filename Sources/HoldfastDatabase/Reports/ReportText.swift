/// The text of a report, looked through once: that it is one statement that reads, which names it has in
/// it, and where its values go.
///
/// What stands in quotes is a value, whatever it says.
struct ReportText {
  /// The statement with the engine's marks for values, without comments and what ends it.
  private(set) var text = ""
  /// Every name in it, in small letters.
  private(set) var names: Set<String> = []
  /// The highest number of a value.
  private(set) var valueCount = 0

  private let dialect: Dialect
  private let bytes: [UInt8]
  private var place = 0
  private var out: [UInt8] = []
  private var firstName: String?
  private var hasEnded = false

  private static let reading: Set<String> = ["select", "with", "values"]

  init(_ text: String, _ dialect: Dialect) throws(ReportRefusal) {
    self.dialect = dialect
    bytes = Array(text.utf8)
    while place < bytes.count { try readOn() }
    guard let firstName, Self.reading.contains(firstName) else {
      throw ReportRefusal("a report begins with SELECT, WITH or VALUES: nothing else is taken")
    }
    self.text = String(decoding: out, as: UTF8.self)
  }

  private var byte: UInt8 { bytes[place] }
  private var next: UInt8? { place + 1 < bytes.count ? bytes[place + 1] : nil }

  private mutating func readOn() throws(ReportRefusal) {
    let byte = byte
    if [0x20, 0x09, 0x0A, 0x0D, 0x0C].contains(byte) {
      keep(byte)
    } else if byte == UInt8(ascii: "-"), next == UInt8(ascii: "-") {
      while place < bytes.count, self.byte != 0x0A { place += 1 }
      out.append(0x20)
    } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
      try skipComment()
    } else if byte == UInt8(ascii: ";") {
      hasEnded = true
      place += 1
    } else {
      guard !hasEnded else { throw ReportRefusal("a report is one statement, not several") }
      try readToken()
    }
  }

  private mutating func keep(_ byte: UInt8) {
    out.append(byte)
    place += 1
  }

  private mutating func readToken() throws(ReportRefusal) {
    switch byte {
    case 0: throw ReportRefusal("a report must not contain the character U+0000")
    case UInt8(ascii: "'"): try readQuoted(isEscaped: false)
    case UInt8(ascii: "\""): name(try readQuoted(isEscaped: false))
    case UInt8(ascii: "`") where dialect == .sqlite: name(try readQuoted(isEscaped: false))
    case UInt8(ascii: "[") where dialect == .sqlite: name(try readBracket())
    case UInt8(ascii: "?"): try readMark()
    case UInt8(ascii: "$"): try readDollar()
    case let byte where Self.beginsName(byte): try readName()
    case let byte where Self.isDigit(byte):
      while place < bytes.count, Self.isInName(self.byte) || self.byte == UInt8(ascii: ".") {
        keep(self.byte)
      }
    default: keep(byte)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func beginsName(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_")
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isInName(_ byte: UInt8) -> Bool {
    beginsName(byte) || isDigit(byte) || byte == UInt8(ascii: "$")
  }

  private mutating func name(_ text: String) {
    let small = text.lowercased()
    names.insert(small)
    firstName = firstName ?? small
  }

  private mutating func readName() throws(ReportRefusal) {
    let start = place
    while place < bytes.count, Self.isInName(byte) { keep(byte) }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    let quote = place < bytes.count && byte == UInt8(ascii: "'")
    if dialect == .postgresql, text.lowercased() == "e", quote {
      return _ = try readQuoted(isEscaped: true)
    }
    if text.lowercased() == "u", place < bytes.count, byte == UInt8(ascii: "&") {
      throw ReportRefusal("U& is not taken: write the characters themselves")
    }
    name(text)
  }

  /// Takes what stands in quotes, with them.
  ///
  /// - Returns: What stands between them.
  @discardableResult
  private mutating func readQuoted(isEscaped: Bool) throws(ReportRefusal) -> String {
    let quote = byte
    var inner: [UInt8] = []
    keep(quote)
    while place < bytes.count {
      if isEscaped, byte == UInt8(ascii: "\\"), let next {
        inner.append(next)
        keep(byte)
        keep(next)
      } else if byte == quote {
        guard next == quote else {
          keep(quote)
          return String(decoding: inner, as: UTF8.self)
        }
        inner.append(quote)
        keep(quote)
        keep(quote)
      } else {
        inner.append(byte)
        keep(byte)
      }
    }
    throw ReportRefusal("a quote is not closed")
  }

  private mutating func readBracket() throws(ReportRefusal) -> String {
    let start = place + 1
    while place < bytes.count {
      let byte = byte
      keep(byte)
      if byte == UInt8(ascii: "]") {
        return String(decoding: bytes[start..<place - 1], as: UTF8.self)
      }
    }
    throw ReportRefusal("a bracket is not closed")
  }

  private mutating func skipComment() throws(ReportRefusal) {
    var depth = 0
    while place < bytes.count {
      if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*"), depth == 0 || dialect == .postgresql
      {
        depth += 1
        place += 2
      } else if byte == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
        depth -= 1
        place += 2
        guard depth > 0 else { return out.append(0x20) }
      } else {
        place += 1
      }
    }
    throw ReportRefusal("a comment is not closed")
  }

  private mutating func readMark() throws(ReportRefusal) {
    place += 1
    let start = place
    while place < bytes.count, Self.isDigit(byte) { place += 1 }
    let digits = String(decoding: bytes[start..<place], as: UTF8.self)
    guard let number = digits.isEmpty ? valueCount + 1 : Int(digits), (1...1000).contains(number)
    else { throw ReportRefusal("values count from ?1 to ?1000") }
    valueCount = max(valueCount, number)
    out += (dialect == .sqlite ? "?\(number)" : "$\(number)").utf8
  }

  /// PostgreSQL quotes with `$word$`, too.
  private mutating func readDollar() throws(ReportRefusal) {
    var end = place + 1
    while end < bytes.count, Self.isInName(bytes[end]), bytes[end] != UInt8(ascii: "$") { end += 1 }
    guard dialect == .postgresql, end < bytes.count, bytes[end] == UInt8(ascii: "$") else {
      throw ReportRefusal("values are written ?1, ?2 and so on")
    }
    let mark = bytes[place...end]
    var rest = end + 1
    while rest + mark.count <= bytes.count {
      if bytes[rest..<rest + mark.count].elementsEqual(mark) {
        rest += mark.count
        out += bytes[place..<rest]
        place = rest
        return
      }
      rest += 1
    }
    throw ReportRefusal("a quote is not closed")
  }
}

extension ReportRequest {
  /// The statement as the engine takes it.
  func read(_ dialect: Dialect) throws(ReportRefusal) -> ReportText {
    let read = try ReportText(text, dialect)
    guard read.valueCount == values.count else {
      throw ReportRefusal(
        "the statement has places for \(read.valueCount) values, and \(values.count) are given")
    }
    return read
  }
}
