public import HoldfastModel

/// A project as it is answered; in the contract's shape only its name.
public struct ProjectAnswer: Output {
  let project: Project
  let aliases: [ProjectName]

  public static var placeholder: ProjectAnswer {
    ProjectAnswer(
      project: Project(
        name: ProjectName(stored: "project"), createdAt: Timestamp(nanoseconds: 0)),
      aliases: [])
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Project" }

  public func text(in shape: ObjectWriter.Shape) -> String? {
    shape == .contract ? project.name.text : nil
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("name", project.name.text, "The project's name.")
    out.list("aliases", aliases.map(\.text), "Other names that lead to it.")
    out.field(
      "identity", unlessEmpty: project.identity,
      "The repository's first commit, or its path while it has none.")
    out.field(
      "accepts_any_status", project.acceptsAnyStatus,
      "Whether tasks keep statuses of another vocabulary.")
    out.time("created_at", project.createdAt, "When it came into being.")
  }
}
