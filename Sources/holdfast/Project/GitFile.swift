/// Reads the small files of a git directory.
enum GitFile {
  /// The most bytes of such a file that are read.
  private static let bytesMax = 1 << 20

  /// The first line of a file; nil when there is none, or when it is not UTF-8.
  static func firstLine(of path: String) -> String? {
    text(of: path)?.split(separator: "\n", maxSplits: 1).first.map { String($0) }
  }

  /// The value of `core.worktree` in the configuration of a git directory.
  static func coreWorktree(in directory: String) -> String? {
    // With extensions.worktreeConfig, git keeps the value in the second file.
    for file in ["config.worktree", "config"] {
      guard let text = text(of: Path.join(directory, file)) else { continue }
      if let value = coreWorktree(configuration: text) { return value }
    }
    return nil
  }

  private static func coreWorktree(configuration text: String) -> String? {
    var isCore = false
    var value: String?
    for line in text.split(separator: "\n") {
      let line = line.trimmingSpaces
      if line.hasPrefix("[") {
        isCore = line.lowercased() == "[core]"
      } else if isCore, let equals = line.firstIndex(of: "="),
        line[..<equals].trimmingSpaces.lowercased() == "worktree"
      {
        value = unquoted(line[line.index(after: equals)...].trimmingSpaces)
      }
    }
    return value
  }

  /// A value without its quotes and their escapes.
  private static func unquoted(_ value: String) -> String {
    guard value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") else { return value }
    var result = ""
    var isEscaped = false
    for character in value.dropFirst().dropLast() {
      if character == "\\", !isEscaped {
        isEscaped = true
      } else {
        result.append(character)
        isEscaped = false
      }
    }
    return result
  }

  private static func text(of path: String) -> String? {
    guard let bytes = try? FileBytes.bytes(of: path, upTo: bytesMax) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension StringProtocol {
  /// The text without spaces, tabs and line breaks at its ends.
  var trimmingSpaces: String {
    func isSpace(_ character: Character) -> Bool {
      character == " " || character == "\t" || character.isNewline
    }
    var text = self[...]
    while let last = text.last, isSpace(last) { text.removeLast() }
    return String(text.drop(while: isSpace))
  }
}
