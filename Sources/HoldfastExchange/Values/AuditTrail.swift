internal import HoldfastDatabase
internal import HoldfastStore

/// The audit trail of a project: what imports brought, then what happened here.
struct AuditTrail {
  /// Finds the last key of the part.
  private let last: SQL
  private let rows: SQL
  private let read: @Sendable (any Row) -> AuditLine
  private let filename: Int

  /// A line, and the name that its task has today.
  struct Line {
    let line: AuditLine
    let filename: String?

    /// The line as it is shown.
    var today: AuditLine {
      var line = line
      if let filename { line.taskFile = filename }
      return line
    }
  }

  static let parts = [
    AuditTrail(
      last: "SELECT max(id) FROM audit_lines",
      rows: SQL(
        """
        SELECT \(AuditLine.table.columnList), tasks.filename
        FROM audit_lines LEFT JOIN tasks ON tasks.id = audit_lines.task
        WHERE audit_lines.id > ?1 AND audit_lines.id <= ?2 AND audit_lines.project = ?3
        ORDER BY audit_lines.id
        """),
      read: { AuditLine(row: $0) }, filename: AuditLine.table.columns.count + 1),
    AuditTrail(
      last: "SELECT max(seq) FROM events",
      rows: SQL(
        """
        SELECT \(AuditLine.eventColumns), tasks.filename
        FROM events LEFT JOIN tasks ON tasks.id = events.task
        WHERE events.seq > ?1 AND events.seq <= ?2 AND events.project = ?3
          AND events.type <> 'imported'
        ORDER BY events.seq
        """),
      read: { AuditLine(event: $0) }, filename: 5),
  ]

  /// Goes through the lines of a project in the order of their keys.
  func walk(of project: Int64, in store: Store, _ each: (Line) throws -> Void) throws {
    try store.walk(
      rows, through: last, [.int(project)],
      decode: { Line(line: read($0), filename: $0.optionalText(filename)) }, each)
  }
}
