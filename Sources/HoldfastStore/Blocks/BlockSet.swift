public import HoldfastDatabase
public import HoldfastModel

/// Marks a task as blocked: it waits for a decision and keeps its status.
public struct BlockSet: Mutation {
  public static let name = "block_set"
  public static let summary = "Marks a task as blocked until somebody decides; its status stays."
  public static let access = Access.write

  public let target: TaskTarget
  public let reason: String
  public let source: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    reason = try fields.required("reason", "Why it does not go on; not empty.")
    source = try fields.value("source", "Who or what blocks it.", default: "")
  }

  public func check() throws(HoldfastError) {
    guard !reason.trimmed.isEmpty else {
      throw HoldfastError(.invalidField, "set blocked: reason must not be empty")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let block = Block(reason: reason, source: source, at: changes.now)
    return try changes.changeColumns(of: target, "blocked: \(reason)") { $0.block = block }
  }
}
