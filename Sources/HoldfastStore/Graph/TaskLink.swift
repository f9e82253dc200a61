public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// What a link between two tasks says: a type of dependency, or that the first contains the second.
public enum LinkType: String, CaseIterable, Sendable, Choice {
  case blocks
  case follows
  case contains
  case duplicate
  case seeAlso = "see-also"
  case relatesTo = "relates-to"

  /// The dependency that says it; nil for ``contains``, which is the place in the tree.
  var dependency: DependencyType? { DependencyType(rawValue: rawValue) }
}

/// The ends of links: each of the first with each of the second.
public struct LinkEnds: Sendable {
  public let project: ProjectName
  public let from: [TaskFilename]
  public let to: [TaskFilename]
  public let type: LinkType
  public let isAtomic: Bool

  /// The most pairs of one call.
  public static let pairsMax = 1000

  init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    from = try fields.required(
      "from", "The tasks that come first, or that contain: filenames or ids.")
    to = try fields.required(
      "to", "The tasks at the other ends; each of the first with each of these.")
    type = try fields.value(
      "type", "What it says; contains is the place in the tree.", default: LinkType.blocks)
    isAtomic = try fields.value(
      "atomic", "Whether nothing is changed when one of the pairs cannot be.", default: false)
  }

  func check() throws(HoldfastError) {
    for (name, tasks) in [("from", from), ("to", to)] where tasks.isEmpty {
      throw FieldPosition(name).mustBe("a list of at least one task")
    }
    let (pairs, isTooLarge) = from.count.multipliedReportingOverflow(by: to.count)
    guard !isTooLarge, pairs <= Self.pairsMax else {
      throw FieldPosition("from").invalid(
        "from and to make more than \(Self.pairsMax) pairs: link them in several calls")
    }
  }

  /// Goes through all pairs; what goes wrong with one is told in the answer, unless all or none is asked for.
  ///
  /// - Parameter body: Changes one pair, and gives a last check of what was written, which refuses all of
  ///   it; nil when it was so already. What it throws itself it throws before it changes anything.
  func run(
    in changes: Changes, notThere: (code: String, message: String),
    _ body: (_ from: TaskEntry, _ to: TaskEntry) throws -> (() throws -> Void)?
  ) throws -> LinkAnswer {
    var answer = LinkAnswer(type: type)
    let project = try changes.projectKey(project)
    func find(_ task: TaskFilename, _ missing: (TaskFilename) -> LinkAnswer.Remark) throws
      -> TaskEntry?
    {
      let found = try project.flatMap { try changes.findTask(task, in: $0) }
      if found == nil {
        if isAtomic { throw HoldfastError.taskNotFound(task, in: self.project) }
        answer.warnings.append(missing(task))
      }
      return found
    }
    let sources = try from.compactMap { try find($0) { .init(notFound: $0, isFrom: true) } }
    let targets = try to.compactMap { try find($0) { .init(notFound: $0, isFrom: false) } }
    for source in sources {
      for target in targets {
        let ids = (changes.id(of: source), changes.id(of: target))
        let check: (() throws -> Void)?
        do {
          check = try body(source.current(in: changes), target.current(in: changes))
        } catch let error as HoldfastError where !isAtomic {
          answer.errors.append(.init(ids, code: error.code.name, message: error.message))
          continue
        }
        if let check {
          try check()
          answer.changed.append(.init(from: ids.0, to: ids.1))
        } else {
          answer.warnings.append(.init(ids, code: notThere.code, message: notThere.message))
        }
      }
    }
    answer.unblocked = try changes.unblocked(besides: [])
    return answer
  }
}

/// Makes tasks wait for others, says how they have to do with each other, or puts them into one.
public struct TaskLink: Mutation {
  public static let name = "task_link"
  public static let summary = """
    Links each of some tasks with each of others, up to 1,000 pairs; each pair is answered apart.
    """
  public static let access = Access.write

  public let ends: LinkEnds
  public let onFailure: FailurePolicy

  public init(reading fields: inout Fields) throws(HoldfastError) {
    ends = try LinkEnds(reading: &fields)
    onFailure = try fields.value(
      "on_failure", "What happens to the second when the first does not end well.",
      default: FailurePolicy.block)
  }

  public func check() throws(HoldfastError) { try ends.check() }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<LinkAnswer> {
    let answer = try ends.run(in: changes, notThere: ("duplicate", "it was there already")) {
      guard let type = ends.type.dependency else { return try changes.put($1, into: $0) }
      return try changes.addEdge(from: $0, to: $1, type, onFailure).map { _ in {} }
    }
    return .done(answer)
  }
}

/// Takes links between tasks away.
public struct TaskUnlink: Mutation {
  public static let name = "task_unlink"
  public static let summary = """
    Takes the links of one type between some tasks and others away; each pair is answered apart.
    """
  public static let access = Access.write

  public let ends: LinkEnds

  public init(reading fields: inout Fields) throws(HoldfastError) {
    ends = try LinkEnds(reading: &fields)
  }

  public func check() throws(HoldfastError) { try ends.check() }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<LinkAnswer> {
    var answer = try ends.run(
      in: changes, notThere: ("dependency_not_found", "there is no such link")
    ) { from, to in
      if let type = ends.type.dependency {
        return try changes.removeEdge(from: from, to: to, type) ? {} : nil
      }
      return to.graph.parent == from.id ? try changes.put(to, into: nil) : nil
    }
    answer.isRemoval = true
    return .done(answer)
  }
}

extension Changes {
  /// Puts a task into another one behind all that it contains, or at the top; nil when it is there already.
  ///
  /// - Returns: A check of its place as it is now: siblings that it left may have come to wait for others.
  fileprivate func put(
    _ task: TaskEntry, into parent: TaskEntry?
  ) throws -> (() throws -> Void)? {
    guard task.graph.parent != parent?.id else { return nil }
    if let parent {
      try checkDepth(below: parent, levels: try levels(of: task))
      try checkNoCycle(putting: task, into: parent)
    }
    let order = try parent.map { try nextSiblingOrder(in: $0.id) } ?? 0
    let placed = try set(
      task, as: .taskChanged,
      note: EventNote("\(task.filename) \(parent.map { "put into \($0.filename)" } ?? "taken out")")
    ) {
      $0.graph.parent = parent?.id
      $0.graph.siblingOrder = order
    }
    return { try self.checkPlace(of: placed, before: task) }
  }
}

/// What became of each pair of tasks.
public struct LinkAnswer: Output {
  let type: LinkType
  var isRemoval = false
  var changed: [Pair] = []
  var warnings: [Remark] = []
  var errors: [Remark] = []
  var unblocked: [TaskID] = []

  init(type: LinkType) { self.type = type }

  /// A link.
  struct Pair: Output {
    let from: TaskID
    let to: TaskID

    static var placeholder: Pair { Pair(from: .placeholder, to: .placeholder) }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "LinkPair" }

    func write(_ out: inout ObjectWriter) {
      out.field("from", from.text, "The task that comes first.")
      out.field("to", to.text, "The other one.")
    }
  }

  /// What is to be said about a pair, or about a task that is not there.
  struct Remark: Output {
    let from: String?
    let to: String?
    let code: String
    let message: String

    init(notFound task: TaskFilename, isFrom: Bool) {
      from = isFrom ? task.text : nil
      to = isFrom ? nil : task.text
      code = "task_not_found"
      message = "task not found: \(task)"
    }

    init(_ ids: (TaskID, TaskID), code: String, message: String) {
      from = ids.0.text
      to = ids.1.text
      self.code = code
      self.message = message
    }

    static var placeholder: Remark {
      Remark((.placeholder, .placeholder), code: "duplicate", message: "")
    }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "LinkRemark" }

    func write(_ out: inout ObjectWriter) {
      out.field("from", unlessEmpty: from, "The task that comes first.")
      out.field("to", unlessEmpty: to, "The other one.")
      out.field("code", code, "A code for programs.")
      out.field("message", message, "A sentence for people.")
    }
  }

  public static var placeholder: LinkAnswer { LinkAnswer(type: .blocks) }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Links" }

  public func write(_ out: inout ObjectWriter) {
    out.field("success", errors.isEmpty, "Whether no pair was refused.")
    out.list("created", unlessNil: isRemoval ? nil : changed, "The links that were made.")
    out.list("removed", unlessNil: isRemoval ? changed : nil, "The links that were taken away.")
    out.list("warnings", warnings, "What was there, or not there, already.")
    out.list("errors", errors, "The pairs that were refused.")
    out.field("type", type.rawValue, "What the links say.")
    out.list(
      "unblocked", unlessEmpty: unblocked.map(\.text), "The tasks that this change made ready.")
  }
}
