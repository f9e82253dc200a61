extension JSONParser {
  /// A string, from its opening quote through its closing quote.
  mutating func string() throws(JSONError) -> String {
    let start = index + 1
    var hasEscapes = false
    var end = ByteScan.stringStop(bytes, from: start, to: bytes.count)
    while end < bytes.count, bytes[end] == Byte.backslash {
      hasEscapes = true
      // What is escaped is looked at later; here it only must not end the string.
      end = ByteScan.stringStop(bytes, from: min(end + 2, bytes.count), to: bytes.count)
    }
    guard end < bytes.count, bytes[end] == Byte.quote else {
      // An escape that is wrong stands before the end that is wrong.
      if hasEscapes { _ = try unescaped(start..<end) }
      throw failure(end < bytes.count ? .controlCharacter : .unexpectedEnd, at: end)
    }
    index = end + 1
    if hasEscapes { return try unescaped(start..<end) }
    return try text(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), of: start..<end)
  }

  /// The string of bytes that must be UTF-8, written in `range`.
  private func text(
    _ utf8: UnsafeRawBufferPointer, of range: Range<Int>
  ) throws(JSONError) -> String {
    let units = utf8.assumingMemoryBound(to: UInt8.self)
    // `String(validating:as:)` is generic and, for short strings, twice as slow.
    guard let text = try? UTF8Span(validating: units.span) else {
      // Escapes stand for whole characters, so what is wrong stands in the bytes as written.
      let written = UnsafeRawBufferPointer(rebasing: bytes[range])
      throw failure(.invalidUTF8, at: range.lowerBound + (ByteScan.firstInvalid(written) ?? 0))
    }
    return String(copying: text)
  }

  private func unescaped(_ range: Range<Int>) throws(JSONError) -> String {
    // No escape stands for more bytes than it is written with.
    try withUnsafeTemporaryAllocation(byteCount: range.count, alignment: 1) {
      (output) throws(JSONError) in
      var source = range.lowerBound
      var count = 0
      while source < range.upperBound {
        let stop = ByteScan.stringStop(bytes, from: source, to: range.upperBound)
        UnsafeMutableRawBufferPointer(rebasing: output[count...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[source..<stop]))
        count += stop - source
        source = stop
        guard stop < range.upperBound else { break }
        let scalar = try escape(at: &source, end: range.upperBound)
        for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
          output[count] = unit
          count += 1
        }
      }
      return try text(UnsafeRawBufferPointer(rebasing: output[..<count]), of: range)
    }
  }

  /// The character that the escape at `source` stands for; `source` moves behind it.
  private func escape(at source: inout Int, end: Int) throws(JSONError) -> Unicode.Scalar {
    let start = source
    guard start + 1 < end else { throw cutOff(start, at: end) }
    source += 2
    switch bytes[start + 1] {
    case Byte.quote, Byte.backslash, Byte.slash: return Unicode.Scalar(bytes[start + 1])
    case UInt8(ascii: "b"): return Unicode.Scalar(Byte.backspace)
    case UInt8(ascii: "f"): return Unicode.Scalar(Byte.formFeed)
    case UInt8(ascii: "n"): return Unicode.Scalar(Byte.newline)
    case UInt8(ascii: "r"): return Unicode.Scalar(Byte.carriageReturn)
    case UInt8(ascii: "t"): return Unicode.Scalar(Byte.tab)
    case UInt8(ascii: "u"): break
    default: throw failure(.invalidEscape, at: start)
    }
    let first = try codeUnit(at: &source, end: end, escape: start)
    if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
    // A high half needs a low half right behind it.
    guard UTF16.isLeadSurrogate(first), source + 1 < end, bytes[source] == Byte.backslash,
      bytes[source + 1] == UInt8(ascii: "u")
    else { throw failure(.loneSurrogate, at: start) }
    source += 2
    let second = try codeUnit(at: &source, end: end, escape: source - 2)
    let bits = (UInt32(first) & 0x3FF) << 10 | UInt32(second) & 0x3FF
    guard UTF16.isTrailSurrogate(second), let scalar = Unicode.Scalar(bits + 0x10000) else {
      throw failure(.loneSurrogate, at: start)
    }
    return scalar
  }

  private func codeUnit(
    at source: inout Int, end: Int, escape start: Int
  ) throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard source < end else { throw cutOff(start, at: end) }
      let byte = bytes[source]
      let digit: UInt8
      switch byte {
      case Byte.zero...Byte.nine: digit = byte - Byte.zero
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw failure(.invalidEscape, at: start)
      }
      unit = unit << 4 | UInt16(digit)
      source += 1
    }
    return unit
  }

  /// The error for an escape that is cut off: by the end of the input, or only of the string.
  private func cutOff(_ escape: Int, at end: Int) -> JSONError {
    end == bytes.count ? failure(.unexpectedEnd, at: end) : failure(.invalidEscape, at: escape)
  }
}
