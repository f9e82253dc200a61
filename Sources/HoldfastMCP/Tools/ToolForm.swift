internal import HoldfastJSON
internal import HoldfastModel

/// In whose words a set of tools answers and refuses.
enum ToolForm: Sendable {
  /// Our own: short answers, refusals that say what to call next.
  case native
  /// The task store's.
  case taskStore
  /// The task graph's, of both its generations.
  case taskGraph

  /// Whether an agent that nobody knows yet is made known by its first call.
  var connectsAgents: Bool { self == .native }

  /// Whether a call that names no project is one of the store's only project.
  var findsLoneProject: Bool { self != .native }

  /// The refusal of a call that names no project where none is known.
  var noProject: HoldfastError {
    switch self {
    case .native:
      HoldfastError(
        .invalidField, "project is required: pass project, or have HOLDFAST_PROJECT configured",
        details: [("field", "project")])
    case .taskStore, .taskGraph:
      HoldfastError(
        .invalidField, "project argument is required when multiple projects are configured",
        details: [("field", "project")])
    }
  }

  /// What is said of a call without an argument that the tool needs.
  func missing(_ argument: ToolArgument, isEmpty: Bool) -> String {
    guard !isEmpty else { return "\(argument.name) must not be empty" }
    guard self == .native, argument.field.isCaller else { return "\(argument.name) is required" }
    return
      "\(argument.name) is required: pass \(argument.name), or have HOLDFAST_AGENT configured, or "
      + "over HTTP the header X-Agent-ID"
  }

  /// The refusal of an argument that a tool does not have.
  func unknown(_ argument: String, of tool: Tool) -> HoldfastError {
    let known = tool.arguments.map(\.name)
    let nearest = EditDistance.nearest(
      argument, among: known + tool.arguments.flatMap(\.others))
    let hint = nearest.map { "; did you mean \"\($0)\"?" }
    var details: [(String, JSON)] = [("field", .string(argument))]
    switch self {
    case .native:
      return HoldfastError(
        .unknownField,
        "\(tool.name) takes no \"\(argument)\"\(hint ?? "; it takes \(known.joined(separator: ", "))")",
        details: details)
    case .taskStore, .taskGraph:
      if let nearest { details.append(("suggestion", .string(nearest))) }
      return HoldfastError(
        .unknownField,
        "Unknown argument \"\(argument)\"\(hint ?? "; there are \(known.joined(separator: ", "))")",
        details: details)
    }
  }

  /// An answer.
  func result(_ object: JSONObject, of tool: Tool) -> ToolResult {
    if let key = tool.answer.textMember {
      return ToolResult(text: object[key]?.stringValue ?? "")
    }
    switch self {
    case .native: return ToolResult(object)
    case .taskStore, .taskGraph: return ToolResult(whole: object)
    }
  }

  /// A refusal, or any other failure; what is not meant for callers is not shown to them.
  func refusal(_ error: any Error, of tool: Tool) -> ToolResult {
    let error = tool.renamed(HoldfastError(told: error))
    switch self {
    case .native: return ToolResult(error)
    case .taskStore:
      let refusal = TaskStoreForm.refusal(error, of: tool.name)
      return ToolResult(refusal: refusal, text: refusal["error"]?.stringValue)
    case .taskGraph: return ToolResult(refusal: TaskGraphForm.refusal(error))
    }
  }
}

extension Tool {
  /// A refusal of the operation in the tool's words: fields are called as its arguments are.
  func renamed(_ error: HoldfastError) -> HoldfastError {
    guard let field = error.detailObject["field"]?.stringValue,
      let argument = arguments.first(where: { $0.target == field }), argument.name != field
    else { return error }
    let message =
      error.message.hasPrefix("\(field) ")
      ? argument.name + error.message.dropFirst(field.count) : error.message
    return HoldfastError(
      error.code, message,
      details: error.details.map {
        ($0.name, $0.name == "field" ? .string(argument.name) : $0.value)
      })
  }
}
