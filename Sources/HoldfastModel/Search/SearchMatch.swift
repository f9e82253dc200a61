/// Where the terms of a query stand in one text.
public struct SearchMatch: Sendable {
  /// How often each term of ``SearchQuery/terms`` stands there.
  public private(set) var counts: [Int]

  /// One place of a term.
  struct Occurrence {
    let term: Int
    /// Its words, counted from the text's first.
    let words: ClosedRange<Int>
  }

  /// Looks through a text; what is beyond ``SearchWords/textBytesMax`` does not count.
  public init(_ query: SearchQuery, in text: UnsafeRawBufferPointer) {
    self.init(query, in: text, word: { _ in }, found: { _ in })
  }

  /// - Parameters:
  ///   - word: Told where each word stands.
  ///   - found: Told of each occurrence when its last word was.
  init(
    _ query: SearchQuery, in text: UnsafeRawBufferPointer, word: (Range<Int>) -> Void,
    found: (Occurrence) -> Void
  ) {
    let terms = query.terms
    var counts = [Int](repeating: 0, count: terms.count)
    // For each term, the bit n says that its first n + 1 words are those that were just read.
    var progress = [UInt64](repeating: 0, count: terms.count)
    var index = 0
    SearchWords.each(in: text) { read, place in
      word(place)
      for (number, term) in terms.enumerated() {
        let begun = progress[number] << 1 | 1
        var reached: UInt64 = 0
        for (position, wanted) in term.words.enumerated() where begun & (1 << position) != 0 {
          let isLast = position == term.words.count - 1
          let isThere = term.isPrefix && isLast ? read.starts(with: wanted) : read == wanted
          if isThere { reached |= 1 << position }
        }
        progress[number] = reached
        guard reached & (1 << (term.words.count - 1)) != 0 else { continue }
        counts[number] += 1
        found(Occurrence(term: number, words: (index - term.words.count + 1)...index))
      }
      index += 1
    }
    self.counts = counts
  }
}
