import HoldfastJSON

// What is beyond setting one value.
extension JSONText {
  /// A document without its comments and without commas behind the last element, which some programs allow.
  static func plain(_ text: some Collection<UInt8>) -> [UInt8] {
    var bytes = Array(text)
    var place = 0
    /// A comma with nothing but white space behind it so far.
    var comma: Int?
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        comma = nil
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
          place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
      case UInt8(ascii: "/") where place + 1 < bytes.count:
        if let end = endOfComment(in: bytes, from: place) {
          for index in place..<end where bytes[index] != 0x0A { bytes[index] = 0x20 }
          place = end - 1
        }
      case UInt8(ascii: ","): comma = place
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let comma { bytes[comma] = 0x20 }
        comma = nil
      case 0x20, 0x09, 0x0A, 0x0D: break
      default: comma = nil
      }
      place += 1
    }
    return bytes
  }

  private static func endOfComment(in bytes: [UInt8], from start: Int) -> Int? {
    switch bytes[start + 1] {
    case UInt8(ascii: "/"): return bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
    case UInt8(ascii: "*"):
      var place = start + 2
      while place + 1 < bytes.count {
        if bytes[place] == UInt8(ascii: "*"), bytes[place + 1] == UInt8(ascii: "/") {
          return place + 2
        }
        place += 1
      }
      return bytes.count
    default: return nil
    }
  }

  /// Sets members of the object at a path and takes others out; where nothing stands, makes it.
  ///
  /// An object among the members is merged into the one that is there.
  mutating func merge(
    _ members: JSONObject, without names: [String] = [], at path: [String]
  ) throws(Failure) {
    guard let old = try value(at: path)?.objectValue else {
      return try set(.object(members), at: path)
    }
    for name in names where old[name] != nil { try remove(at: path + [name]) }
    for member in members.members {
      let there = old[member.key]
      guard there != member.value else { continue }
      if let inner = member.value.objectValue, there?.objectValue != nil {
        try merge(inner, at: path + [member.key])
      } else {
        try set(member.value, at: path + [member.key])
      }
    }
  }

  /// Takes the member at a path out, with its comma and its line.
  mutating func remove(at path: [String]) throws(Failure) {
    guard let name = path.last else { return }
    let object = try place(of: Array(path.dropLast()))
    let all = try members(ofObjectAt: object)
    guard let index = all.all.lastIndex(where: { $0.key == name }) else { return }
    let spans = all.all.map { $0.start..<$0.value.upperBound }
    try take(index, of: spans)
  }

  /// Puts a value behind the others of the array at a path; makes the array where there is none.
  mutating func append(_ value: JSON, toArrayAt path: [String]) throws(Failure) {
    guard let old = try self.value(at: path) else { return try set([value], at: path) }
    guard case .array(let there) = old else {
      throw Failure(reason: "\(path.joined(separator: ".")) is not a list")
    }
    guard !there.isEmpty else { return try set([value], at: path) }
    let start = try place(of: path)
    let (spans, end, comma) = try elements(ofArrayAt: start)
    insert(behind: spans, comma: comma, from: start, to: end) {
      Self.lines(of: value, indentedBy: $0)
    }
  }

  /// Takes the element with a number out of the array at a path.
  mutating func remove(_ index: Int, ofArrayAt path: [String]) throws(Failure) {
    let spans = try elements(ofArrayAt: place(of: path)).spans
    guard spans.indices.contains(index) else { return }
    try take(index, of: spans)
  }

  /// Where the value at a path begins.
  private func place(of path: [String]) throws(Failure) -> Int {
    guard !path.isEmpty else { return try space(from: 0) }
    guard let found = try find(path).value else {
      throw Failure(reason: "there is no \(path.joined(separator: "."))")
    }
    return found.lowerBound
  }

  private func elements(
    ofArrayAt start: Int
  ) throws(Failure) -> (spans: [Range<Int>], end: Int, comma: Int?) {
    guard try byte(at: start) == UInt8(ascii: "[") else {
      throw Failure(reason: "it is not a list")
    }
    var spans: [Range<Int>] = []
    var comma: Int?
    var place = try space(from: start + 1)
    while try byte(at: place) != UInt8(ascii: "]") {
      let end = try endOfValue(from: place)
      spans.append(place..<end)
      place = try space(from: end)
      comma = nil
      if try byte(at: place) == UInt8(ascii: ",") {
        comma = place
        place = try space(from: place + 1)
      } else if try byte(at: place) != UInt8(ascii: "]") {
        throw Failure(reason: "a comma is missing in a list")
      }
    }
    return (spans, place, comma)
  }

  /// Takes an element out with the white space before it, and the comma that it needed; comments stay.
  private mutating func take(_ index: Int, of spans: [Range<Int>]) throws(Failure) {
    let span = spans[index]
    let next = try space(from: span.upperBound)
    let hasComma = try byte(at: next) == UInt8(ascii: ",")
    let end = hasComma ? next + 1 : span.upperBound
    bytes.removeSubrange(start(of: span, upTo: end)..<end)
    guard !hasComma, index > 0 else { return }
    let comma = try space(from: spans[index - 1].upperBound)
    bytes.remove(at: comma)
  }

  /// Where an element begins with the white space before it, unless something follows in its last line: that
  /// may not come behind a comment.
  private func start(of span: Range<Int>, upTo end: Int) -> Int {
    let follows = bytes[end...].first { $0 != 0x20 && $0 != 0x09 }
    guard follows == 0x0A || follows == 0x0D else { return span.lowerBound }
    let before = bytes[..<span.lowerBound].lastIndex { !" \t\r\n".utf8.contains($0) }
    return before.map { $0 + 1 } ?? span.lowerBound
  }
}
