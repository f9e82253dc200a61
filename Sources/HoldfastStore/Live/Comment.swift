public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// What somebody said about a task.
public struct Comment: Record {
  public var id: Int64 = 0
  public var task: Int64
  /// An agent, or a person.
  public var author: String
  public var at: Timestamp
  /// Markdown; empty in one that was deleted.
  public var body: String
  public var editedAt: Timestamp?
  public var deletedAt: Timestamp?

  init(task: Int64, author: String, at: Timestamp, body: String) {
    self.task = task
    self.author = author
    self.at = at
    self.body = body
  }

  /// The longest comment, in bytes.
  public static let bytesMax = 65536

  public static let table = Table(
    "comments",
    [
      ("task", .null), ("author", .null), ("at", .null), ("body", .null), ("edited_at", .null),
      ("deleted_at", .null),
    ])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    task = columns.int()
    author = columns.text()
    at = Timestamp(nanoseconds: columns.int())
    body = columns.text()
    editedAt = columns.time()
    deletedAt = columns.time()
  }

  public var values: [SQLValue] {
    [.int(task), .text(author), .time(at), .text(body), .time(editedAt), .time(deletedAt)]
  }
}

extension Comment: Output {
  public static var placeholder: Comment {
    Comment(task: 1, author: Caller.user, at: Timestamp(nanoseconds: 0), body: "text")
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("id", id, "Its number.")
    out.field("author", author, "Who said it: an agent, or a person.")
    out.time("at", at, "When.")
    out.field("text", body, "What was said, in Markdown.")
    out.time("edited_at", unlessUnset: editedAt, "When it was changed last.")
    out.time("deleted_at", unlessUnset: deletedAt, "When it was deleted.")
  }
}

/// A field with what somebody says.
enum CommentText {
  static func checked(_ text: String) throws(HoldfastError) {
    guard (1...Comment.bytesMax).contains(text.utf8.count) else {
      throw FieldPosition("text").mustBe("1 to \(Comment.bytesMax) bytes long")
    }
  }
}

extension StoreView {
  private static let commentByKey = Lookup<Comment>(by: ["id", "task"])

  /// A comment of a task that is not deleted.
  func comment(_ id: Int64, of task: TaskEntry) throws -> Comment {
    guard let comment = try first(Self.commentByKey, [.int(id), .int(task.id)]),
      comment.deletedAt == nil
    else {
      throw HoldfastError(.notFound, "comment not found: \(id) of \(task.filename)")
    }
    return comment
  }
}

extension Changes {
  /// Who speaks: the one that a request names, else its caller.
  func author(_ given: WorkerName?) -> String {
    guard let given, !given.text.isEmpty else { return caller.actor }
    return given.text
  }

  /// A comment that its author, or a person, wants to change.
  func comment(_ id: Int64, of task: TaskEntry, for author: String) throws -> Comment {
    let comment = try comment(id, of: task)
    guard author == Caller.user || UTF8Order.areSame(author, comment.author) else {
      throw HoldfastError(
        .notOwner, "comment \(id) is by \(comment.author): only its author changes it",
        details: [("author", .string(comment.author))])
    }
    return comment
  }

  /// Notes that an author was heard of, when it is an agent.
  func heartbeat(ofAuthor author: String) throws {
    if let agent = try findAgent(AgentID(stored: author)) { try heartbeat(of: agent) }
  }
}
