public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Tells an agent what happened to files since it asked last.
///
/// Its place is kept for each set of files that it follows. With `since` it keeps its place itself, and
/// by that says how far it has come, so that a lost answer loses nothing.
public struct LockUpdates: Mutation {
  public static let name = "lock_updates"
  public static let summary = """
    Tells what happened to locked files since the agent asked last, or since a place that it names.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let agent: AgentID?
  public let files: [LockPath]?
  public let since: EventCursor?
  public let limit: Int64
  public let waitMilliseconds: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    agent = try fields.caller("agent", "Who asks; needed without since.")
    files = try fields.optional("files", "Only these files; all, when left out or empty.")
    let since: LockPlace? = try fields.optional(
      "since", "The sequence or next_cursor of the last answer that was dealt with.")
    self.since = since?.cursor
    limit = try fields.value(
      "limit", "About how many events at once; those of one call stay together.", in: 1...1000,
      default: 1000)
    waitMilliseconds = try fields.value(
      "wait_ms", "How long to wait for something to happen, in milliseconds.", in: 0...30_000,
      default: 0)
  }

  public func check() throws(HoldfastError) {
    try LockPaths.check(files, "files")
    guard agent != nil || since != nil else {
      throw FieldPosition("agent").invalid("agent is required without since")
    }
  }

  public func prepare() -> LockPaths? {
    files.flatMap { $0.isEmpty ? nil : LockPaths($0) }
  }

  public var waiting: Waiting? {
    guard waitMilliseconds > 0 else { return nil }
    // Each reader has a place of its own, so two requests are the same for one reader alone.
    let tag = "\(agent?.text ?? "")\n\(prepare()?.filter ?? "")\n\(since?.text ?? "")"
    return Waiting(key: Lock.waitKey + project.text, tag: tag, milliseconds: waitMilliseconds)
  }

  public func run(_ wanted: LockPaths?, in changes: Changes) throws
    -> WriteVerdict<LockUpdatesAnswer>
  {
    try changes.together(
      { _ = try changes.projectKey(self.project) },
      { if let agent = self.agent { _ = try changes.findAgent(agent) } })
    let agent = try agent.map { try changes.agent($0) }
    guard let project = try changes.projectKey(project) else {
      return verdict(try changes.noLockNews(behind: since))
    }
    let filter = wanted?.filter ?? ""
    var kept: LockPosition?
    if let agent {
      try changes.together(
        { try changes.heartbeat(of: agent) },
        { kept = try changes.lockPosition(of: agent, in: project, filter) })
    }
    let place = kept?.position ?? agent?.joined ?? 0
    let news = try changes.lockNews(
      of: project, behind: since ?? EventCursor(epoch: nil, number: place), isGiven: since != nil,
      files: wanted, limit: Int(limit))
    // A place that the agent keeps itself is as far as it has come; ours is behind what it is told now.
    let reached = since?.number ?? (mustWait(for: news) ? place : news.through)
    if let agent, reached != place {
      try changes.setLockPosition(of: agent, in: project, filter, from: kept, to: reached)
    }
    return verdict(news)
  }

  private func mustWait(for news: LockNews) -> Bool { news.events.isEmpty && waitMilliseconds > 0 }

  private func verdict(_ news: LockNews) -> WriteVerdict<LockUpdatesAnswer> {
    mustWait(for: news) ? .wait : .done(LockUpdatesAnswer(news: news))
  }
}

/// A place in what happened to locks: a cursor, or the bare number as clients of the task graph send it.
private struct LockPlace: FieldValue {
  let cursor: EventCursor

  static var fieldSchema: FieldSchema { .any }
  static var placeholder: LockPlace { LockPlace(cursor: EventCursor.placeholder) }

  init(cursor: EventCursor) { self.cursor = cursor }

  init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    if case .number(let number) = json {
      cursor = try EventCursor(.string(number.text), field: field)
    } else {
      cursor = try EventCursor(json, field: field)
    }
  }
}

/// What happened to files.
public struct LockUpdatesAnswer: Output {
  let news: LockNews

  public static var placeholder: LockUpdatesAnswer {
    LockUpdatesAnswer(news: LockNews(events: [], through: 1, hasMore: true, epoch: 1))
  }

  public func write(_ out: inout ObjectWriter) {
    out.list("events", news.events, "What happened, in the order of the sequence.")
    out.field("sequence", news.through, "The place behind that, as since takes it.")
    out.field(
      "next_cursor", news.cursor.text,
      "The same place; a restore of the store makes it known as old.")
    out.field("has_more", news.hasMore, "Whether there is more behind that.")
  }
}

/// Lists what happened to files from a place on; nothing is kept about who asks.
public struct LockEventList: Listing {
  public static let name = "lock_event_list"
  public static let summary = """
    Lists what happened to the locked files of a project, from a place in the sequence on.
    """
  public static let access = Access.read
  public static let listName: StaticString = "events"

  public let project: ProjectName
  public let after: EventCursor
  public let files: [LockPath]?
  public let limit: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    after = try fields.value(
      "after", "The number of the last known event, or the next_cursor of the last answer.",
      default: EventCursor(epoch: nil, number: 0))
    files = try fields.optional("files", "Only these files; all, when left out or empty.")
    limit = try fields.value(
      "limit", "About how many events at once; those of one call stay together.", in: 1...1000,
      default: 1000)
  }

  public func check() throws(HoldfastError) { try LockPaths.check(files, "files") }

  public func run(in view: StoreView, _ each: (LockEventAnswer) throws -> Void) throws -> ListEnd {
    guard let project = try view.projectKey(project) else {
      return ListEnd(nextCursor: try view.noLockNews(behind: after).cursor.text)
    }
    let wanted = files.flatMap { $0.isEmpty ? nil : LockPaths($0) }
    let news = try view.lockNews(
      of: project, behind: after, isGiven: true, files: wanted, limit: Int(limit))
    for event in news.events { try each(event) }
    return ListEnd(nextCursor: news.cursor.text)
  }
}
