public import HoldfastDatabase
public import HoldfastModel

/// Records that the work of a task was verified at a commit.
public struct VerificationSet: Mutation {
  public static let name = "verification_set"
  public static let summary =
    "Records that a task's work was verified at a commit; an older record is no longer stale."
  public static let access = Access.write

  public let target: TaskTarget
  public let sha: String
  public let baseSHA: String
  public let by: String
  public let at: Timestamp?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    sha = try fields.required("sha", "The verified commit.")
    baseSHA = try fields.value("base_sha", "The commit it is based on.", default: "")
    by = try fields.value("by", "Who verified it.", default: "")
    at = try fields.time("at", "When; now when left out.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let verification = Verification(
      sha: sha, baseSHA: baseSHA, at: at ?? changes.now, by: by, staleReason: "")
    return try changes.changeColumns(of: target, "verified at \(sha)") {
      $0.verification = verification
    }
  }
}
