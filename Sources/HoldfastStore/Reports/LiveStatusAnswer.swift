public import HoldfastModel

/// What goes on in a project, in the form of the task store's tool.
public struct LiveStatusAnswer: Output {
  let project: ProjectName
  let at: Timestamp
  /// Whether somebody is there to do what tasks and signals ask for.
  var isAttended = false
  var lifecycle = Lifecycle()
  private var agents: [ActiveAgent] = []
  private var attention: [Attention] = []
  private var leftOut = LeftOut()

  init(project: ProjectName, at: Timestamp) {
    self.project = project
    self.at = at
  }

  /// Keeps the first ones of each list, and says how many are left out.
  mutating func set(agents: [ActiveAgent], attention: [Attention], cap: Int) {
    self.agents = Array(agents.prefix(cap))
    self.attention = Array(attention.prefix(cap))
    leftOut = LeftOut(
      agents: Int64(max(0, agents.count - cap)), attention: Int64(max(0, attention.count - cap)))
  }

  public static var placeholder: LiveStatusAnswer {
    LiveStatusAnswer(project: .placeholder, at: Timestamp(nanoseconds: 0))
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "LiveStatus" }

  public func write(_ out: inout ObjectWriter) {
    out.field("schema_version", 1, "The version of this form.")
    out.time("generated_at", at, "When it was so.")
    out.field("project", project.text, "The project.")
    out.field(
      "daemon_running", isAttended,
      "Whether somebody is there to do what is to be done: an agent that was heard of within its lease, or "
        + "a worker with a signal.")
    out.object("lifecycle", lifecycle, "How many tasks stand where.")
    out.list("active_agents", agents, "Who is at work, by task.")
    out.list("attention", attention, "What waits for a person.")
    out.object("truncated", leftOut, "How many entries were left out.")
  }

  /// How many plans are in each status in which work is left.
  struct Lifecycle: Output {
    static let statuses: [TaskStatus] = [.planning, .ready, .implementing, .reviewing, .verifying]
    /// One for each status, once they were counted.
    var counts: [Int64] = []

    static var placeholder: Lifecycle { Lifecycle() }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "LiveLifecycle" }

    private func count(_ index: Int) -> Int64 { index < counts.count ? counts[index] : 0 }

    func write(_ out: inout ObjectWriter) {
      out.field("planning", count(0), "Those being planned.")
      out.field("ready", count(1), "Those that are ready.")
      out.field("implementing", count(2), "Those being implemented.")
      out.field("reviewing", count(3), "Those in review.")
      out.field("verifying", count(4), "Those being verified.")
      out.field("total", counts.reduce(0, +), "All of these.")
    }
  }

  /// An agent at work on a task.
  struct ActiveAgent: Output {
    let task: String
    let role: String
    let wave: Int64

    static var placeholder: ActiveAgent { ActiveAgent(task: "task", role: "coder", wave: 1) }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "LiveAgent" }

    func write(_ out: inout ObjectWriter) {
      out.field("task", task, "The task's name.")
      out.field("role", role, "What kind of agent it is, or its id.")
      out.field("wave", unlessZero: wave, "The wave at work.")
      out.field("stage", "running", "What it does.")
      out.field("active", ifTrue: true, "Whether it is at work.")
    }
  }

  /// Something that waits for a person.
  struct Attention: Output {
    enum Kind: String {
      case needsDecision = "needs_decision"
      case reviewFeedback = "review_feedback"
      case staleInstance = "stale_instance"
    }

    let task: String
    let kind: Kind
    let detail: String

    static var placeholder: Attention { Attention(task: "task", kind: .needsDecision, detail: "") }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "LiveAttention" }

    func write(_ out: inout ObjectWriter) {
      out.field("task", task, "The task's name.")
      out.field("kind", kind.rawValue, "needs_decision, review_feedback or stale_instance.")
      out.field("detail", unlessEmpty: detail, "More about it.")
    }
  }

  /// How many entries were left out of each list.
  struct LeftOut: Output {
    var agents: Int64 = 0
    var attention: Int64 = 0

    static var placeholder: LeftOut { LeftOut() }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "LiveLeftOut" }

    func write(_ out: inout ObjectWriter) {
      out.field("active_agents", unlessZero: agents, "Agents.")
      out.field("attention", unlessZero: attention, "Things that wait for a person.")
    }
  }
}
