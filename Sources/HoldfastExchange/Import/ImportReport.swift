public import HoldfastModel
internal import HoldfastStore

/// What an import did, or, as a dry run, would do.
public struct ImportReport: Output {
  /// What the source is, in words.
  public let source: String
  public let isDryRun: Bool
  public var projects: [ImportedCounts] = []
  /// Agents of a source without projects.
  public var agents = 0
  /// What was left out or changed on the way, a sentence each.
  public var notes: [String] = []
  public var notesLeftOut = 0
  /// Tasks of the source that do not come in; the notes say why.
  public var tasksLeftOut = 0

  /// Whether everything was there already.
  public var addsNothing: Bool { agents == 0 && projects.allSatisfy(\.addsNothing) }

  public static var placeholder: ImportReport {
    ImportReport(source: "a kasmos database", isDryRun: false)
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("source", source, "What the source is.")
    out.field("dry_run", isDryRun, "Whether nothing was written.")
    out.field("adds_nothing", addsNothing, "Whether everything was there already.")
    out.list("projects", projects, "What was added to each project.")
    out.field(
      "agents", unlessZero: Int64(agents),
      "Agents of a source without projects that are known from now on.")
    out.field(
      "tasks_left_out", Int64(tasksLeftOut),
      "Tasks of the source that did not come in; the notes say why.")
    out.list("notes", notes, "What was left out or changed, a sentence each.")
    out.field("notes_left_out", Int64(notesLeftOut), "How many more notes there are.")
  }
}

/// What an import added to one project.
public struct ImportedCounts: Output, Equatable {
  public let project: ProjectName
  public var isNew = false
  /// What the project lacked and got: identity, config.
  public var settings = 0
  public var agents = 0
  public var tasks = 0
  /// Tasks that are deleted first.
  public var tasksReplaced = 0
  public var dependencies = 0
  public var costs = 0
  public var comments = 0
  public var outputParts = 0
  public var subtasks = 0
  public var reviews = 0
  public var attachments = 0
  public var workflows = 0
  public var topics = 0
  public var aliases = 0
  public var signals = 0
  public var auditEvents = 0
  public var lockEvents = 0
  public var locks = 0
  // Left alone, because they are there.
  public var tasksPresent = 0
  public var topicsPresent = 0
  public var signalsPresent = 0
  public var auditEventsPresent = 0

  public init(project: ProjectName) { self.project = project }

  /// Whether everything was there already.
  public var addsNothing: Bool {
    !isNew && settings == 0 && workflows == 0 && tasks == 0 && topics == 0 && aliases == 0
      && signals == 0
      && auditEvents == 0 && agents == 0 && tasksReplaced == 0 && lockEvents == 0
      && locks == 0
  }

  mutating func add(_ task: ImportedTask) {
    tasks += 1
    subtasks += task.subtasks.count
    reviews += task.reviews.count
    dependencies += task.edges.count
    costs += task.costs.count
    comments += task.comments.count
    outputParts += task.output.count
    attachments += task.attachments.count { $0.row.detachedAt == nil }
  }

  public static var placeholder: ImportedCounts {
    ImportedCounts(project: ProjectName(stored: "project"))
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("project", project.text, "The project.")
    out.field("new", isNew, "Whether the project came into being.")
    out.field("settings", Int64(settings), "Its settings that were filled: identity, config.")
    out.field("tasks", Int64(tasks), "Tasks that were added, with their texts.")
    out.field("tasks_replaced", Int64(tasksReplaced), "Tasks that were deleted for them.")
    out.field("dependencies", Int64(dependencies), "Their edges to other tasks.")
    out.field("costs", Int64(costs), "What they took: entries of costs and time.")
    out.field("comments", Int64(comments), "Their comments.")
    out.field("output_parts", Int64(outputParts), "Parts of their output.")
    out.field("agents", Int64(agents), "Agents that are known from now on.")
    out.field("subtasks", Int64(subtasks), "Their subtasks.")
    out.field("reviews", Int64(reviews), "Their pull request reviews.")
    out.field("attachments", Int64(attachments), "What is attached to them.")
    out.field("workflows", Int64(workflows), "Workflows that it has defined from now on.")
    out.field("topics", Int64(topics), "Topics that were added.")
    out.field("aliases", Int64(aliases), "Other names of the project that were added.")
    out.field("signals", Int64(signals), "Signals that were added.")
    out.field("audit_events", Int64(auditEvents), "Lines of the audit trail that were added.")
    out.field("lock_events", Int64(lockEvents), "What had happened to files.")
    out.field("locks", Int64(locks), "Files that agents hold.")
    out.field("tasks_present", Int64(tasksPresent), "Tasks that were there and left alone.")
    out.field("topics_present", Int64(topicsPresent), "Topics that were there.")
    out.field("signals_present", Int64(signalsPresent), "Signals that were there.")
    out.field(
      "audit_events_present", Int64(auditEventsPresent), "Lines of the trail that were there.")
  }
}
