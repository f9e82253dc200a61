internal import HoldfastJSON
internal import HoldfastModel

/// What a tool's call came to.
struct ToolResult: Sendable {
  let object: JSONObject
  let isError: Bool
  /// What takes back what was done; nil where that stands.
  var undo: Undo?

  /// A call that takes back what another one did.
  struct Undo: Sendable {
    let call: ToolCall

    /// Takes it back, unless somebody relies on it by now.
    func run(on backend: any ToolBackend) {
      TakenBack.ours.take(call.fields["fence"]?.int64Value) { done in
        backend.run(call) { _ in done() }
      }
    }
  }

  /// The members of the result: the text and the structured form say the same, because some clients
  /// show only the one and some only the other.
  var members: [(String, JSON)] {
    let (fitting, text) = Shortening.fit(object)
    var members: [(String, JSON)] = [
      ("content", [["type": "text", "text": .string(String(decoding: text, as: UTF8.self))]]),
      ("structuredContent", .object(fitting)),
    ]
    if isError { members.append(("isError", true)) }
    return members
  }

  /// An answer.
  init(_ object: JSONObject) {
    self.object = object
    isError = false
  }

  /// A refusal: what is wrong, what is allowed, and what to do.
  init(_ error: HoldfastError) {
    var object = JSONObject([
      ("code", .string(error.code.name.uppercased())), ("message", .string(error.message)),
    ])
    for detail in error.details where !["code", "message"].contains(detail.name) {
      object.set(detail.name, detail.value)
    }
    if let suggestion = error.code.nextCall { object.set("suggestion", .string(suggestion)) }
    self.object = object
    isError = true
  }

  /// The refusal of any failure; what is not meant for callers is not shown to them.
  init(_ error: any Error) {
    self.init(HoldfastError(told: error))
  }
}

extension HoldfastError {
  /// An error as a caller may hear of it.
  init(told error: any Error) {
    self =
      error as? HoldfastError
      ?? HoldfastError(.internalError, "the store met an error that it has no words for")
  }
}

extension HoldfastError.Code {
  /// What to call next, where one answer fits most cases.
  var nextCall: String? {
    switch self {
    case .alreadyClaimed, .dependencyNotSatisfied, .tagMismatch:
      "call task_claim without task for other work"
    case .claimLimit: "complete or release what you hold: orient lists it"
    case .notOwner: "the claim is gone: call orient, and claim the task again if it is free"
    case .taskNotFound: "call task_list to find the task's id"
    case .childrenOpen: "end the open children first, or pass force"
    case .lockConflict: "wait, or work on other files; files_lock tells who has them"
    case .dependencyCycle: "leave this edge out: the path shows why"
    case .overloaded, .unavailable, .stopping: "try the same call again in a second"
    case .commitUnknown: "look with task_get whether it was done before you repeat it"
    default: nil
    }
  }
}
