public import HoldfastDatabase
public import HoldfastModel

/// Something that is attached to a task: content that the store keeps, or a file of the project.
public struct Attachment: Record {
  public var id: Int64 = 0
  public var task: Int64
  /// Its place among all that the task ever had, from 0.
  public var orderIndex: Int64
  public var name: String
  public var mediaType: MediaType
  /// What it is for, in the words of who attached it.
  public var type: String
  /// The hash of the content that the store keeps; empty for a file.
  public var hash: String
  /// The length of the content; of a file as it was when it was attached.
  public var bytes: Int64
  /// The file, relative to the project's folder; empty for content that the store keeps.
  public var filePath: String
  /// Whether the file was written for this attachment, so that it goes with it.
  public var isMedia: Bool
  public var createdAt: Timestamp
  public var detachedAt: Timestamp?

  /// The highest place that an attachment may have.
  public static let orderIndexMax: Int64 = 1 << 40

  /// The most bytes of one attachment.
  public static let bytesMax = 16 * 1024 * 1024
  /// The longest name, in bytes.
  public static let nameBytesMax = 255
  /// The longest word for what it is for, in bytes.
  public static let typeBytesMax = 127

  public static let table = Table(
    "attachments",
    [
      ("task", .null), ("order_index", .int(0)), ("name", .null), ("mime_type", .null),
      ("attachment_type", .text("")), ("hash", .text("")), ("bytes", .int(0)),
      ("file_path", .text("")), ("is_media", .int(0)), ("created_at", .null),
      ("detached_at", .null),
    ])

  package init(
    task: Int64, orderIndex: Int64, name: String, mediaType: MediaType, type: String,
    createdAt: Timestamp
  ) {
    self.task = task
    self.orderIndex = orderIndex
    self.name = name
    self.mediaType = mediaType
    self.type = type
    hash = ""
    bytes = 0
    filePath = ""
    isMedia = false
    self.createdAt = createdAt
  }

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    task = columns.int()
    orderIndex = columns.int()
    name = columns.text()
    mediaType = MediaType(stored: columns.text())
    type = columns.text()
    hash = columns.text()
    bytes = columns.int()
    filePath = columns.text()
    isMedia = columns.bool()
    createdAt = Timestamp(nanoseconds: columns.int())
    detachedAt = columns.time()
  }

  public var values: [SQLValue] {
    [
      .int(task), .int(orderIndex), .text(name), .text(mediaType.text), .text(type), .text(hash),
      .int(bytes), .text(filePath), .bool(isMedia), .time(createdAt), .time(detachedAt),
    ]
  }

  /// Refuses a name that is too short or too long.
  package static func check(name: String) throws(HoldfastError) {
    guard (1...nameBytesMax).contains(name.utf8.count) else {
      throw FieldPosition("name").mustBe("1 to \(nameBytesMax) bytes long")
    }
  }

  /// The file as a path in its project; nil for content that the store keeps.
  var file: LockPath? { filePath.isEmpty ? nil : LockPath(stored: filePath) }
}

/// An attachment as it is answered.
public struct AttachmentAnswer: Output {
  public let attachment: Attachment
  public let task: TaskID
  /// Its content where that was asked for and can be had.
  public var content: [UInt8]?

  public static var placeholder: AttachmentAnswer {
    AttachmentAnswer(
      attachment: Attachment(
        task: 1, orderIndex: 0, name: "notes.md", mediaType: .plainText, type: "",
        createdAt: Timestamp(nanoseconds: 0)), task: .placeholder)
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Attachment" }

  public func write(_ out: inout ObjectWriter) {
    writeFields(&out)
    out.bytes("content", unlessNil: content, "Its content, where that was asked for.")
  }

  /// All but the content.
  func writeFields(_ out: inout ObjectWriter) {
    out.field("task_id", task.text, "The task's id.")
    out.field("order_index", attachment.orderIndex, "Its place among all that the task ever had.")
    out.field("name", attachment.name, "What it is called.")
    out.field("mime_type", attachment.mediaType.text, "What kind of content it is.")
    out.field("type", unlessEmpty: attachment.type, "What it is for.")
    out.field(
      "bytes", attachment.bytes, "Its length; of a file of the project, when it was attached.")
    out.field("hash", unlessEmpty: attachment.hash, "The BLAKE2b hash of the content, in base64.")
    out.field(
      "file_path", unlessEmpty: attachment.filePath, "The file, relative to the project's folder.")
    out.time("created_at", attachment.createdAt, "When it was attached.")
  }
}
