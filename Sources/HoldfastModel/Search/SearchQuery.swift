/// What a person looks for: words, beginnings of words and phrases.
///
/// `fix auth* "two words" -draft` finds what has the word fix, a word that begins with auth, and the two
/// words side by side, and does not have the word draft. What is written without a space, such as
/// `fix-login`, is a phrase. Any text can be asked for: what is no word is not looked at.
public struct SearchQuery: Sendable, Equatable {
  /// Words that stand side by side.
  public struct Term: Sendable, Equatable {
    /// As ``SearchWords`` gives them, at least one.
    public let words: [[UInt8]]
    /// Whether the last word may go on.
    public let isPrefix: Bool
  }

  /// All of them must be there; at least one.
  public let wanted: [Term]
  /// None of them may be there.
  public let unwanted: [Term]

  /// The longest query, in bytes.
  public static let bytesMax = 512
  /// The most words of a query.
  public static let wordsMax = 32
  /// The shortest beginning of a word, in bytes.
  public static let prefixBytesMin = 2

  /// Wanted terms first.
  public var terms: [Term] { wanted + unwanted }

  /// Reads a query.
  ///
  /// - Parameter field: Where it stands, for its error.
  /// - Throws: ``HoldfastError`` for one that is too long, or has no word to look for.
  public init(_ text: String, field: FieldPosition) throws(HoldfastError) {
    guard text.utf8.count <= Self.bytesMax else {
      throw field.mustBe("at most \(Self.bytesMax) bytes long")
    }
    var wanted: [Term] = []
    var unwanted: [Term] = []
    for piece in Self.pieces(of: text) {
      var words: [[UInt8]] = []
      var text = piece.text
      text.withUTF8 {
        SearchWords.each(in: UnsafeRawBufferPointer($0)) { word, _ in words.append(word) }
      }
      guard let last = words.last else { continue }
      let isShort = last.count < Self.prefixBytesMin
      guard !(piece.isPrefix && isShort && words.count == 1) else {
        throw field.mustBe(
          "without the beginning \(piece.text.quoted)*: at least \(Self.prefixBytesMin) letters stand "
            + "before a *")
      }
      let term = Term(words: words, isPrefix: piece.isPrefix)
      if piece.isUnwanted { unwanted.append(term) } else { wanted.append(term) }
    }
    guard !wanted.isEmpty else {
      throw field.mustBe(
        "a word to look for, such as login, auth* or \"two words\"; -draft leaves out what has that "
          + "word, but does not find anything alone")
    }
    guard (wanted + unwanted).reduce(0, { $0 + $1.words.count }) <= Self.wordsMax else {
      throw field.mustBe("at most \(Self.wordsMax) words")
    }
    self.wanted = wanted
    self.unwanted = unwanted
  }

  /// A part of the query as it was written.
  private struct Piece {
    var text = ""
    var isUnwanted = false
    var isPrefix = false
  }

  private static func pieces(of text: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = text.unicodeScalars[...]
    while let first = rest.first {
      if first.properties.isWhitespace {
        rest.removeFirst()
        continue
      }
      var piece = Piece()
      if first == "-", let next = rest.dropFirst().first, !next.properties.isWhitespace {
        piece.isUnwanted = true
        rest.removeFirst()
      }
      if rest.first == "\"" {
        rest.removeFirst()
        let end = rest.firstIndex(of: "\"") ?? rest.endIndex
        piece.text = String(rest[..<end])
        rest = rest[end...].dropFirst()
        if rest.first == "*" {
          piece.isPrefix = true
          rest.removeFirst()
        }
      } else {
        let end = rest.firstIndex { $0.properties.isWhitespace || $0 == "\"" } ?? rest.endIndex
        piece.text = String(rest[..<end])
        piece.isPrefix = piece.text.hasSuffix("*")
        rest = rest[end...]
      }
      pieces.append(piece)
    }
    return pieces
  }
}
