public import HoldfastDatabase
public import HoldfastModel

/// Deletes a project, or only an alias when that is the name given.
///
/// A project that still has tasks, or signals that nobody has processed, is deleted only with
/// `force`. Its rows stay in the store, unreachable; its name is free for a new project.
public struct ProjectDelete: Mutation {
  public static let name = "project_delete"
  public static let summary = """
    Deletes a project, or an alias. One with tasks or unprocessed signals only with force.
    """
  public static let access = Access.admin

  public let project: ProjectName
  public let isForced: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project, or an alias of one.")
    isForced = try fields.value(
      "force", "Whether it is deleted although it has tasks or unprocessed signals.",
      default: false)
  }

  private static let task: SQL = """
    SELECT 1 FROM tasks WHERE project = ?1 AND deleted_at IS NULL LIMIT 1
    """
  private static let pending: SQL = """
    SELECT 1 FROM signals WHERE project = ?1 AND status = 'pending' LIMIT 1
    """
  private static let processing: SQL = """
    SELECT 1 FROM signals WHERE project = ?1 AND status = 'processing' LIMIT 1
    """

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Done> {
    guard let row = try changes.projectRow(project) else {
      throw HoldfastError.projectNotFound(project)
    }
    if row.aliasOf == nil, !isForced { try refuseWork(in: row, changes) }
    let rows = try row.aliasOf == nil ? [row] + changes.aliases(of: row) : [row]
    try changes.record(.projectChanged, project: row.aliasOf ?? row.id) { event in
      event.note = EventNote(
        row.aliasOf == nil ? "project \(project) deleted" : "alias \(project) deleted",
        level: "warn")
      for row in rows {
        var deleted = row
        deleted.deletedAt = changes.now
        try event.update(row, to: deleted)
      }
    }
    return .done(Done())
  }

  private func refuseWork(in row: Project, _ changes: Changes) throws {
    func refusal(_ what: String) -> HoldfastError {
      HoldfastError(
        .conflict,
        "project \(project) still has \(what): delete them first, or pass force to lose sight of them"
      )
    }
    if try changes.reading.exists(Self.task, [.int(row.id)]) { throw refusal("tasks") }
    for sql in [Self.pending, Self.processing]
    where try changes.reading.exists(sql, [.int(row.id)]) {
      throw refusal("unprocessed signals")
    }
  }
}
