public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Attaches content or a file of the project to a task.
public struct TaskAttach: Mutation {
  public static let name = "task_attach"
  public static let summary = "Attaches content, or a file of the project, to a task."
  public static let access = Access.write

  public let target: TaskTarget
  public let agent: AgentID?
  public let name: String
  public let mediaType: MediaType?
  public let type: String
  public let content: [UInt8]?
  public let file: LockPath?
  /// Whether the content becomes a file in the project's media folder.
  public let isStoredAsFile: Bool
  private let folder: KnownFolder?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    agent = try fields.caller("agent", "Who attaches it; nobody for a person.")
    name = try fields.required("name", "What it is called; 1 to 255 bytes.")
    mediaType = try fields.optional(
      "mime", "What kind of content it is; text/plain, or application/octet-stream for other bytes."
    )
    type = try fields.value("type", "What it is for, such as spec or log.", default: "")
    content = try fields.optionalBytes("content", "The content; up to 16 MiB.")
    file = try fields.optional(
      "file", "In its place a file, relative to the project's folder, which is read when asked for."
    )
    isStoredAsFile = try fields.value(
      "store_as_file", "Whether the content goes into a file of the folder .task-graph/media.",
      default: false)
    folder = fields.projectFolder
  }

  public func check() throws(HoldfastError) {
    try Attachment.check(name: name)
    guard type.utf8.count <= Attachment.typeBytesMax else {
      throw FieldPosition("type").mustBe("at most \(Attachment.typeBytesMax) bytes long")
    }
    switch (content, file) {
    case (nil, nil):
      throw FieldPosition("content").invalid("Either 'content' or 'file' must be provided")
    case (.some, .some):
      throw FieldPosition("file").invalid("only one of 'content' and 'file' may be provided")
    case (nil, .some):
      guard !isStoredAsFile else {
        throw FieldPosition("store_as_file").invalid("store_as_file takes content, not a file")
      }
    case (let content?, nil):
      guard content.count <= Attachment.bytesMax else {
        throw HoldfastError(
          .tooLarge, "an attachment has at most \(Attachment.bytesMax) bytes",
          details: [("limit", .number(.init(Int64(Attachment.bytesMax))))])
      }
    }
  }

  /// What is to be attached, once it was looked at.
  public struct Prepared: Sendable {
    fileprivate let mediaType: MediaType
    fileprivate let length: Int
    /// Where it is.
    fileprivate let place: Place

    fileprivate enum Place {
      case blob(Blob)
      case file(LockPath)
      /// A file that was written for it.
      case media(LockPath, in: ProjectFolder)
    }
  }

  public func prepare() throws -> Prepared {
    throw HoldfastError(.internalError, "an attachment is prepared over its store")
  }

  public func prepare(over store: Store) throws -> Prepared {
    if let file {
      let folder = try ProjectFolder(folder, of: target.project)
      return Prepared(
        mediaType: mediaType ?? .plainText, length: try folder.length(of: file), place: .file(file))
    }
    let content = content ?? []
    let isText = String(validating: content, as: UTF8.self) != nil
    let mediaType = mediaType ?? (isText ? .plainText : .anyBytes)
    return Prepared(
      mediaType: mediaType, length: content.count,
      place: try isStoredAsFile
        ? media(content, mediaType, store) : .blob(Blob(content)))
  }

  private func media(
    _ content: [UInt8], _ mediaType: MediaType, _ store: Store
  ) throws -> Prepared.Place {
    let folder = try ProjectFolder(folder, of: target.project)
    let task = try store.view { view in
      view.id(of: try view.task(target.task, in: target.project)).text
    }
    let words = [task, name].map { word in
      String(
        decoding: word.utf8.prefix(80).map { byte in
          PercentEncoding.isUnreserved(byte) && byte != UInt8(ascii: "~")
            ? byte : UInt8(ascii: "_")
        }, as: UTF8.self)
    }.joined(separator: "_")
    let file = try folder.writeMedia(content) { "\(words)_\($0).\(mediaType.fileExtension)" }
    return .media(file, in: folder)
  }

  public func run(
    _ prepared: Prepared, in changes: Changes
  ) throws -> WriteVerdict<AttachmentAnswer> {
    let task = try changes.taskForWriting(target)
    var attachment = Attachment(
      task: task.id, orderIndex: try changes.nextOrderIndex(of: task), name: name,
      mediaType: prepared.mediaType, type: type, createdAt: changes.now)
    attachment.bytes = Int64(prepared.length)
    switch prepared.place {
    case .blob(let blob):
      attachment.hash = blob.hash
      try changes.keep(blob)
    case .file(let file): attachment.filePath = file.text
    case .media(let file, _):
      attachment.filePath = file.text
      attachment.isMedia = true
    }
    try changes.record(
      .attachmentAdded, project: task.project, task: task.id, by: agent
    ) { event in
      event.note = EventNote("\(task.filename): \(name.legible) attached")
      try event.insert(&attachment)
    }
    if let agent = try agent.flatMap(changes.findAgent) { try changes.heartbeat(of: agent) }
    return .done(AttachmentAnswer(attachment: attachment, task: changes.id(of: task)))
  }

  public static let actsBesideStore = true

  /// Takes the file back when it has no row.
  public func ended(
    _ prepared: Prepared, _ result: Result<AttachmentAnswer?, any Error>
  ) throws {
    guard case .media(let file, let folder) = prepared.place else { return }
    switch result {
    case .success(.some): return
    // The row may be there after all.
    case .failure(let error as DatabaseError) where error.kind == .commitUnknown: return
    case .success(nil), .failure: try folder.remove(file)
    }
  }
}

extension Changes {
  private static let lastOrderIndex: SQL =
    "SELECT max(order_index) FROM attachments WHERE task = ?1"

  /// One more than the highest place that the task's attachments ever had.
  fileprivate func nextOrderIndex(of task: TaskEntry) throws -> Int64 {
    let last = try transaction.first(Self.lastOrderIndex, [.int(task.id)]) { $0.optionalInt(0) }
    guard let last = last ?? nil else { return 0 }
    guard last < Attachment.orderIndexMax else {
      throw HoldfastError(
        .tooLarge, "the task has had as many attachments as it may: attach it to another one")
    }
    return last + 1
  }
}
