/// Cuts texts into the words that a search compares, the same on every engine.
///
/// A word is a run of letters, digits and the marks that belong to them; everything else stands between
/// words. Ideographs and kana, which are written without spaces, are words of one character each. Case is
/// folded, and so are the diacritics of Latin, Greek and Cyrillic letters: `Été` is the word `ete`.
public enum SearchWords {
  /// A longer word is cut, on whole characters.
  public static let wordBytesMax = 100
  /// Of a longer text only so much is searched.
  public static let textBytesMax = 256 * 1024

  /// Calls `body` with each word and where it stands in the text.
  public static func each(
    in text: UnsafeRawBufferPointer, _ body: (_ word: [UInt8], _ place: Range<Int>) -> Void
  ) {
    let bytes = UnsafeRawBufferPointer(rebasing: text.prefix(textBytesMax))
    var word: [UInt8] = []
    word.reserveCapacity(wordBytesMax)
    var start = 0
    var index = 0
    func end() {
      guard !word.isEmpty else { return }
      body(word, start..<index)
      word.removeAll(keepingCapacity: true)
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        guard isPlain(byte) else {
          end()
          index += 1
          continue
        }
        if word.isEmpty { start = index }
        let first = index
        var common: UInt8 = 0xff
        while index < bytes.count, isPlain(bytes[index]) {
          common &= bytes[index]
          index += 1
        }
        let place = word.count
        let last = min(index, first + wordBytesMax - place)
        word.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[first..<last]))
        // Capitals alone lack that bit.
        if common & 0x20 == 0 {
          for letter in place..<word.count { word[letter] |= 0x20 }
        }
        continue
      }
      guard let (scalar, length) = scalar(at: index, bytes) else {
        end()
        index += 1
        continue
      }
      switch Kind(scalar) {
      case .inWord:
        if word.isEmpty { start = index }
        let folded = SearchFolding.folded(scalar)
        if word.count + folded.count <= wordBytesMax { word += folded }
        index += length
      case .alone:
        end()
        start = index
        word += SearchFolding.folded(scalar)
        index += length
        end()
      case .dropped: index += length
      case .between:
        end()
        index += length
      }
    }
    end()
  }

  /// Whether it is a letter or a digit of ASCII.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
  }

  /// The words of a text with a space between them.
  public static func joined(_ text: UnsafeRawBufferPointer) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(min(text.count, textBytesMax) + 1)
    each(in: text) { word, _ in
      if !result.isEmpty { result.append(UInt8(ascii: " ")) }
      result += word
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The words of a text with a space between them.
  public static func joined(_ text: String) -> String {
    var text = text
    return text.withUTF8 { joined(UnsafeRawBufferPointer($0)) }
  }

  private enum Kind {
    case inWord
    case alone
    /// A part of a word that does not count.
    case dropped
    case between

    init(_ scalar: Unicode.Scalar) {
      switch scalar.value {
      // Combining diacritics, the soft hyphen, joiners.
      case 0x300...0x36f, 0xad, 0x200c, 0x200d: self = .dropped
      case 0x3040...0x30ff, 0x31f0...0x31ff: self = .alone
      default:
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
          .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber,
          .otherNumber:
          self = scalar.properties.isIdeographic ? .alone : .inWord
        default: self = .between
        }
      }
    }
  }

  /// The scalar that starts at a byte beyond ASCII, and its length; nil for what is not UTF-8.
  private static func scalar(
    at index: Int, _ bytes: UnsafeRawBufferPointer
  ) -> (Unicode.Scalar, Int)? {
    let lead = bytes[index]
    let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
    guard (0xc2...0xf4).contains(lead), index + length <= bytes.count else { return nil }
    var value = UInt32(lead) & (0x7f >> UInt32(length))
    for offset in 1..<length {
      let next = bytes[index + offset]
      guard next & 0xc0 == 0x80 else { return nil }
      value = value << 6 | UInt32(next & 0x3f)
    }
    return Unicode.Scalar(value).map { ($0, length) }
  }
}

/// What letters beyond ASCII are compared as.
private enum SearchFolding {
  static func folded(_ scalar: Unicode.Scalar) -> [UInt8] {
    var result: [UInt8] = []
    for lower in scalar.properties.lowercaseMapping.unicodeScalars
    where !(0x300...0x36f).contains(lower.value) {
      result += UTF8.encode(plain[lower] ?? lower) ?? UTF8.encodedReplacementCharacter
    }
    return result
  }

  /// Small letters with diacritics, and the letter without.
  ///
  /// Their names say so: LATIN SMALL LETTER E WITH ACUTE. A few of Cyrillic have names of their own.
  private static let plain: [Unicode.Scalar: Unicode.Scalar] = {
    var byName: [String: Unicode.Scalar] = [:]
    var marked: [(letter: Unicode.Scalar, base: String)] = []
    let blocks: [ClosedRange<UInt32>] = [
      0x61...0x7a, 0xdf...0x24f, 0x370...0x4ff, 0x1e00...0x1fff,
    ]
    for letter in blocks.joined().lazy.compactMap(Unicode.Scalar.init) {
      guard let name = letter.properties.name else { continue }
      byName[name] = letter
      let words = name.split(separator: " ")
      if let with = words.firstIndex(of: "WITH") {
        marked.append((letter, words[..<with].joined(separator: " ")))
      }
    }
    var result: [Unicode.Scalar: Unicode.Scalar] = [
      "ς": "σ", "й": "и", "ё": "е", "ї": "і", "ў": "у", "ѓ": "г", "ќ": "к",
    ]
    for (letter, base) in marked { result[letter] = byName[base] }
    return result
  }()
}
