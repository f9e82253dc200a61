internal import HoldfastDatabase
public import HoldfastModel

/// Lists what is attached to a task.
public struct AttachmentList: Listing {
  public static let name = "attachment_list"
  public static let summary = "Lists what is attached to a task, in the order of their places."
  public static let access = Access.read
  public static let listName: StaticString = "attachments"

  public let target: TaskTarget
  public let mediaType: String
  public let type: String?
  public let withContent: Bool
  public let limit: Int64
  public let after: Int64
  private let folder: KnownFolder?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    mediaType = try fields.value(
      "mime", "Only those whose media type begins so, such as image/.", default: "")
    type = try fields.optional("type", "Only those that are for this.")
    withContent = try fields.value(
      "content",
      "Whether the content comes with them; not that of a file that cannot be read here.",
      default: false)
    limit = try fields.value("limit", "At most this many.", in: 1...1000, default: 100)
    after = try fields.value("cursor", "Where the page before ended.", default: 0)
    folder = fields.projectFolder
  }

  private static let attachments = SQL(
    """
    SELECT \(Attachment.table.columnList) FROM attachments
    WHERE attachments.task = ?1 AND attachments.id > ?2 AND attachments.detached_at IS NULL
      AND substr(attachments.mime_type, 1, CAST(?3 AS INTEGER)) = ?4 AND (?5 = 0 OR attachments.attachment_type = ?6)
    ORDER BY attachments.id LIMIT ?7
    """)

  public func run(
    in view: StoreView, _ each: (AttachmentAnswer) throws -> Void
  ) throws -> ListEnd {
    let task = try view.task(target.task, in: target.project)
    let prefix = mediaType.lowercased()
    let found = try view.reading.all(
      Self.attachments,
      [
        .int(task.id), .int(after), .int(Int64(prefix.unicodeScalars.count)), .text(prefix),
        .int(type == nil ? 0 : 1), .text(type ?? ""), .int(limit + 1),
      ], Attachment.init(row:))
    var page = KeyPage(limit: limit)
    for attachment in found {
      guard page.takes(attachment.id, withContent ? Int(attachment.bytes) : 0) else { break }
      var answer = AttachmentAnswer(attachment: attachment, task: view.id(of: task))
      if withContent { answer.content = try view.keptContent(of: attachment) }
      try each(answer)
    }
    return page.end
  }

  /// Files are read once the view of the store is over.
  public func walk(over reads: StoreReads) throws -> ListWalk<AttachmentAnswer> {
    ListWalk { each in
      var page: [AttachmentAnswer] = []
      let end = try reads.read { view in try run(in: view) { page.append($0) } }
      // A file may be longer now than when it was attached.
      var read = KeyPage(limit: limit)
      for var answer in page {
        if withContent, let file = answer.attachment.file { answer.content = content(of: file) }
        guard read.takes(answer.attachment.id, answer.content?.count ?? 0) else { return read.end }
        try each(answer)
      }
      return end
    }
  }

  /// The content of a file, the contract's words for one that is gone, or nil.
  private func content(of file: LockPath) -> [UInt8]? {
    do throws(HoldfastError) {
      return try ProjectFolder(folder, of: target.project).read(file)
    } catch {
      return error.code == .fileNotFound ? Array("[\(error.message)]".utf8) : nil
    }
  }
}

/// Gives an attachment with its content.
public struct AttachmentGet: Query {
  public static let name = "attachment_get"
  public static let summary = "Gives an attachment with its content, to the byte."
  public static let access = Access.read

  public let target: TaskTarget
  public let index: Int64
  private let folder: KnownFolder?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    index = try fields.required("index", "Its order_index.")
    folder = fields.projectFolder
  }

  public func run(in view: StoreView) throws -> AttachmentContent {
    let task = try view.task(target.task, in: target.project)
    let attachment = try view.attachment(index, of: task)
    let answer = AttachmentAnswer(attachment: attachment, task: view.id(of: task))
    return AttachmentContent(answer: answer, bytes: try view.keptContent(of: attachment) ?? [])
  }

  public func complete(_ answer: AttachmentContent) throws -> AttachmentContent {
    guard let file = answer.answer.attachment.file else { return answer }
    let folder = try ProjectFolder(folder, of: target.project)
    return AttachmentContent(answer: answer.answer, bytes: try folder.read(file))
  }
}

/// An attachment with its content.
public struct AttachmentContent: Output {
  public let answer: AttachmentAnswer
  public let bytes: [UInt8]

  public static var placeholder: AttachmentContent {
    AttachmentContent(answer: .placeholder, bytes: [])
  }

  public var download: Download? {
    Download(name: answer.attachment.name, type: answer.attachment.mediaType)
  }

  public func write(_ out: inout ObjectWriter) {
    answer.writeFields(&out)
    out.raw("content", bytes, "Its content.")
  }
}

extension StoreView {
  private static let attachmentByIndex = SQL(
    """
    SELECT \(Attachment.table.columnList) FROM attachments
    WHERE attachments.task = ?1 AND attachments.order_index = ?2
      AND attachments.detached_at IS NULL
    """)

  /// An attachment of a task, or the refusal that it is not there.
  func attachment(_ index: Int64, of task: TaskEntry) throws -> Attachment {
    let found = try reading.first(
      Self.attachmentByIndex, [.int(task.id), .int(index)], Attachment.init(row:))
    guard let found else {
      throw HoldfastError(
        .attachmentNotFound, "attachment not found: \(index) of \(task.filename)")
    }
    return found
  }

  /// The content of an attachment that the store keeps; nil for a file.
  fileprivate func keptContent(of attachment: Attachment) throws -> [UInt8]? {
    guard !attachment.hash.isEmpty else { return nil }
    guard let content = try content(ofHash: attachment.hash) else {
      throw HoldfastError(
        .corrupt, "the content of an attachment is missing: 'holdfast verify' says more")
    }
    return content
  }
}
