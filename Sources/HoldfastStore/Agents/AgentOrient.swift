public import HoldfastModel

/// Tells an agent where it stands at the start of its session, or after it has forgotten: what it holds,
/// what is ready, and how far the project is.
public struct AgentOrient: Query {
  public static let name = "orient"
  public static let summary =
    "Tells an agent where it stands: what it holds, what is ready for it, and how far the project is."
  public static let access = Access.read

  public let project: ProjectName
  public let agent: AgentID?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    agent = try fields.caller("agent", "Who asks; without it, a person.")
  }

  /// So many ready tasks are named.
  static let readyMax: Int64 = 5

  public func run(in view: StoreView) throws -> OrientAnswer {
    var answer = OrientAnswer(project: project, agent: agent)
    answer.summary = try TaskSummary(of: project).run(in: view)
    // Somebody whom nobody knows yet holds nothing, and may claim what everybody may.
    let known = try agent.flatMap(view.findAgent)
    answer.isKnown = known != nil
    if let known, let key = try view.projectKey(project) {
      answer.held = try view.tasks(heldBy: known, in: key).map(view.slimAnswer)
    }
    _ = try TaskReady(in: project, for: known?.name, limit: Self.readyMax).run(in: view) {
      answer.ready.append($0)
    }
    return answer
  }
}

/// Where an agent stands.
public struct OrientAnswer: Output {
  let project: ProjectName
  let agent: AgentID?
  var isKnown = false
  var summary = SummaryAnswer()
  var held: [TaskAnswer] = []
  var ready: [TaskAnswer] = []

  init(project: ProjectName, agent: AgentID?) {
    self.project = project
    self.agent = agent
  }

  public static var placeholder: OrientAnswer {
    OrientAnswer(project: .placeholder, agent: .placeholder)
  }
  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Orientation" }

  public func write(_ out: inout ObjectWriter) {
    out.field("project", project.text, "The project.")
    out.field("agent", unlessEmpty: agent?.text, "Who asks.")
    out.field("connected", isKnown, "Whether the store knows the agent; false where none is named.")
    out.list("held", held, "The tasks that it holds.")
    out.list("ready", ready, "The best tasks that can be claimed now.")
    out.object("summary", summary, "How many tasks stand where.")
  }
}
