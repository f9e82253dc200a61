import HoldfastJSON

/// A TOML document as somebody wrote it, in one table of which keys are set, line by line.
///
/// It knows tables that begin with a line of their own and values of one line; who uses it reads the result
/// to see that it says what was meant.
struct TOMLText {
  private var lines: [String]
  private let newline: String

  init(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    newline = text.utf8.contains(0x0D) ? "\r\n" : "\n"
    lines = text.replacing("\r\n", with: "\n").split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
  }

  var bytes: [UInt8] { Array(lines.joined(separator: newline).utf8) }

  /// Sets keys of a table and takes others out; makes the table behind all others where there is none.
  mutating func merge(
    _ members: JSONObject, without names: [String], at path: [String], over old: JSONObject?
  ) {
    guard old != nil else { return append(members, at: path) }
    for name in names where old?[name] != nil { remove(name, at: path) }
    for member in members.members where old?[member.key] != member.value {
      if let inner = member.value.objectValue, let there = old?[member.key]?.objectValue {
        let below = path + [member.key]
        if range(of: below) != nil {
          for variable in inner.members { set(variable.key, variable.value, at: below) }
        } else {
          var all = there
          for variable in inner.members { all.set(variable.key, variable.value) }
          set(member.key, .object(all), at: path)
        }
      } else {
        set(member.key, member.value, at: path)
      }
    }
  }

  private mutating func append(_ members: JSONObject, at path: [String]) {
    // The last one is what stands behind the last line break.
    if lines.last?.isEmpty == true { lines.removeLast() }
    if !lines.isEmpty { lines.append("") }
    lines.append("[\(path.map(Self.key).joined(separator: "."))]")
    for member in members.members {
      lines.append("\(Self.key(member.key)) = \(Self.value(member.value))")
    }
    lines.append("")
  }

  private mutating func set(_ name: String, _ value: JSON, at path: [String]) {
    guard let table = range(of: path) else { return }
    let line = "\(Self.key(name)) = \(Self.value(value))"
    if let place = place(of: name, in: table) {
      lines[place] = line
    } else {
      let last = table.last { !lines[$0].isEmpty } ?? table.lowerBound
      lines.insert(line, at: last + 1)
    }
  }

  private mutating func remove(_ name: String, at path: [String]) {
    if let table = range(of: path), let place = place(of: name, in: table) {
      lines.remove(at: place)
    }
    if let below = range(of: path + [name]) { lines.removeSubrange(below) }
  }

  /// The lines of a table, the first of which is its own.
  private func range(of path: [String]) -> Range<Int>? {
    guard let start = lines.firstIndex(where: { Self.table($0) == path }) else { return nil }
    let end = lines[(start + 1)...].firstIndex { $0.trimmingSpaces.hasPrefix("[") } ?? lines.count
    return start..<end
  }

  private func place(of name: String, in table: Range<Int>) -> Int? {
    table.dropFirst().first { place in
      guard let equals = lines[place].firstIndex(of: "=") else { return false }
      return Self.unquoted(lines[place][..<equals].trimmingSpaces) == name
    }
  }

  /// The path of a table whose line this is.
  private static func table(_ line: String) -> [String]? {
    let line = line.split(separator: "#", maxSplits: 1).first?.trimmingSpaces ?? ""
    guard line.hasPrefix("["), !line.hasPrefix("[["), line.hasSuffix("]") else { return nil }
    return line.dropFirst().dropLast().split(separator: ".").map { unquoted($0.trimmingSpaces) }
  }

  private static func unquoted(_ name: String) -> String {
    for quote in ["\"", "'"] where name.count >= 2 && name.hasPrefix(quote) && name.hasSuffix(quote)
    {
      return String(name.dropFirst().dropLast())
    }
    return name
  }

  private static func key(_ name: String) -> String {
    let isBare = name.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
        || byte == 0x5F || byte == 0x2D
    }
    return isBare && !name.isEmpty ? name : JSON.string(name).renderedText()
  }

  private static func value(_ json: JSON) -> String {
    guard let object = json.objectValue else { return json.renderedText() }
    let members = object.members.map { "\(key($0.key)) = \(value($0.value))" }
    return "{ \(members.joined(separator: ", ")) }"
  }
}
