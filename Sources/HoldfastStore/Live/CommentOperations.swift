public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Says something about a task.
public struct CommentAdd: Mutation {
  public static let name = "comment_add"
  public static let summary = "Says something about a task, for people and agents to read."
  public static let access = Access.write

  public let target: TaskTarget
  public let author: WorkerName?
  public let text: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    let agent = try fields.speaker(
      "agent", "Who says it: an agent or a person; else the caller.")
    author = try fields.optional("author", "The same by another name.") ?? agent
    text = try fields.required("text", "What is said, in Markdown; up to 64 KiB.")
  }

  public func check() throws(HoldfastError) { try CommentText.checked(text) }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Comment> {
    let task = try changes.taskForWriting(target)
    let author = changes.author(author)
    var comment = Comment(task: task.id, author: author, at: changes.now, body: text)
    try changes.record(.commentAdded, project: task.project, task: task.id) { event in
      event.note = EventNote("\(task.filename): comment by \(author)")
      try event.insert(&comment)
    }
    try changes.heartbeat(ofAuthor: author)
    return .done(comment)
  }
}

/// Changes what was said about a task.
public struct CommentEdit: Mutation {
  public static let name = "comment_edit"
  public static let summary = "Changes a comment; the history keeps what it said before."
  public static let access = Access.write

  public let target: TaskTarget
  public let id: Int64
  public let author: WorkerName?
  public let text: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    id = try fields.required("id", "The comment's number.")
    let agent = try fields.speaker(
      "agent", "Who changes it: its author, or a person.")
    author = try fields.optional("author", "The same by another name.") ?? agent
    text = try fields.required("text", "What it says now, in Markdown; up to 64 KiB.")
  }

  public func check() throws(HoldfastError) { try CommentText.checked(text) }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Comment> {
    let task = try changes.taskForWriting(target)
    let author = changes.author(author)
    let old = try changes.comment(id, of: task, for: author)
    var comment = old
    if !UTF8Order.areSame(old.body, text) {
      comment.body = text
      comment.editedAt = changes.now
      try changes.record(.commentChanged, project: task.project, task: task.id) { event in
        event.note = EventNote("\(task.filename): comment \(id) changed")
        try event.update(old, to: comment)
      }
    }
    try changes.heartbeat(ofAuthor: author)
    return .done(comment)
  }
}

/// Takes back what was said about a task.
public struct CommentDelete: Mutation {
  public static let name = "comment_delete"
  public static let summary = "Deletes a comment; the history keeps what it said."
  public static let access = Access.write

  public let target: TaskTarget
  public let id: Int64
  public let author: WorkerName?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    id = try fields.required("id", "The comment's number.")
    let agent = try fields.speaker(
      "agent", "Who deletes it: its author, or a person.")
    author = try fields.optional("author", "The same by another name.") ?? agent
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Comment> {
    let task = try changes.taskForWriting(target)
    let author = changes.author(author)
    let old = try changes.comment(id, of: task, for: author)
    var comment = old
    comment.body = ""
    comment.deletedAt = changes.now
    try changes.record(.commentDeleted, project: task.project, task: task.id) { event in
      event.note = EventNote("\(task.filename): comment \(id) deleted")
      try event.update(old, to: comment)
    }
    try changes.heartbeat(ofAuthor: author)
    return .done(comment)
  }
}

/// Lists what was said about a task.
public struct CommentList: Listing {
  public static let name = "comment_list"
  public static let summary = "Lists the comments on a task, the oldest first."
  public static let access = Access.read
  public static let listName: StaticString = "comments"

  public let target: TaskTarget
  public let limit: Int64
  public let after: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    limit = try fields.value("limit", "At most this many.", in: 1...1000, default: 100)
    after = try fields.value("cursor", "Where the page before ended.", default: KeyCursor.start).key
  }

  private static let comments = SQL(
    """
    SELECT \(Comment.table.columnList) FROM comments
    WHERE comments.task = ?1 AND comments.id > ?2 AND comments.deleted_at IS NULL
    ORDER BY comments.id LIMIT ?3
    """)

  public func run(in view: StoreView, _ each: (Comment) throws -> Void) throws -> ListEnd {
    let task = try view.task(target.task, in: target.project)
    var page = KeyPage(limit: limit)
    try view.reading.query(
      Self.comments, [.int(task.id), .int(after), .int(limit + 1)]
    ) { row in
      let comment = Comment(row: row)
      if page.takes(comment.id, comment.body.utf8.count) { try each(comment) }
    }
    return page.end
  }
}

/// A place in a list of rows that come by their keys: the number of the last one, as a number or a text.
struct KeyCursor: FieldValue {
  let key: Int64

  static let start = KeyCursor(key: 0)

  static var fieldSchema: FieldSchema { .either([.text(), Int64.fieldSchema]) }
  static var placeholder: KeyCursor { .start }

  private init(key: Int64) { self.key = key }

  init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .string(let text) = json, !field.isTextual else {
      key = try Int64(json, field: field)
      return
    }
    guard let key = Int64(text) else {
      throw field.mustBe("the next_cursor of the page before, not \(text.quoted)")
    }
    self.key = key
  }

  var fieldJSON: JSON { .number(JSONNumber(key)) }
}

/// A page of rows that come by their keys, of a bounded number and length.
struct KeyPage {
  private let limit: Int64
  private var count: Int64 = 0
  private var bytes = 0
  private var last: Int64 = 0
  private var hasMore = false

  /// A page ends with the row that brings it here.
  private static let bytesMax = 4 * 1024 * 1024

  init(limit: Int64) { self.limit = limit }

  /// Whether a row is still on the page.
  mutating func takes(_ id: Int64, _ length: Int) -> Bool {
    guard !hasMore, count < limit, bytes < Self.bytesMax else {
      hasMore = true
      return false
    }
    count += 1
    bytes += length
    last = id
    return true
  }

  var end: ListEnd { ListEnd(nextCursor: hasMore ? "\(last)" : nil) }
}
