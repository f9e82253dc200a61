internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

extension StoreView {
  private static let byKey = Lookup<Project>(by: ["id"])
  private static let byName = Lookup<Project>(by: ["name"], where: [.isNull("deleted_at")])
  private static let byAliased = Lookup<Project>(by: ["alias_of"], where: [.isNull("deleted_at")])

  /// The project's row.
  func projectRow(key: Int64) throws -> Project? { try first(Self.byKey, [.int(key)]) }

  /// The project, under this name or as the one that the name is an alias of; nil when there is none.
  func findProject(_ name: ProjectName) throws -> Project? {
    guard let key = try projectKey(name) else { return nil }
    return try projectRow(key: key)
  }

  /// The project, or the refusal that there is none.
  func project(_ name: ProjectName) throws -> Project {
    guard let project = try findProject(name) else { throw HoldfastError.projectNotFound(name) }
    return project
  }

  /// The row of exactly that name, which may be an alias's.
  func projectRow(_ name: ProjectName) throws -> Project? {
    try first(Self.byName, [.text(name.text)])
  }

  /// The rows of a project's other names, in the order of the names.
  package func aliases(of project: Project) throws -> [Project] {
    try rows(Self.byAliased, [.int(project.id)]).sorted {
      $0.name.text.utf8.lexicographicallyPrecedes($1.name.text.utf8)
    }
  }

  /// All names under which a project is known, in no order.
  func names(of project: Int64) throws -> [ProjectName] {
    try (rows(Self.byKey, [.int(project)]) + rows(Self.byAliased, [.int(project)])).map(\.name)
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
