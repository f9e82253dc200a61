public import HoldfastDatabase
public import HoldfastModel

/// Takes an attachment away; content that nothing else refers to is freed, and so is a file that was
/// written for it.
public struct TaskDetach: Mutation {
  public static let name = "task_detach"
  public static let summary = "Takes an attachment away and frees its content."
  public static let access = Access.write

  public let target: TaskTarget
  public let index: Int64
  public let agent: AgentID?
  private let folder: KnownFolder?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    index = try fields.required("index", "Its order_index.")
    agent = try fields.caller("agent", "Who takes it away; nobody for a person.")
    folder = fields.projectFolder
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<DetachAnswer> {
    let task = try changes.taskForWriting(target)
    let old = try changes.attachment(index, of: task)
    var gone = old
    gone.detachedAt = changes.now
    gone.hash = ""
    gone.filePath = ""
    gone.isMedia = false
    let detached = gone
    try changes.record(
      .attachmentRemoved, project: task.project, task: task.id, by: agent
    ) { event in
      event.note = EventNote("\(task.filename): \(old.name.legible) taken away")
      try event.update(old, to: detached)
    }
    try changes.free(hash: old.hash)
    if let agent = try agent.flatMap(changes.findAgent) { try changes.heartbeat(of: agent) }
    let file = folder == nil ? nil : try changes.unusedMedia(of: old, in: task.project)
    return .done(DetachAnswer(file: file))
  }

  public static let actsBesideStore = true

  public func ended(_ prepared: Void, _ result: Result<DetachAnswer?, any Error>) throws {
    guard case .success(let answer?) = result, let file = answer.file else { return }
    try ProjectFolder(folder, of: target.project).removeLeft([file])
  }
}

/// What came of taking an attachment away.
public struct DetachAnswer: Output {
  /// The file that goes with it.
  let file: LockPath?

  public static var placeholder: DetachAnswer { DetachAnswer(file: nil) }

  public func write(_ out: inout ObjectWriter) {
    out.field("success", true, "Whether it was there.")
    out.field("file_deleted", file != nil, "Whether a file of the media folder was deleted.")
  }
}

extension Changes {
  private static let isUsed = DialectSQL { sql in
    """
    SELECT 1 FROM attachments JOIN tasks ON tasks.id = attachments.task
    WHERE \(sql.isText("file_path", "?1")) AND file_path <> '' AND tasks.project = ?2 LIMIT 1
    """
  }

  /// The file of an attachment that is gone, when it was written for that and nothing else refers to
  /// it.
  func unusedMedia(of attachment: Attachment, in project: Int64) throws -> LockPath? {
    guard attachment.isMedia, let file = attachment.file, ProjectFolder.holdsMedia(file) else {
      return nil
    }
    let isUsed = Self.isUsed[transaction.dialect]
    return try transaction.exists(isUsed, [.text(file.text), .int(project)]) ? nil : file
  }
}
