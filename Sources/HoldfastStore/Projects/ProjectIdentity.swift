public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

// Two repositories whose folders have the same name would share a project by accident. So the
// command line names the repository's identity with the project: the first commit, which all clones
// share, or the path while there is none.

/// Says whether a project belongs to a repository.
public struct ProjectCheckIdentity: Query {
  public static let name = "project_check_identity"
  public static let summary = """
    Says whether a project belongs to a repository; refuses the name of another repository's.
    """
  public static let access = Access.read

  public let project: ProjectName
  public let identity: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    identity = try fields.required(
      "identity", "The repository's first commit, or its path while it has none.")
  }

  public func check() throws(HoldfastError) { try IdentityRule.check(identity) }

  public func run(in view: StoreView) throws -> ProjectIdentityAnswer {
    let known = try view.findProject(project)
    try IdentityRule.check(identity, of: known, named: project)
    return ProjectIdentityAnswer(project: project, isRecorded: known?.identity.isEmpty == false)
  }
}

/// Records the repository that a project belongs to, on first use.
public struct ProjectIdentify: Mutation {
  public static let name = "project_identify"
  public static let summary = """
    Records the repository that a project belongs to, on first use; refuses another one.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let identity: String
  /// What was recorded before, when the repository has got its first commit since.
  public let replaces: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    identity = try fields.required(
      "identity", "The repository's first commit, or its path while it has none.")
    replaces = try fields.value(
      "replaces", "The identity it had before, such as its path until its first commit.",
      default: "")
  }

  public func check() throws(HoldfastError) { try IdentityRule.check(identity) }

  public func run(_ prepared: Void, in changes: Changes) throws
    -> WriteVerdict<ProjectIdentityAnswer>
  {
    let known = try changes.projectForWriting(project)
    if replaces.isEmpty || !known.identity.utf8.elementsEqual(replaces.utf8) {
      try IdentityRule.check(identity, of: known, named: project)
    }
    try changes.change(known, "project \(known.name) belongs to repository \(identity)") {
      $0.identity = identity
    }
    return .done(ProjectIdentityAnswer(project: project, isRecorded: true))
  }
}

/// The one rule of both.
private enum IdentityRule {
  static func check(_ identity: String) throws(HoldfastError) {
    guard (1...4096).contains(identity.utf8.count) else {
      throw HoldfastError(
        .invalidField, "identity must have 1 to 4096 bytes",
        details: [("field", .string("identity"))])
    }
  }

  static func check(_ identity: String, of project: Project?, named name: ProjectName)
    throws(HoldfastError)
  {
    guard let project, !project.identity.isEmpty,
      !project.identity.utf8.elementsEqual(identity.utf8)
    else { return }
    throw HoldfastError(
      .conflict,
      "project \(name) belongs to another repository: set \"project\" in the configuration of this "
        + "one to a name of its own",
      details: [("identity", .string(project.identity))])
  }
}

/// Whether a project is known to belong to the repository that was asked for.
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
