internal import HoldfastJSON

/// A task as a text to read: what is known of it in a line each, and then its whole text as it is.
enum TaskDocument {
  static func text(of answer: JSON) -> String {
    let task = TaskShape.single(answer.objectValue ?? JSONObject())
    let name = task["title"] ?? task["filename"] ?? task["id"] ?? ""
    var text = "# \(line(name))\n\n"
    for member in task.members where !["title", "content"].contains(member.key) {
      text += "- \(member.key): \(line(member.value))\n"
    }
    switch task["content"] {
    case nil: break
    case .string(let content): text += "\n\(content)"
    // Bytes that are no text.
    case .some(let other): text += "\n\(other.renderedText())"
    }
    return text
  }

  /// A value in one line, so that none can pass for another one.
  private static func line(_ value: JSON) -> String {
    switch value {
    case .string(let text):
      let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
      return isPlain ? text : value.renderedText()
    case .array(let elements) where elements.allSatisfy { $0.stringValue != nil }:
      return elements.map(line).joined(separator: ", ")
    default: return value.renderedText()
    }
  }
}
