/// The distance between words, for "did you mean".
public enum EditDistance {
  /// The longest word, in Unicode scalars, that is compared; a longer one has no nearest.
  public static let lengthMax = 128

  /// Returns the word of `candidates` nearest to `word`, the first of equals.
  ///
  /// - Parameters:
  ///   - word: What somebody wrote.
  ///   - candidates: What they may have meant.
  /// - Returns: The nearest candidate. Where more than a third of the letters of `word`, and more than
  ///   one, would have to change, the first that shares a whole part between underscores with it, as
  ///   `task` with `task_id`; `nil` when there is none either.
  public static func nearest(_ word: String, among candidates: [String]) -> String? {
    let scalars = Array(word.unicodeScalars)
    guard scalars.count <= lengthMax else { return nil }
    var limit = max(1, scalars.count / 3)
    var nearest: String?
    for candidate in candidates {
      let other = Array(candidate.unicodeScalars.prefix(lengthMax + 1))
      guard abs(other.count - scalars.count) <= limit else { continue }
      let distance = distance(scalars, other)
      if distance <= limit && (nearest == nil || distance < limit) {
        nearest = candidate
        limit = distance
      }
    }
    return nearest ?? candidates.first { isPart(word, of: $0) || isPart($0, of: word) }
  }

  /// Whether a word stands between the underscores of another one.
  private static func isPart(_ word: String, of whole: String) -> Bool {
    whole.split(separator: "_").contains { $0 == word }
  }

  /// Returns the end of a refusal that names the nearest word, or nothing when none is near.
  public static func hint(_ word: String, among candidates: [String]) -> String {
    nearest(word, among: candidates).map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// Returns the same end for words of which people write the beginning alone, as `revew` for
  /// `reviewing`: where no word is near, the first one is named whose beginning is.
  public static func hintOfBeginning(_ word: String, among candidates: [String]) -> String {
    let scalars = Array(word.unicodeScalars)
    let whole = hint(word, among: candidates)
    guard whole.isEmpty, (4...lengthMax).contains(scalars.count) else { return whole }
    let found = candidates.first { candidate in
      let other = Array(candidate.unicodeScalars)
      return (scalars.count - 1...scalars.count + 1).contains { length in
        length < other.count && distance(scalars, Array(other.prefix(length))) <= 1
      }
    }
    return found.map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// Returns how many insertions, deletions, replacements and swaps of neighbours lead from one
  /// word to another, no place being edited twice (optimal string alignment).
  ///
  /// - Complexity: O(*n* · *m*) in the lengths of the two words.
  static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    guard !a.isEmpty else { return b.count }
    guard !b.isEmpty else { return a.count }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    var row = beforeLast
    for i in 1...a.count {
      row[0] = i
      for j in 1...b.count {
        let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        row[j] = min(replaced, last[j] + 1, row[j - 1] + 1)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last, row) = (last, row, beforeLast)
    }
    return last[b.count]
  }
}
