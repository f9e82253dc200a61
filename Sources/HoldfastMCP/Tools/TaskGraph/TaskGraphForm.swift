internal import HoldfastJSON
internal import HoldfastModel

/// How tools of the task graph refuse: with the keys and codes of both its generations.
enum TaskGraphForm {
  static func refusal(_ error: HoldfastError) -> JSONObject {
    let message = message(of: error)
    var object = JSONObject([
      ("error", .string(message)), ("code", .string(code(of: error))),
      ("message", .string(message)),
    ])
    var details = JSONObject()
    for detail in error.details where object[detail.name] == nil {
      if ["field", "blocked_by", "suggestion", "locked_by"].contains(detail.name) {
        object.set(detail.name, detail.value)
      } else {
        details.set(detail.name, detail.value)
      }
    }
    if message != error.message { details.set("reason", .string(error.message)) }
    if !details.members.isEmpty { object.set("details", .object(details)) }
    if object["suggestion"] == nil, let suggestion = suggestion(for: error) {
      object.set("suggestion", .string(suggestion))
    }
    return object
  }

  /// The contract's word for a kind of failure.
  private static func code(of error: HoldfastError) -> String {
    switch error.code {
    case .invalidField where error.message.hasSuffix(" is required"): "MISSING_REQUIRED_FIELD"
    case .invalidField, .invalidRequest, .tooLarge: "INVALID_FIELD_VALUE"
    case .unknownField: "UNKNOWN_ARGUMENT"
    case .overloaded, .unavailable, .stopping, .commitUnknown, .readOnly, .storageFull, .corrupt,
      .readTooLong, .unreachable:
      "DATABASE_ERROR"
    default: error.code.name.uppercased()
    }
  }

  /// The contract's text, which clients of its first generation compare.
  static func message(of error: HoldfastError) -> String {
    switch error.code {
    case .taskNotFound: taskNotFound
    case .agentNotFound: "Agent not found"
    case .notOwner where error.message.hasPrefix(notOwner): notOwner
    default: error.message
    }
  }

  static let taskNotFound = "Task not found"
  private static let notOwner = "Task is not owned by this agent"

  /// What to call next.
  private static func suggestion(for error: HoldfastError) -> String? {
    switch error.code {
    case .agentNotFound: "call connect first"
    case .taskNotFound: "call list_tasks to find the task's id"
    case .alreadyClaimed, .dependencyNotSatisfied, .tagMismatch:
      "call list_tasks with ready for other work"
    case .claimLimit: "complete or release what you hold"
    case .notOwner: "claim the task again if it is free"
    case .childrenOpen: "end the open children first, or update with force"
    case .lockConflict: "wait, or work on other files: list_files tells who has them"
    case .overloaded, .unavailable, .stopping: "try the same call again in a second"
    default: nil
    }
  }
}
