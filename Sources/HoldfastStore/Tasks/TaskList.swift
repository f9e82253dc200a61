internal import HoldfastDatabase
public import HoldfastModel

/// Lists a project's tasks by filename, in the order of bytes.
///
/// However long the list is, it is read in short steps; one that fits into a step shows one moment.
/// A task that changes while a long list is read is listed as it is when its turn comes.
public struct TaskList: Listing {
  public static let name = "task_list"
  public static let summary = "Lists a project's tasks by filename; all conditions must hold."
  public static let access = Access.read
  public static let listName: StaticString = "tasks"

  /// The most statuses one list may ask for.
  public static let statusesMax = 64
  /// The longest text to look for, in bytes.
  public static let queryBytesMax = 256
  /// The most tasks of one page.
  public static let limitMax: Int64 = 10_000

  public let project: ProjectName
  /// Any of these; empty for all.
  public let statuses: [String]
  /// Empty for all.
  public let topic: String
  /// Empty for all.
  public let query: String
  /// 0 for no limit.
  public let limit: Int64
  /// The filename behind which the list starts; empty for the beginning.
  public let cursor: String
  /// `slim` leaves out the text.
  public let fields: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    statuses = try fields.value(
      "status", "Tasks in any of these statuses; one that nobody knows finds nothing.",
      default: [String]())
    topic = try fields.value("topic", "Tasks of this topic.", default: "")
    query = try fields.value(
      "q",
      "Tasks with this text in filename, description or text, ASCII letters in either case. One "
        + "call looks through 64 MiB or 20,000 tasks; the next page goes on from there.",
      default: "")
    limit = try fields.value(
      "limit", "At most this many tasks; 0 for all.", in: 0...Self.limitMax, default: 0)
    cursor = try fields.value("cursor", "Where the page before ended.", default: "")
    self.fields = try fields.value("fields", "slim leaves out the text.", default: "")
  }

  public var isSlim: Bool { fields == "slim" }

  public func check() throws(HoldfastError) {
    guard ["", "slim", "full"].contains(fields) else {
      throw FieldPosition("fields").mustBe("slim or full, not \(fields.quoted)")
    }
    guard query.utf8.count <= Self.queryBytesMax else {
      throw FieldPosition("q").mustBe("at most \(Self.queryBytesMax) bytes long")
    }
    guard statuses.count <= Self.statusesMax else {
      throw FieldPosition("status").mustBe("given at most \(Self.statusesMax) times")
    }
  }

  public var hasPlainEnd: Bool { limit == 0 && query.isEmpty }

  public func run(in view: StoreView, _ each: (TaskAnswer) throws -> Void) throws -> ListEnd {
    try walk(over: StoreReads(view)).run(each)
  }

  public func walk(over reads: StoreReads) throws -> ListWalk<TaskAnswer> {
    guard let project = try reads.read({ try $0.projectKey(project) }) else {
      return ListWalk { _ in ListEnd() }
    }
    let workflow = try reads.read { try $0.workflow(of: project) }
    let words = statuses.map(TaskStatus.init(stored:))
    // A word may be an alias of the plans' workflow and a status of another one.
    let wanted = Set(words + words.compactMap { workflow.aliases[$0] })
    let filter = TaskFilter(
      project: project, statuses: wanted, topic: topic, after: cursor,
      search: query.isEmpty ? nil : TextSearch(query))
    var walk = TaskWalk(
      filter: filter, keys: try filter.keys(reads), limit: limit, isSlim: isSlim)
    return ListWalk { each in
      try reads.read { try walk.step(in: $0, each) }
      return walk.hasEnded ? ListEnd(nextCursor: walk.nextCursor) : nil
    }
  }
}
