internal import HoldfastJSON
internal import HoldfastModel

/// What a tool's call came to.
struct ToolResult: Sendable {
  /// nil for an answer that is a text.
  private let object: JSONObject?
  /// What is shown; nil for the object.
  private let text: String?
  let isError: Bool
  /// Whether it is sent however long it is, because an older contract says what it is.
  private let isWhole: Bool
  /// What takes back what was done; nil where that stands.
  var undo: Undo?

  /// A call that takes back what another one did.
  struct Undo: Sendable {
    let call: ToolCall

    /// Takes it back, unless somebody relies on it by now.
    func run(on backend: any ToolBackend) {
      TakenBack.ours.take(call.fields["fence"]?.int64Value) { done in
        backend.run(call) { result in
          switch result {
          case .success: done(true)
          // Nobody holds it under this fence any more.
          case .failure(let error as HoldfastError): done(error.code == .notOwner)
          case .failure: done(false)
          }
        }
      }
    }
  }

  /// The members of the result: the text and the structured form say the same, because some clients
  /// show only the one and some only the other.
  var members: [(String, JSON)] {
    var shown = object
    var text = text
    if let object, !isWhole {
      let (fitting, rendered) = Shortening.fit(object)
      shown = fitting
      text = String(decoding: rendered, as: UTF8.self)
    }
    let whole = text ?? shown.map { JSON.object($0).renderedText() } ?? ""
    var members: [(String, JSON)] = [("content", [["type": "text", "text": .string(whole)]])]
    if let shown { members.append(("structuredContent", .object(shown))) }
    if isError { members.append(("isError", true)) }
    return members
  }

  /// An answer.
  init(_ object: JSONObject) {
    self.init(object, text: nil, isError: false, isWhole: false)
  }

  /// An answer that is sent as it is.
  init(whole object: JSONObject) {
    self.init(object, text: nil, isError: false, isWhole: true)
  }

  /// An answer that is a text and nothing else.
  init(text: String) { self.init(nil, text: text, isError: false, isWhole: true) }

  /// A refusal that is sent as it is.
  ///
  /// - Parameter text: What is shown of it; nil for all.
  init(refusal object: JSONObject, text: String? = nil) {
    self.init(object, text: text, isError: true, isWhole: true)
  }

  private init(_ object: JSONObject?, text: String?, isError: Bool, isWhole: Bool) {
    self.object = object
    self.text = text
    self.isError = isError
    self.isWhole = isWhole
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
    self.init(object, text: nil, isError: true, isWhole: false)
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
    case .notOwner:
      "call orient: it lists what you hold with its fence; task_claim the task if it is not there"
    case .invalidTransition: "call task_update with a status that is allowed"
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
