public import HoldfastModel

/// A lock as it is answered.
public struct LockAnswer: Output {
  public let lock: Lock
  public let holder: AgentID
  public let task: TaskID?
  /// When its lease ends by the wall clock, as far as that can be said.
  public let leaseUntil: Timestamp?

  public static var placeholder: LockAnswer {
    LockAnswer(
      lock: Lock(
        project: 1, path: LockPath(stored: "Sources/main.swift"), agent: 1, boundTo: nil,
        reason: "", lockedAt: Timestamp(nanoseconds: 0), fence: 1),
      holder: AgentID(stored: "agent"), task: nil, leaseUntil: nil)
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Lock" }

  public func write(_ out: inout ObjectWriter) {
    out.field("path", lock.path.text, "The file, relative to the root of the project.")
    out.field("agent", holder.text, "Who holds it.")
    out.field("reason", unlessEmpty: lock.reason, "Why, in the holder's words.")
    out.field("task", unlessEmpty: task?.text, "The id of the task with whose end it ends.")
    out.time("locked_at", lock.lockedAt, "Since when.")
    out.field("fence", lock.fence, "The number of the event that gave it to its holder.")
    out.time(
      "lease_expires_at", leaseUntil, "About when it is free unless its holder is heard of.")
  }
}

/// What came of asking for files.
public struct LockTakeAnswer: Output {
  /// The locks that the caller has now, all that it asked for or none.
  public let locks: [LockAnswer]
  /// Those of others that stand in the way.
  public let conflicts: [LockAnswer]

  var isAcquired: Bool { conflicts.isEmpty }

  public static var placeholder: LockTakeAnswer { LockTakeAnswer(locks: [], conflicts: []) }

  /// What the caller is told when another holds a file.
  static func warning(_ holder: AgentID) -> String { "File already locked by agent \(holder)" }

  public func write(_ out: inout ObjectWriter) {
    let first = conflicts.first?.holder
    out.field("acquired", isAcquired, "Whether the caller holds all of the files now.")
    out.field(
      "warning", unlessEmpty: first.map(Self.warning), "Why it does not, and has got none of them.")
    out.field("locked_by", unlessEmpty: first?.text, "Who holds the first file that is not free.")
    out.list("locks", locks, "The caller's locks, by path.")
    out.list("conflicts", conflicts, "The locks of others that stand in the way, by path.")
  }
}

/// What came of giving files back.
public struct LockReleaseAnswer: Output {
  public let released: Int
  /// Whether no file that was named is left.
  public let isComplete: Bool

  public static var placeholder: LockReleaseAnswer {
    LockReleaseAnswer(released: 0, isComplete: true)
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("success", isComplete, "Whether each file that was named was the caller's.")
    out.field("released", Int64(released), "How many locks have ended.")
  }
}
