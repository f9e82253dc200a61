extension JSON {
  /// Renders the value as compact JSON in UTF-8.
  /// - Parameter escapingHTML: Whether `<`, `>`, `&`, U+2028 and U+2029 are written as escapes.
  /// - Returns: The bytes.
  public func rendered(escapingHTML: Bool = false) -> [UInt8] {
    var writer = JSONWriter(escapingHTML: escapingHTML)
    writer.value(self)
    return writer.bytes
  }

  /// Renders the value as text.
  /// - Parameter pretty: Whether each member and element has its own line, indented by two spaces.
  /// - Returns: The text, without a newline at its end.
  public func renderedText(pretty: Bool = false) -> String {
    guard pretty else { return String(decoding: rendered(), as: UTF8.self) }
    var writer = JSONWriter()
    writer.prettyValue(self, depth: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension JSONWriter {
  fileprivate mutating func prettyValue(_ json: JSON, depth: Int) {
    switch json {
    case .array(let elements) where !elements.isEmpty:
      beginArray()
      for element in elements {
        startLine(depth: depth + 1)
        prettyValue(element, depth: depth + 1)
      }
      endLine(depth: depth)
      endArray()
    case .object(let object) where !object.members.isEmpty:
      beginObject()
      for member in object.members {
        startLine(depth: depth + 1)
        key(member.key)
        appendSpace()
        prettyValue(member.value, depth: depth + 1)
      }
      endLine(depth: depth)
      endObject()
    default:
      value(json)
    }
  }
}
