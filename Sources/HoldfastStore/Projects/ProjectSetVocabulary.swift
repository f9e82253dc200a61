public import HoldfastDatabase
public import HoldfastModel

/// Lets a project's tasks have statuses of another vocabulary, or no longer.
public struct ProjectSetVocabulary: Mutation {
  public static let name = "project_set_vocabulary"
  public static let summary =
    "Lets a project's tasks have any status, or only those of the workflow."
  public static let access = Access.admin

  public let project: ProjectName
  public let acceptsAnyStatus: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    acceptsAnyStatus = try fields.required(
      "accepts_any_status", "Whether a status that the workflow does not know is kept as it is.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<ProjectAnswer> {
    let project = try changes.projectForWriting(project)
    let words =
      "project \(project.name) accepts \(acceptsAnyStatus ? "any status" : "known statuses")"
    let changed = try changes.change(project, words) { $0.acceptsAnyStatus = acceptsAnyStatus }
    return .done(try changes.answer(changed))
  }
}
