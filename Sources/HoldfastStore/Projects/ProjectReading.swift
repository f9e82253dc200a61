internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

extension StoreView {
  private static let vocabulary: SQL = "SELECT accepts_any_status FROM projects WHERE id = ?1"

  /// The workflow of a project's tasks.
  public func workflow(of project: Int64) throws -> Workflow {
    let acceptsAny = try reading.first(Self.vocabulary, [.int(project)]) { $0.int(0) != 0 }
    return acceptsAny ?? false ? .foreign : .standard
  }

  private static let byKey = SQL(
    "SELECT \(Project.table.columnList) FROM projects WHERE projects.id = ?1")
  private static let byName = SQL(
    """
    SELECT \(Project.table.columnList) FROM projects
    WHERE projects.name = ?1 AND projects.deleted_at IS NULL
    """)

  /// The project, under this name or as the one that the name is an alias of; nil when there is none.
  func findProject(_ name: ProjectName) throws -> Project? {
    guard let key = try projectKey(name) else { return nil }
    return try reading.first(Self.byKey, [.int(key)], Project.init(row:))
  }

  /// The project, or the refusal that there is none.
  func project(_ name: ProjectName) throws -> Project {
    guard let project = try findProject(name) else { throw HoldfastError.projectNotFound(name) }
    return project
  }

  /// The row of exactly that name, which may be an alias's.
  func projectRow(_ name: ProjectName) throws -> Project? {
    try reading.first(Self.byName, [.text(name.text)], Project.init(row:))
  }

  private static let aliases = SQL(
    """
    SELECT \(Project.table.columnList) FROM projects
    WHERE projects.alias_of = ?1 AND projects.deleted_at IS NULL ORDER BY projects.name
    """)

  /// The rows of a project's other names, in the order of the names.
  package func aliases(of project: Project) throws -> [Project] {
    try reading.all(Self.aliases, [.int(project.id)], Project.init(row:))
  }

  func answer(_ project: Project) throws -> ProjectAnswer {
    ProjectAnswer(project: project, aliases: try aliases(of: project).map(\.name))
  }
}

extension Changes {
  /// The project to be changed; a new one comes into being.
  func projectForWriting(_ name: ProjectName) throws -> Project {
    let key = try projectKeyForWriting(name)
    guard let project = try findProject(name), project.id == key else {
      throw HoldfastError.projectNotFound(name)
    }
    return project
  }

  /// Writes what `body` changes in a project's row, with an event that says so.
  @discardableResult
  func change(_ project: Project, _ words: String, _ body: (inout Project) -> Void) throws
    -> Project
  {
    var changed = project
    body(&changed)
    guard changed.values != project.values else { return project }
    return try record(.projectChanged, project: project.id) { event in
      event.note = EventNote(words)
      try event.update(project, to: changed)
      return changed
    }
  }

  /// Refuses a name that another project has, or that is an alias.
  func refuseTaken(_ name: ProjectName) throws {
    guard let taken = try projectRow(name) else { return }
    let what = taken.aliasOf == nil ? "a project" : "an alias of a project"
    throw HoldfastError(
      .alreadyExists, "\(what) named \"\(name)\" already exists: choose another name, or delete it")
  }
}

extension HoldfastError {
  static func projectNotFound(_ name: ProjectName) -> HoldfastError {
    HoldfastError(
      .notFound, "project not found: \(name)", details: [("project", .string(name.text))])
  }
}
