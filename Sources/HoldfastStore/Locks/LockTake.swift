public import HoldfastDatabase
public import HoldfastModel

/// Locks files for an agent, all of them or none.
///
/// What the agent holds already stays its own, without an event. A file of another agent leaves
/// everything as it is, and the answer says who has it; a lock whose lease has ended is no obstacle.
public struct LockTake: Mutation {
  public static let name = "lock_take"
  public static let summary = """
    Locks files for an agent, all or none; the answer says who stands in the way.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let agent: AgentID
  /// nil when they are missing.
  public let paths: [LockPath]?
  public let reason: String
  public let task: TaskFilename?
  public let isExclusive: Bool

  private static let reasonBytesMax = 4096

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    agent = try fields.requiredCaller("agent", "Who takes them.")
    let files: [LockPath]? = try fields.optional(
      "files", "The files, relative to the root of the project.")
    paths = try fields.optional("paths", "The same by another name.") ?? files
    reason = try fields.value("reason", "Why, for those who find them locked.", default: "")
    task = try fields.optional("task", "The task with whose end they are free again.")
    isExclusive = try fields.value(
      "exclusive", "Whether a file of another agent is a refusal and no mere answer.",
      default: false)
  }

  public func check() throws(HoldfastError) {
    guard let paths else { throw FieldPosition("paths").invalid("paths is required") }
    guard !paths.isEmpty else { throw FieldPosition("paths").invalid("paths must not be empty") }
    try LockPaths.check(paths, "paths")
    guard reason.utf8.count <= Self.reasonBytesMax else {
      throw FieldPosition("reason").mustBe(
        "at most \(Self.reasonBytesMax) bytes long, not \(reason.utf8.count)")
    }
  }

  public func prepare() -> LockPaths { LockPaths(paths ?? []) }

  public func run(_ wanted: LockPaths, in changes: Changes) throws -> WriteVerdict<LockTakeAnswer> {
    try changes.together(
      { _ = try changes.projectKey(self.project) }, { _ = try changes.findAgent(self.agent) })
    let agent = try changes.agent(agent)
    let task = try task.map { try changes.task($0, in: self.project).id }
    let project = try changes.projectKeyForWriting(project)
    let wish = try changes.wish(wanted, of: agent, in: project)
    try changes.heartbeat(of: agent)
    guard wish.conflicts.isEmpty else { return .done(try refuse(wish.conflicts)) }
    let locks = try changes.grant(wish, to: agent, in: project, task: task, reason: reason)
    return .done(LockTakeAnswer(locks: locks, conflicts: []))
  }

  private func refuse(_ conflicts: [LockAnswer]) throws -> LockTakeAnswer {
    // As version 0.3 of the task graph names a lock that is more than a hint.
    let isExclusive =
      isExclusive || (paths ?? []).contains { $0.text.utf8.starts(with: "lock:".utf8) }
    if isExclusive { try LockWish.refuse(conflicts) }
    return LockTakeAnswer(locks: [], conflicts: conflicts)
  }
}
