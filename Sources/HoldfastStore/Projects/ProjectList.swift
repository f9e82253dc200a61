internal import HoldfastDatabase
public import HoldfastModel

/// Lists the projects of the store by name, in the order of the names' bytes.
///
/// With `names` it lists these projects, whether or not anything was written to them yet.
public struct ProjectList: Listing {
  public static let name = "project_list"
  public static let summary = "Lists the projects of the store by name."
  public static let access = Access.read
  public static let listName: StaticString = "projects"

  public let names: [ProjectName]?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    names = try fields.optional("names", "Only these projects, even if nothing is in them yet.")
  }

  private static let all = SQL(
    """
    SELECT \(Project.table.columnList) FROM projects
    WHERE projects.deleted_at IS NULL AND projects.alias_of IS NULL ORDER BY projects.name
    """)

  public func run(in view: StoreView, _ each: (ProjectAnswer) throws -> Void) throws -> ListEnd {
    for name in names ?? [] {
      var project = try view.findProject(name) ?? Project(name: name, createdAt: nil)
      // An alias is listed as it was asked for.
      project.name = name
      try each(try view.answer(project))
    }
    guard names == nil else { return ListEnd() }
    try view.reading.query(Self.all, []) { row in
      try each(try view.answer(Project(row: row)))
    }
    return ListEnd()
  }
}

/// Gives one project.
public struct ProjectGet: Query {
  public static let name = "project_get"
  public static let summary = "Gives one project with its aliases and its identity."
  public static let access = Access.read

  public let project: ProjectName

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project, by its name or an alias.")
  }

  public func run(in view: StoreView) throws -> ProjectAnswer {
    try view.answer(try view.project(project))
  }
}
