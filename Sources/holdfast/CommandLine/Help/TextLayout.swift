/// Lays out paragraphs and lists of terms in a number of columns.
enum TextLayout {
  /// Fills lines with the words of a text.
  /// - Parameters:
  ///   - text: Paragraphs divided by an empty line; a line that begins with a space stays as it is.
  ///   - width: The columns of a line.
  /// - Returns: The lines.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var current = ""
    func end() {
      if !current.isEmpty { lines.append(current) }
      current = ""
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty || line.first == " " {
        end()
        lines.append(String(line))
        continue
      }
      for word in line.split(separator: " ") {
        if !current.isEmpty, current.displayWidth + 1 + word.displayWidth > width { end() }
        current += current.isEmpty ? String(word) : " \(word)"
      }
    }
    end()
    return lines
  }

  /// Lays out terms with their explanations in two columns.
  static func list(_ rows: [(term: String, text: String)], width: Int) -> [String] {
    let widest = rows.map(\.term.displayWidth).filter { $0 <= termWidthMax }.max() ?? 0
    let column = 2 + widest + 2
    let indent = String(repeating: " ", count: column)
    return rows.flatMap { row -> [String] in
      let text = wrapped(row.text, width: max(20, width - column))
      guard row.term.displayWidth <= widest, let first = text.first else {
        return ["  \(row.term)"] + text.map { indent + $0 }
      }
      return ["  \(row.term.padded(to: widest))  \(first)"] + text.dropFirst().map { indent + $0 }
    }
  }

  /// Longer terms have their explanation on the next line.
  private static let termWidthMax = 32
}
