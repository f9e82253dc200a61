internal import HoldfastModel
internal import HoldfastStore

extension Project {
  /// Takes from another store's row what this one lacks.
  ///
  /// - Returns: What both have, and not the same.
  mutating func fill(from other: Project) -> [String] {
    var kept: [String] = []
    if identity.isEmpty {
      identity = other.identity
    } else if !other.identity.isEmpty && other.identity != identity {
      kept.append("identity")
    }
    if config == nil {
      config = other.config
    } else if let theirs = other.config, theirs != config {
      kept.append("config")
    }
    if other.acceptsAnyStatus && !acceptsAnyStatus { kept.append("vocabulary") }
    return kept
  }
}

/// What makes a signal of a source the same as one of the project in the store.
struct SignalIdentity: Hashable {
  let planFile: TaskFilename
  let type: String
  let createdAt: Int64

  init(planFile: String, type: String, createdAt: Int64) {
    self.planFile = TaskFilename(stored: planFile)
    self.type = type
    self.createdAt = createdAt
  }

  init(_ signal: Signal) {
    self.init(
      planFile: signal.planFile, type: signal.type, createdAt: signal.createdAt.nanoseconds)
  }
}

extension AuditLine {
  /// All that the line says; two lines of a project with equal identities are one.
  var identity: String {
    [
      kind, "\(happenedAt.nanoseconds)", taskFile, instanceTitle, agentType, "\(waveNumber)",
      "\(taskNumber)", message, detail, level,
    ].map { "\($0.utf8.count):\($0)" }.joined()
  }
}
