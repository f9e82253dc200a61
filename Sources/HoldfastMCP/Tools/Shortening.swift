internal import HoldfastJSON

/// Keeps answers within what a client shows: more would be cut where nobody decides.
enum Shortening {
  /// The largest answer, in bytes of JSON.
  static let bytesMax = 10_000
  /// What a text keeps at least, in bytes.
  private static let textMin = 160

  /// The object in at most ``bytesMax`` bytes: times lose their fractions; then the longest texts, and
  /// then the ends of the largest lists, and at last of objects, give way, and the answer says so.
  ///
  /// - Returns: The object, and its text.
  static func fit(
    _ object: JSONObject, bytes limit: Int = bytesMax
  ) -> (object: JSONObject, text: [UInt8]) {
    var json = shortTimes(.object(object), key: "")
    var cut = Cut()
    // Room for saying what was left out.
    let room = limit - 200
    var text = json.rendered()
    var textMax = room
    while text.count > room, textMax > textMin {
      textMax = max(textMin, textMax / 2)
      json = shortTexts(json, key: "", to: textMax, &cut)
      text = json.rendered()
    }
    while text.count > room, let shorter = Halving.halveLargest(json, &cut.elements) {
      json = shorter
      text = json.rendered()
    }
    guard case .object(var fitting) = json, let sentence = cut.sentence else {
      return (json.objectValue ?? object, text)
    }
    fitting.set("cut", .string(sentence))
    return (fitting, JSON.object(fitting).rendered())
  }

  /// How many entries of a list fit from its start, together with all else in the object; nil when all do.
  static func fitting(_ list: String, in object: JSONObject) -> Int? {
    guard let entries = object[list]?.arrayValue else { return nil }
    var rest = object
    rest.set(list, [])
    // Room for the place where the next page starts, and for what was left out of texts.
    var room = bytesMax - 1_000 - JSON.object(rest).rendered().count
    for (index, entry) in entries.enumerated() {
      room -= entry.rendered().count + 1
      if room < 0 { return max(1, index) }
    }
    return nil
  }

  /// A text in at most that many bytes, with an ellipsis where it was cut.
  static func cut(_ text: String, to bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    let room = max(0, bytes - 3)
    var end = text.utf8.index(text.startIndex, offsetBy: room)
    while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
      end = text.utf8.index(before: end)
    }
    return text[..<end] + "…"
  }

  /// What was left out.
  private struct Cut {
    var texts = false
    /// Where a task's text goes on.
    var contentAt: Int?
    var elements = 0

    var sentence: String? {
      var parts: [String] = []
      if let contentAt {
        parts.append("the text goes on: task_get with from raised by \(contentAt)")
      }
      if texts { parts.append("texts that end with … are longer") }
      if elements > 0 { parts.append("\(elements) entries left out: ask for fewer, or page") }
      return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
  }

  private static func shortTimes(_ json: JSON, key: String) -> JSON {
    switch json {
    case .object(let object):
      return .object(
        JSONObject(object.members.map { ($0.key, shortTimes($0.value, key: $0.key)) }))
    case .array(let elements): return .array(elements.map { shortTimes($0, key: key) })
    case .string(let text) where key.hasSuffix("_at") || key.hasSuffix("_until"):
      guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")), text.hasSuffix("Z") else {
        return json
      }
      return .string(text[..<point] + "Z")
    default: return json
    }
  }

  private static func shortTexts(
    _ json: JSON, key: String, to bytes: Int, _ cut: inout Cut
  ) -> JSON {
    switch json {
    case .string(let text):
      guard text.utf8.count > bytes else { return json }
      let short = Self.cut(text, to: bytes)
      if key == "content" {
        cut.contentAt = short.utf8.count - 3
      } else {
        cut.texts = true
      }
      return .string(short)
    case .array(let elements):
      var short: [JSON] = []
      for element in elements { short.append(shortTexts(element, key: key, to: bytes, &cut)) }
      return .array(short)
    case .object(let object):
      var short = JSONObject()
      for member in object.members {
        short.set(member.key, shortTexts(member.value, key: member.key, to: bytes, &cut))
      }
      return .object(short)
    default: return json
    }
  }
}
