internal import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// Finds the task that is linked to an issue in Linear.
public struct LinearLinkLookup: Query {
  public static let name = "linear_link_lookup"
  public static let summary = "Finds the task that is linked to an issue in Linear."
  public static let access = Access.read

  public let project: ProjectName
  public let issue: String
  public let statuses: [String]

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    issue = try fields.required("issue", "The issue's id in Linear.")
    statuses = try fields.value(
      "status", "Only tasks of these statuses; none for all.", default: [])
  }

  public func run(in view: StoreView) throws -> LinkedTask {
    let filename = try view.projectKey(project).flatMap {
      try view.linkedTask(to: issue, in: $0, statuses: statuses, except: nil)
    }
    guard let filename else {
      throw HoldfastError(.notFound, "linear link not found: \(issue)")
    }
    return LinkedTask(filename: filename)
  }
}

/// The task that is linked to an issue.
public struct LinkedTask: Output {
  public let filename: TaskFilename

  public static var placeholder: LinkedTask { LinkedTask(filename: TaskFilename(stored: "task")) }

  public func write(_ out: inout ObjectWriter) {
    out.field("filename", filename.text, "The task's name in its project.")
  }
}

extension StoreView {
  // The index needs its own condition repeated.
  private static let tasksByIssue = DialectSQL { dialect in
    """
    SELECT id, filename, status FROM tasks
    WHERE project = ?1 AND \(dialect.isText("linear_issue_id", "?2")) AND linear_issue_id <> ''
      AND deleted_at IS NULL
    ORDER BY filename
    """
  }

  /// The first task by filename that is linked to an issue; a blank issue links nothing.
  ///
  /// - Parameters:
  ///   - issue: The issue's id in Linear.
  ///   - project: The key of the project.
  ///   - statuses: Only tasks of these statuses, aliases included; none for all.
  ///   - except: The key of a task that does not count.
  /// - Returns: The task's filename, or nil when there is none.
  /// - Throws: What the database says.
  func linkedTask(
    to issue: String, in project: Int64, statuses: [String], except: Int64?
  ) throws -> TaskFilename? {
    guard !issue.trimmed.isEmpty else { return nil }
    let wanted = try statusWords(in: project).statuses(statuses)
    var found: TaskFilename?
    try reading.query(Self.tasksByIssue[reading.dialect], [.int(project), .text(issue)]) { row in
      guard found == nil, row.int(0) != except else { return }
      if wanted.isEmpty || wanted.contains(TaskStatus(stored: row.text(2))) {
        found = TaskFilename(stored: row.text(1))
      }
    }
    return found
  }
}

extension LinearLink: FieldValue {
  public static var fieldSchema: FieldSchema {
    .object(
      Fields.describe("LinearLink") { (fields: inout Fields) throws(HoldfastError) in
        _ = try LinearLink(reading: &fields)
      })
  }
  public static var placeholder: LinearLink { LinearLink() }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      throw field.mustBe("an object, not \(json.kind)")
    }
    var fields = Fields(object, matching: .folded)
    self = try LinearLink(reading: &fields)
  }
}
