extension JSONWriter {
  /// Writes a key that is known to need no escapes, such as the name of a field in the source.
  public mutating func key(_ key: StaticString) {
    startValue()
    bytes.append(Byte.quote)
    append(key)
    bytes.append(Byte.quote)
    endKey()
  }

  /// Writes a key.
  @_disfavoredOverload  // a literal is a `StaticString` here, not the usual `String`
  public mutating func key(_ key: String) {
    string(key)
    endKey()
  }

  /// Writes a string.
  public mutating func string(_ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      startValue()
      bytes.append(Byte.quote)
      append(escaping: UnsafeRawBufferPointer(utf8))
      bytes.append(Byte.quote)
    }
  }

  /// Writes a string that is UTF-8; each byte that is not is replaced by U+FFFD.
  public mutating func string(utf8: [UInt8]) {
    utf8.withUnsafeBytes { string(utf8: $0) }
  }

  /// Writes a string that is UTF-8; each byte that is not is replaced by U+FFFD.
  public mutating func string(utf8: UnsafeRawBufferPointer) {
    startValue()
    bytes.append(Byte.quote)
    var rest = utf8
    while let invalid = ByteScan.firstInvalid(rest) {
      append(escaping: UnsafeRawBufferPointer(rebasing: rest[..<invalid]))
      // Go's encoding/json writes the replacement as an escape.
      append(escapingHTML ? "\\ufffd" : "\u{FFFD}")
      rest = UnsafeRawBufferPointer(rebasing: rest[(invalid + 1)...])
    }
    append(escaping: rest)
    bytes.append(Byte.quote)
  }

  /// Appends valid UTF-8: runs that need no escape at once, the rest escaped.
  private mutating func append(escaping utf8: UnsafeRawBufferPointer) {
    var written = 0
    var index = 0
    while true {
      index =
        escapingHTML
        ? ByteScan.htmlStop(utf8, from: index, to: utf8.count)
        : ByteScan.stringStop(utf8, from: index, to: utf8.count)
      guard index < utf8.count else { break }
      let length = escapedLength(utf8, at: index)
      if length > 0 {
        append(utf8, written..<index)
        escape(utf8[index + length - 1])
        written = index + length
      }
      index += max(length, 1)
    }
    append(utf8, written..<utf8.count)
  }

  @inline(__always)
  private mutating func append(_ utf8: UnsafeRawBufferPointer, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let run = UnsafeRawBufferPointer(rebasing: utf8[range])
    bytes.append(contentsOf: run.assumingMemoryBound(to: UInt8.self))
  }

  /// The number of bytes of the character to escape at an index; 0 when it needs no escape.
  private func escapedLength(_ utf8: UnsafeRawBufferPointer, at index: Int) -> Int {
    guard utf8[index] == Byte.separatorLead else { return 1 }
    // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
    let isSeparator = utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8
    return isSeparator ? 3 : 0
  }

  /// Appends the escape of a character, told by its last byte.
  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case Byte.quote, Byte.backslash: appendEscape(byte)
    case Byte.newline: appendEscape(UInt8(ascii: "n"))
    case Byte.carriageReturn: appendEscape(UInt8(ascii: "r"))
    case Byte.tab: appendEscape(UInt8(ascii: "t"))
    case Byte.backspace: appendEscape(UInt8(ascii: "b"))
    case Byte.formFeed: appendEscape(UInt8(ascii: "f"))
    case 0xA8: append(#"\u2028"#)
    case 0xA9: append(#"\u2029"#)
    default:
      append(#"\u00"#)
      bytes.append(hexDigit(byte >> 4))
      bytes.append(hexDigit(byte & 0xF))
    }
  }

  @inline(__always)
  private mutating func appendEscape(_ letter: UInt8) {
    bytes.append(Byte.backslash)
    bytes.append(letter)
  }

  private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? Byte.zero + value : UInt8(ascii: "a") + value - 10
  }
}
