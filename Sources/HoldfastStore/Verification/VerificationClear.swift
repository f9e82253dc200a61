public import HoldfastDatabase
public import HoldfastModel

/// Takes back a task's verification and says why.
public struct VerificationClear: Mutation {
  public static let name = "verification_clear"
  public static let summary = "Takes back a task's verification and keeps why it no longer holds."
  public static let access = Access.write

  public let target: TaskTarget
  public let reason: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    reason = try fields.required("reason", "Why the verification no longer holds; not empty.")
  }

  public func check() throws(HoldfastError) {
    guard !reason.trimmed.isEmpty else {
      throw HoldfastError(.invalidField, "clear verification: reason must not be empty")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.changeColumns(of: target, "verification is stale: \(reason)") {
      $0.verification = Verification(staleReason: reason)
    }
  }
}
