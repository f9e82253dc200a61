extension Option {
  /// Checks a text as a value of this option.
  /// - Returns: The text, or what the option takes instead, to follow "--name takes".
  func checked(_ text: String) -> Result<String, Mismatch> {
    switch kind {
    case .flag, .toggle:
      text == "true" || text == "false" ? .success(text) : .failure(Mismatch("true or false"))
    case .text:
      .success(text)
    case .integer(let range):
      Int(text).map { range.contains($0) } == true
        ? .success(text) : .failure(Mismatch("a whole number \(Option.words(for: range))"))
    case .choice(let words):
      words.contains(text)
        ? .success(text) : .failure(Mismatch(words.joinedAsChoice, nearestAmong: words))
    }
  }

  /// What an option takes, when it was given something else.
  struct Mismatch: Error {
    /// The end of the sentence "--name takes".
    let wanted: String
    /// The words to choose from, where it is a choice.
    let words: [String]

    init(_ wanted: String, nearestAmong words: [String] = []) {
      self.wanted = wanted
      self.words = words
    }
  }

  /// A range in words.
  private static func words(for range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (let low, .max): "of at least \(low)"
    case (.min, let high): "of at most \(high)"
    case (let low, let high): "from \(low) to \(high)"
    }
  }
}

extension [String] {
  /// The words as a choice in a sentence: `a, b or c`.
  var joinedAsChoice: String {
    guard let last, count > 1 else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " or " + last
  }
}
