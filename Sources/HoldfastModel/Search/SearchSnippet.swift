/// The part of a text that shows best why it was found, as HTML: the words that were looked for stand in
/// `<mark>`, and everything else is escaped.
public enum SearchSnippet {
  /// Words of a snippet at most.
  private static let wordsMax = 28
  /// Words that it shows before the first that was looked for.
  private static let wordsBefore = 5
  /// Occurrences that are looked at.
  private static let occurrencesMax = 1_000
  /// A longer word, or what stands between two, is cut.
  private static let pieceBytesMax = 60

  /// The snippet of a text; nil when nothing that is wanted is in it.
  public static func html(of text: UnsafeRawBufferPointer, _ query: SearchQuery) -> String? {
    var places: [Range<Int>] = []
    var occurrences: [SearchMatch.Occurrence] = []
    _ = SearchMatch(query, in: text, word: { places.append($0) }) { occurrence in
      if occurrence.term < query.wanted.count, occurrences.count < occurrencesMax {
        occurrences.append(occurrence)
      }
    }
    guard let first = best(of: occurrences.sorted { $0.words.lowerBound < $1.words.lowerBound })
    else { return nil }
    let start = max(0, first - wordsBefore)
    let end = min(places.count, start + wordsMax)
    return render(text, places, start..<end, occurrences)
  }

  /// The beginning of a text, without marks.
  public static func beginning(of text: UnsafeRawBufferPointer) -> String {
    var places: [Range<Int>] = []
    SearchWords.each(in: text) { if places.count <= wordsMax { places.append($1) } }
    return render(text, places, 0..<min(places.count, wordsMax), [])
  }

  /// The word at which the most different terms begin to stand close together.
  private static func best(of occurrences: [SearchMatch.Occurrence]) -> Int? {
    var best: (terms: Int, count: Int, first: Int)?
    for (index, first) in occurrences.enumerated() {
      let end = first.words.lowerBound + wordsMax - wordsBefore
      let close = occurrences[index...].prefix(wordsMax).prefix { $0.words.upperBound < end }
      let terms = Set(close.map(\.term)).count
      if let known = best, (known.terms, known.count) >= (terms, close.count) { continue }
      best = (terms, close.count, first.words.lowerBound)
    }
    return best?.first
  }

  private static func render(
    _ text: UnsafeRawBufferPointer, _ places: [Range<Int>], _ words: Range<Int>,
    _ occurrences: [SearchMatch.Occurrence]
  ) -> String {
    guard let first = words.first, let last = words.last else { return "" }
    var isMarked = [Bool](repeating: false, count: words.count)
    // Whether the mark goes on from the word before.
    var isJoined = isMarked
    for occurrence in occurrences where occurrence.words.overlaps(first...last) {
      for word in occurrence.words.clamped(to: first...last) {
        isMarked[word - first] = true
        if word > max(occurrence.words.lowerBound, first) { isJoined[word - first] = true }
      }
    }
    var html = first > 0 ? "… " : ""
    for word in words {
      let index = word - first
      if word > first {
        let joins = isJoined[index]
        if isMarked[index - 1] && !joins { html += "</mark>" }
        append(text, places[word - 1].upperBound..<places[word].lowerBound, to: &html)
        if isMarked[index] && !joins { html += "<mark>" }
      } else if isMarked[index] {
        html += "<mark>"
      }
      append(text, places[word], to: &html)
    }
    if isMarked[words.count - 1] { html += "</mark>" }
    return html + (last < places.count - 1 ? " …" : "")
  }

  /// Appends a piece of the text, escaped; what is between words on one line.
  private static func append(
    _ text: UnsafeRawBufferPointer, _ place: Range<Int>, to html: inout String
  ) {
    let piece = String(decoding: text[place], as: UTF8.self)
    var isSpace = false
    var bytes = 0
    for scalar in piece.unicodeScalars {
      if scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7f {
        isSpace = true
        continue
      }
      bytes += UTF8.width(scalar)
      guard bytes <= pieceBytesMax else {
        html += "…"
        break
      }
      if isSpace { html += " " }
      isSpace = false
      switch scalar {
      case "&": html += "&amp;"
      case "<": html += "&lt;"
      case ">": html += "&gt;"
      case "\"": html += "&quot;"
      case "'": html += "&#39;"
      default: html.unicodeScalars.append(scalar)
      }
    }
    if isSpace { html += " " }
  }
}
