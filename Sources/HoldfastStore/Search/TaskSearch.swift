internal import HoldfastDatabase
public import HoldfastModel

/// Finds tasks by the words in their name, description, goal and text, the best first.
///
/// The answer is current: what the index does not know yet is looked through by the search itself.
public struct TaskSearch: Listing {
  public static let name = "task_search"
  public static let summary = "Finds tasks by their words, the best first."
  public static let access = Access.read
  public static let listName: StaticString = "tasks"
  public static let isHeavy = true

  /// The most tasks of one page.
  public static let limitMax: Int64 = 100

  /// nil for all projects.
  public let project: ProjectName?
  public let query: String
  /// Any of these; empty for all.
  public let statuses: [String]
  /// Empty for all.
  public let topic: String
  public let limit: Int64
  public let cursor: SearchCursor?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.optional("project", "The project; without one, all of them.")
    query = try fields.required(
      "q",
      "Words that must all be there; auth* for words that begin so, \"two words\" for words side by "
        + "side, -draft for a word that must not be there. Case and diacritics do not count.")
    statuses = try fields.value(
      "status", "Tasks in any of these statuses; one that nobody knows finds nothing.",
      default: [String]())
    topic = try fields.value("topic", "Tasks of this topic.", default: "")
    limit = try fields.value(
      "limit", "At most this many tasks.", in: 1...Self.limitMax, default: 20)
    cursor = try fields.optional("cursor", "Where the page before ended.")
  }

  public func check() throws(HoldfastError) {
    _ = try parsed()
    guard statuses.count <= TaskConditions.statusesMax else {
      throw FieldPosition("status").mustBe("given at most \(TaskConditions.statusesMax) times")
    }
  }

  private func parsed() throws(HoldfastError) -> SearchQuery {
    try SearchQuery(query, field: FieldPosition("q"))
  }

  public func run(in view: StoreView, _ each: (SearchHit) throws -> Void) throws -> ListEnd {
    try walk(over: StoreReads(view)).run(each)
  }

  public func walk(over reads: StoreReads) throws -> ListWalk<SearchHit> {
    let query = try parsed()
    let found = try reads.search { try finding(query, $0) }?.ranked() ?? []
    let places = found.drop { place in cursor.map { place >= $0.place } ?? false }
    var page = Page(query: query, places: Array(places), limit: Int(limit))
    return ListWalk { each in try reads.read { try page.step(in: $0, each) } }
  }

  /// nil for a project that is not there.
  private func finding(_ query: SearchQuery, _ view: StoreView) throws -> SearchFinding? {
    var key: Int64?
    if let project {
      key = try view.projectKey(project)
      guard key != nil else { return nil }
    }
    return try SearchFinding(query, project: key, accepts: try filter(key, view), view)
  }

  /// What must hold for a task's status and topic.
  private func filter(_ project: Int64?, _ view: StoreView) throws -> SearchFinding.Condition? {
    guard !statuses.isEmpty || !topic.isEmpty else { return nil }
    let wanted = try wantedStatuses(project, view)
    return { project, status, topic in
      (statuses.isEmpty || wanted(project).contains(TaskStatus(stored: status)))
        && (self.topic.isEmpty || UTF8Order.areSame(self.topic, topic))
    }
  }

  /// The statuses that are asked for, which each project may have words of its own for.
  private func wantedStatuses(
    _ project: Int64?, _ view: StoreView
  ) throws -> (_ project: Int64) -> Set<TaskStatus> {
    guard !statuses.isEmpty else { return { _ in [] } }
    if let project {
      let wanted = try view.statusWords(in: project).statuses(statuses)
      return { _ in wanted }
    }
    let builtIn = StatusWords.builtIn.statuses(statuses)
    let own = try view.statusWordsOfProjects().mapValues { $0.statuses(statuses) }
    return { own[$0] ?? builtIn }
  }
}

/// The part of a search's answer that is being made.
private struct Page {
  let query: SearchQuery
  let places: [SearchRank]
  let limit: Int

  private var next = 0
  private var given = 0
  private var last: SearchRank?
  /// The names of the projects; nil for one that is deleted.
  private var names: [Int64: String?] = [:]

  init(query: SearchQuery, places: [SearchRank], limit: Int) {
    self.query = query
    self.places = places
    self.limit = limit
  }

  private static let name: SQL = "SELECT name FROM projects WHERE id = ?1 AND deleted_at IS NULL"

  /// Gives tasks for a step; nil while there is more.
  mutating func step(in view: StoreView, _ each: (SearchHit) throws -> Void) throws -> ListEnd? {
    while next < places.count, given < limit {
      let place = places[next]
      next += 1
      // It may be gone since it was found.
      guard
        let task = try view.reading.first(
          SearchUpdate.task, [.int(place.id)], TaskEntry.init(row:)), task.deletedAt == nil,
        let project = try name(of: task.project, view)
      else { continue }
      given += 1
      last = place
      let hit = SearchHit(
        filename: task.filename, title: task.graph.title, id: view.id(of: task), project: project,
        status: task.status, rank: place.rank, snippet: try snippet(of: task, view))
      try each(hit)
      if view.reading.stepIsOver { return nil }
    }
    let hasMore = next < places.count
    return ListEnd(nextCursor: hasMore ? last.map { SearchCursor($0).text } : nil)
  }

  private mutating func name(of project: Int64, _ view: StoreView) throws -> String? {
    if let known = names[project] { return known }
    let name = try view.reading.first(Self.name, [.int(project)]) { $0.text(0) }
    names[project] = .some(name)
    return name
  }

  /// From the long text where the words are in it, else from the best field.
  private func snippet(of task: TaskEntry, _ view: StoreView) throws -> String {
    let view = view.reading
    let html = try SearchDocument.withText(task.content, view) { SearchSnippet.html(of: $0, query) }
    if let html { return html }
    for field in SearchField.all.reversed() {
      if let html = field.withText(of: task, { SearchSnippet.html(of: $0, query) }) { return html }
    }
    return try SearchDocument.withText(task.content, view, SearchSnippet.beginning)
  }
}

/// A task that a search has found.
public struct SearchHit: Output {
  public let filename: TaskFilename
  public let title: String
  public let id: TaskID
  public let project: String
  public let status: TaskStatus
  public let rank: Int64
  public let snippet: String

  public static var placeholder: SearchHit {
    SearchHit(
      filename: TaskFilename(stored: "task"), title: "", id: TaskID(stored: "k3m9qz"),
      project: "project",
      status: .ready, rank: 1, snippet: "")
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("filename", filename.text, "The task's name in its project.")
    out.field("title", unlessEmpty: title, "What it is called.")
    out.field("id", id.text, "The short id, unique in the store.")
    out.field("project", project, "The project's name.")
    out.field("status", status.text, "Where it stands in its workflow.")
    out.field(
      "rank", rank,
      "How well it fits, beside the others of this answer; the two engines count differently.")
    out.field(
      "snippet", snippet,
      "Where the words stand, as HTML: they are in <mark>, and everything else is escaped.")
  }
}
