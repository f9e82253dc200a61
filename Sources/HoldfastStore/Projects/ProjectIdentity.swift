public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

// Two repositories whose folders have the same name would share a project by accident, and a clone in
// a folder of another name would miss the one it belongs to. So the command line names the
// repository's identity beside the name: the first commit, which all clones share, or the path while
// there is none.

/// Finds the project of a repository.
public struct ProjectOfRepository: Query {
  public static let name = "project_of_repository"
  public static let summary = """
    Finds the project of a repository, whatever its name; refuses the name of another one's.
    """
  public static let access = Access.read
  public static let mayConflict = true

  let repository: RepositoryOfProject

  public init(reading fields: inout Fields) throws(HoldfastError) {
    repository = try RepositoryOfProject(reading: &fields)
  }

  public func check() throws(HoldfastError) { try repository.check() }

  public func run(in view: StoreView) throws -> ProjectIdentityAnswer {
    let known = try view.project(of: repository)
    return ProjectIdentityAnswer(
      project: known?.name ?? repository.project,
      isRecorded: known.map { repository.isIdentity($0.identity) } ?? false)
  }
}

/// Records the repository that a project belongs to, on first use.
public struct ProjectIdentify: Mutation {
  public static let name = "project_identify"
  public static let summary = """
    Records the repository that a project belongs to, on first use; refuses another one.
    """
  public static let access = Access.write

  let repository: RepositoryOfProject

  public init(reading fields: inout Fields) throws(HoldfastError) {
    repository = try RepositoryOfProject(reading: &fields)
  }

  public func check() throws(HoldfastError) { try repository.check() }

  public func run(_ prepared: Void, in changes: Changes) throws
    -> WriteVerdict<ProjectIdentityAnswer>
  {
    let known =
      try changes.project(of: repository) ?? changes.projectForWriting(repository.project)
    try changes.change(
      known, "project \(known.name) belongs to repository \(repository.identity)"
    ) {
      $0.identity = repository.identity
    }
    return .done(ProjectIdentityAnswer(project: known.name, isRecorded: true))
  }
}

/// A repository, and the name that its project has when none is recorded with it.
struct RepositoryOfProject: Sendable {
  let project: ProjectName
  let identity: String
  /// What was recorded before, when the repository has got its first commit since.
  let replaces: String

  init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project's name while none is recorded.")
    identity = try fields.required(
      "identity", "The repository's first commit, or its path while it has none.")
    replaces = try fields.value(
      "replaces", "The identity it had before, such as its path until its first commit.",
      default: "")
  }

  func check() throws(HoldfastError) {
    guard (1...4096).contains(identity.utf8.count) else {
      throw HoldfastError(
        .invalidField, "identity must have 1 to 4096 bytes",
        details: [("field", .string("identity"))])
    }
  }

  func isIdentity(_ text: String) -> Bool { text.utf8.elementsEqual(identity.utf8) }
}

extension StoreView {
  private static let byIdentity = SQL(
    """
    SELECT \(Project.table.columnList) FROM projects
    WHERE projects.identity = ?1 AND projects.deleted_at IS NULL ORDER BY projects.id LIMIT 1
    """)

  /// The project that is recorded with a repository, whatever its name; else the one of the name,
  /// while no repository is recorded with it; nil when there is neither.
  ///
  /// - Throws: ``HoldfastError`` when the name is another repository's.
  fileprivate func project(of repository: RepositoryOfProject) throws -> Project? {
    let named = try findProject(repository.project)
    for identity in [repository.identity, repository.replaces] where !identity.isEmpty {
      if let named, named.identity.utf8.elementsEqual(identity.utf8) { return named }
      let recorded = try reading.first(Self.byIdentity, [.text(identity)], Project.init(row:))
      if let recorded { return recorded }
    }
    guard let named, !named.identity.isEmpty else { return named }
    throw HoldfastError(
      .conflict,
      "project \(repository.project) belongs to another repository: set \"project\" in the "
        + "configuration of this one to a name of its own",
      details: [("identity", .string(named.identity))])
  }
}

/// The project that a repository belongs to.
public struct ProjectIdentityAnswer: Output {
  public let project: ProjectName
  /// False while the project's repository was never recorded.
  public let isRecorded: Bool

  public static var placeholder: ProjectIdentityAnswer {
    ProjectIdentityAnswer(project: ProjectName(stored: "project"), isRecorded: true)
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("project", project.text, "The project.")
    out.field("recorded", isRecorded, "Whether this repository is recorded as the project's.")
  }
}
