internal import HoldfastDatabase
public import HoldfastModel

/// Which tasks a request asks for: all conditions that it names must hold.
public struct TaskConditions: Sendable {
  /// Any of these; empty for all.
  public let statuses: [String]
  /// Any of these; empty for all.
  public let categories: [StatusCategory]
  /// Empty for all.
  public let topic: String
  /// Empty for all; `standard` is that of plans.
  public let workflow: String
  /// Who holds it; nil for anybody.
  public let owner: AgentID?
  /// The task that contains it, or `null` for those that none contains; nil for all.
  public let parent: TaskFilename?
  /// Only tasks with all of these.
  public let tags: TagList
  /// Only what this agent may claim.
  public let agent: AgentID?
  public let isReady: Bool
  public let isBlocked: Bool
  /// Empty for all.
  public let query: String

  /// The most statuses a request may name.
  public static let statusesMax = 64
  /// The longest text to look for, in bytes.
  public static let queryBytesMax = 256

  public init(reading fields: inout Fields) throws(HoldfastError) {
    statuses = try fields.value(
      "status", "Tasks in any of these statuses; one that nobody knows finds nothing.",
      default: [String]())
    categories = try fields.value(
      "category", "Tasks whose status means any of these.", default: [StatusCategory]())
    topic = try fields.value("topic", "Tasks of this topic.", default: "")
    workflow = try fields.value(
      "workflow",
      "Tasks of this workflow, standard for plans; one that nobody knows finds nothing. One call looks "
        + "through 20,000 tasks for one that comes built in.",
      default: "")
    owner = try fields.optional("owner", "Tasks that this agent, or a user, holds.")
    parent = try fields.optional(
      "parent",
      "Tasks directly in this one: filename or id; the word null for those that none contains.")
    tags = try fields.value(
      "tag", "Tasks with all of these tags; one call looks through 20,000 tasks for them.",
      default: TagList.none)
    agent = try fields.optional(
      "agent", "Tasks that this agent may claim by its tags and assignments.")
    isReady = try fields.value("ready", "Only tasks that can be claimed now.", default: false)
    isBlocked = try fields.value(
      "blocked", "Only tasks that wait for a dependency, a sibling or what contains them.",
      default: false)
    query = try fields.value(
      "q",
      "Tasks with this text in filename, description or text, ASCII letters in either case. One "
        + "call looks through 64 MiB or 20,000 tasks; the next page goes on from there.",
      default: "")
  }

  func check() throws(HoldfastError) {
    guard query.utf8.count <= Self.queryBytesMax else {
      throw FieldPosition("q").mustBe("at most \(Self.queryBytesMax) bytes long")
    }
    guard statuses.count <= Self.statusesMax else {
      throw FieldPosition("status").mustBe("given at most \(Self.statusesMax) times")
    }
  }

  /// Whether nothing but the status is asked for.
  var isOnStatusAlone: Bool {
    categories.isEmpty && topic.isEmpty && workflow.isEmpty && owner == nil && parent == nil
      && tags.isEmpty && agent == nil && !isReady && !isBlocked && query.isEmpty
      && !statuses.contains(TaskStatus.assigned.text)
  }

  /// Whether a condition has no index, so that one call looks through a bounded number of tasks.
  var isBounded: Bool {
    !query.isEmpty || !tags.isEmpty || agent != nil || Workflow.builtIn(workflow) != nil
  }

  /// The conditions as those on rows of a project.
  ///
  /// - Throws: 404 for a parent or an agent that is not there.
  func filter(
    in project: Int64, behind cursor: String = "", _ view: StoreView
  ) throws -> TaskFilter {
    var filter = TaskFilter(project: project, after: cursor)
    if !statuses.isEmpty { filter.statuses = try view.statusWords(in: project).statuses(statuses) }
    let words = statuses.map(TaskStatus.init(stored:))
    filter.isAssigned = words.contains(.assigned) && !words.contains(.pending)
    filter.categories = Set(categories)
    filter.topic = topic
    if !workflow.isEmpty {
      filter.workflow = UTF8Order.areSame(workflow, Workflow.standard.name) ? "" : workflow
    }
    filter.owner = owner?.text ?? ""
    if let parent {
      filter.place =
        parent.text == "null" ? .top : .inside(try view.graphTask(parent, in: project).id)
    }
    filter.tags = tags
    filter.agent = try agent.map(view.agent)
    filter.isReady = isReady
    filter.isBlocked = isBlocked
    filter.search = query.isEmpty ? nil : TextSearch(query)
    filter.isBounded = isBounded
    return filter
  }
}
