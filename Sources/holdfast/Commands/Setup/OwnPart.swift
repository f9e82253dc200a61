import HoldfastModel

/// What of ours stands in a file of somebody else.
enum OwnPart {
  /// The line of a repository's configuration that names its project.
  case projectLine
  /// The section for agents.
  case section
  /// The hook of Claude Code.
  case hook
  /// The whole file: a skill.
  case skill

  /// A file without it, as far as its layout says what that is.
  ///
  /// - Parameter name: What messages call the file.
  /// - Returns: The very bytes where there is nothing of ours; nil when nothing else is left.
  /// - Throws: ``HoldfastError`` for a file from which it cannot be taken.
  func takenOut(of bytes: [UInt8], in name: String) throws(HoldfastError) -> [UInt8]? {
    switch self {
    case .projectLine: return ProjectLine.takenOut(of: bytes)
    case .section:
      let section = try MarkedSection(bytes, in: name)
      let rest = section.takenOut()
      return section.isThere && rest.isEmpty ? nil : rest
    case .hook: return try SessionHook.takenOut(of: bytes, in: name)
    case .skill: return AgentWords.isSkill(bytes) ? nil : bytes
    }
  }

  /// Whether it stands in a file; so it does in one that cannot be told.
  func isIn(_ bytes: [UInt8]) -> Bool {
    do {
      return try takenOut(of: bytes, in: "") != bytes
    } catch {
      return true
    }
  }
}
