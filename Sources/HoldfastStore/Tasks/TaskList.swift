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

  /// The most tasks of one page.
  public static let limitMax: Int64 = 10_000

  public let project: ProjectName
  public let conditions: TaskConditions
  /// 0 for no limit.
  public let limit: Int64
  /// So many of the first ones are left out; a cursor says itself how many are left of them.
  public let offset: Int64
  /// Where the page before ended; empty for the beginning.
  public let cursor: String
  /// `slim` leaves out the text.
  public let fields: String
  /// Whether the end of the list says how many tasks there are on all pages.
  public let isCounted: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    conditions = try TaskConditions(reading: &fields)
    limit = try fields.value(
      "limit", "At most this many tasks; 0 for all.", in: 0...Self.limitMax, default: 0)
    offset = try fields.value(
      "offset", "Leaves out so many from the beginning; behind a cursor they have been counted.",
      in: 0...Int64.max, default: 0)
    cursor = try fields.value("cursor", "Where the page before ended.", default: "")
    self.fields = try fields.value("fields", "slim leaves out the text.", default: "")
    isCounted = try fields.value(
      "total",
      "Whether the answer says how many tasks there are in all; of a list by status alone.",
      default: false)
  }

  public var isSlim: Bool { fields == "slim" }

  public func check() throws(HoldfastError) {
    guard ["", "slim", "full"].contains(fields) else {
      throw FieldPosition("fields").mustBe("slim or full, not \(fields.quoted)")
    }
    try conditions.check()
    guard !isCounted || conditions.isOnStatusAlone else {
      throw FieldPosition("total").invalid("total is said of a list by status alone")
    }
  }

  public var hasPlainEnd: Bool { limit == 0 && !conditions.isBounded && !isCounted }

  public func run(in view: StoreView, _ each: (TaskAnswer) throws -> Void) throws -> ListEnd {
    try walk(over: StoreReads(view)).run(each)
  }

  public func walk(over reads: StoreReads) throws -> ListWalk<TaskAnswer> {
    guard let project = try reads.read({ try $0.projectKey(project) }) else {
      return ListWalk { [isCounted] _ in ListEnd(total: isCounted ? 0 : nil) }
    }
    let start =
      cursor.isEmpty ? TaskCursor(filename: "", offset: offset) : TaskCursor(cursor)
    let filter = try reads.read { try conditions.filter(in: project, behind: start.filename, $0) }
    var walk = TaskWalk(
      filter: filter, keys: try filter.keys(reads), limit: limit, offset: start.offset,
      isSlim: isSlim)
    let total = try isCounted ? reads.read(filter.countByStatus) : nil
    return ListWalk { each in
      try reads.read { try walk.step(in: $0, each) }
      return walk.hasEnded ? ListEnd(nextCursor: walk.nextCursor, total: total) : nil
    }
  }
}
