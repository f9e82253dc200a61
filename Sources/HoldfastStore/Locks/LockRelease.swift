public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Gives files back: those named, or all of an agent in the project.
public struct LockRelease: Mutation {
  public static let name = "lock_release"
  public static let summary = """
    Ends an agent's locks, those of some files or all in the project; with force those of anybody.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let agent: AgentID?
  /// nil for all of the agent.
  public let paths: [LockPath]?
  public let reason: String
  /// What the locks must have been given under; nil for any.
  public let fence: Int64?
  public let isForced: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    agent = try fields.caller("agent", "Who gives them back; needed without force.")
    let files: [LockPath]? = try fields.optional(
      "files", "The files; left out, all that the agent has locked.")
    paths = try fields.optional("paths", "The same by another name.") ?? files
    reason = try fields.value("reason", "Why, for those who watch.", default: "")
    fence = try fields.optional(
      "fence", "The fence of the locks; one that was taken anew meanwhile is refused.")
    isForced = try fields.value(
      "force", "Whether the files are freed whoever holds them.", default: false)
  }

  public func check() throws(HoldfastError) {
    try LockPaths.check(paths, "paths")
    if isForced, paths == nil {
      throw FieldPosition("paths").invalid("paths is required with force")
    }
    if !isForced, agent == nil { throw FieldPosition("agent").invalid("agent is required") }
  }

  public func prepare() -> LockPaths? { paths.map(LockPaths.init) }

  public func run(_ wanted: LockPaths?, in changes: Changes) throws
    -> WriteVerdict<LockReleaseAnswer>
  {
    let agent = try agent.map { try changes.agent($0) }
    if let agent { try changes.heartbeat(of: agent) }
    guard let project = try changes.projectKey(project) else {
      return .done(LockReleaseAnswer(released: 0, isComplete: wanted?.paths.isEmpty ?? true))
    }
    let found: [Lock]
    if let wanted {
      found = try changes.held(wanted, in: project).map(\.lock)
    } else if let agent {
      found = try changes.locks(of: agent).filter { $0.project == project }
    } else {
      found = []
    }
    let locks = found.filter { isForced || $0.agent == agent?.id }
    if let fence, let stale = locks.first(where: { $0.fence != fence }) {
      throw HoldfastError(
        .notOwner,
        "the lock of \(stale.path.text.quoted) was given out anew: its fence is not \(fence)",
        details: [("fence", .number(JSONNumber(stale.fence)))])
    }
    let (own, foreign) = (
      locks.filter { $0.agent == agent?.id }, locks.filter { $0.agent != agent?.id }
    )
    try changes.release(own, because: .release, reason: reason, by: agent?.name)
    try changes.release(foreign, because: .admin, reason: reason, by: agent?.name)
    return .done(
      LockReleaseAnswer(
        released: locks.count, isComplete: wanted.map { $0.paths.count == locks.count } ?? true))
  }
}
