extension String {
  /// This text without the Unicode white space at its two ends.
  package var trimmed: String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }

  /// This text in double quotes for an error sentence: quotes, backslashes and control characters
  /// are escaped, and what is longer than 200 characters is cut.
  package var quoted: String { "\"\(legible(escapingQuotes: true))\"" }

  /// This text for an error sentence without quotes: control characters are escaped, and what is
  /// longer than 200 characters is cut.
  package var legible: String { legible(escapingQuotes: false) }

  private func legible(escapingQuotes: Bool) -> String {
    var result = ""
    var count = 0
    for scalar in unicodeScalars {
      count += 1
      if count > 200 {
        result += "…"
        break
      }
      switch scalar {
      case "\"" where escapingQuotes: result += "\\\""
      case "\\" where escapingQuotes: result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.properties.generalCategory == .control:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
