import HoldfastJSON
import HoldfastModel

/// The hook of Claude Code that tells an agent at the start of its session where it stands.
enum SessionHook {
  /// What the hook runs.
  static let command = "holdfast prime"

  private static let path = ["hooks", "SessionStart"]

  private static let own: JSON = [
    "type": "command", "command": .string(command),
  ]

  /// The settings of Claude Code with the hook in them; all else stays byte for byte.
  ///
  /// - Throws: ``HoldfastError`` for settings that cannot be read as what they are.
  static func put(into file: SetupFile) throws(HoldfastError) -> [UInt8] {
    let bytes = file.bytes ?? []
    let groups = try groups(in: bytes, of: file.path)
    guard !groups.contains(where: { hooks(of: $0).contains(where: isOwn) }) else {
      return bytes
    }
    return try changed(bytes, of: file.path) { (text) throws(JSONText.Failure) in
      try text.append(
        ["matcher": "startup|resume|clear|compact", "hooks": [own]], toArrayAt: path)
    }
  }

  /// The settings without the hook; nil when nothing is left of them.
  ///
  /// - Parameter name: What messages call the file.
  /// - Throws: ``HoldfastError`` for settings that cannot be read, and where others share its group.
  static func takenOut(of bytes: [UInt8], in name: String) throws(HoldfastError) -> [UInt8]? {
    let groups = try groups(in: bytes, of: name)
    let ours = groups.indices.filter { hooks(of: groups[$0]).contains(where: isOwn) }
    guard !ours.isEmpty else { return bytes }
    // A group that somebody put more into is theirs.
    guard ours.allSatisfy({ hooks(of: groups[$0]).count == 1 }) else {
      throw HoldfastError(
        .conflict,
        "\(name): '\(command)' stands beside other hooks in one group: take it out there, and "
          + "try again")
    }
    let isAlone = ours.count == groups.count
    let after = try changed(bytes, of: name) { (text) throws(JSONText.Failure) in
      for index in ours.reversed() { try text.remove(index, ofArrayAt: path) }
      guard isAlone else { return }
      try text.remove(at: path)
      if try text.value(at: [path[0]]) == [:] { try text.remove(at: [path[0]]) }
    }
    return JSONText.plain(after).filter { !" \t\r\n".utf8.contains($0) } == Array("{}".utf8)
      ? nil : after
  }

  private static func groups(
    in bytes: [UInt8], of file: String
  ) throws(HoldfastError) -> [JSON] {
    let document = try ClientConfiguration.document(bytes, of: .claude, file: file)
    return path.reduce(document as JSON?) { $0?[$1] }?.arrayValue ?? []
  }

  private static func hooks(of group: JSON) -> [JSON] { group["hooks"]?.arrayValue ?? [] }

  private static func isOwn(_ hook: JSON) -> Bool { hook["command"]?.stringValue == command }

  private static func changed(
    _ bytes: [UInt8], of file: String,
    _ change: (inout JSONText) throws(JSONText.Failure) -> Void
  ) throws(HoldfastError) -> [UInt8] {
    var text = JSONText(bytes)
    do {
      try change(&text)
    } catch {
      throw HoldfastError(
        .usage, "\(file) is not what it should be: \(error.reason); repair it, and try again")
    }
    return text.bytes
  }
}
