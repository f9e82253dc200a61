public import HoldfastDatabase
public import HoldfastModel

/// Gives a project another name; everything in it moves with it.
public struct ProjectRename: Mutation {
  public static let name = "project_rename"
  public static let summary = """
    Gives a project another name. The old one is free afterwards, or stays as an alias.
    """
  public static let access = Access.admin

  public let project: ProjectName
  public let newName: ProjectName
  public let keepsAlias: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project, by its name or an alias.")
    newName = try fields.required("new_name", "The new name.")
    keepsAlias = try fields.value(
      "keep_alias", "Whether the old name goes on to lead to the project.", default: false)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<ProjectAnswer> {
    let project = try changes.project(project)
    guard project.name != newName else { return .done(try changes.answer(project)) }
    try changes.refuseTaken(newName)
    let words = "project \(project.name) renamed to \(newName)"
    let renamed = try changes.change(project, words) { $0.name = newName }
    if keepsAlias { try changes.addAlias(project.name, of: renamed) }
    // Somebody may wait for signals or locks under the new name.
    try changes.touchSignals(of: renamed.id)
    try changes.touchLocks(of: renamed.id)
    return .done(try changes.answer(renamed))
  }
}

/// Gives a project one more name that leads to it.
public struct ProjectAlias: Mutation {
  public static let name = "project_alias"
  public static let summary = "Gives a project one more name that leads to it."
  public static let access = Access.admin

  public let project: ProjectName
  public let alias: ProjectName

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project, by its name or an alias.")
    alias = try fields.required("alias", "The other name; no project may have it.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<ProjectAnswer> {
    let project = try changes.project(project)
    if let existing = try changes.projectRow(alias), existing.aliasOf == project.id {
      return .done(try changes.answer(project))
    }
    try changes.refuseTaken(alias)
    try changes.addAlias(alias, of: project)
    try changes.touchSignals(of: project.id)
    try changes.touchLocks(of: project.id)
    return .done(try changes.answer(project))
  }
}

extension Changes {
  fileprivate func addAlias(_ name: ProjectName, of project: Project) throws {
    try record(.projectChanged, project: project.id) { event in
      event.note = EventNote("project \(project.name) is also known as \(name)")
      var alias = Project(name: name, createdAt: now)
      alias.aliasOf = project.id
      try event.insert(alias)
    }
  }
}
