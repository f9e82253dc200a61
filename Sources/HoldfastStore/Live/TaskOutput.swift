public import HoldfastDatabase
public import HoldfastModel

/// What kind of output a part is.
public enum OutputType: String, CaseIterable, Sendable, Choice {
  case stdout
  case stderr
  case log
  case error
  case info
  case debug
}

/// A part of what the work on a task printed.
public struct OutputPart: Record {
  public var id: Int64 = 0
  public var task: Int64
  public var type: OutputType
  public var at: Timestamp
  /// Who or what printed it; empty when nobody said.
  public var source: String
  public var body: String

  init(task: Int64, type: OutputType, at: Timestamp, source: String, body: String) {
    self.task = task
    self.type = type
    self.at = at
    self.source = source
    self.body = body
  }

  /// The longest part, in bytes.
  public static let bytesMax = 65536
  /// The longest name of a source, in bytes.
  public static let sourceBytesMax = 128

  public static let table = Table(
    "task_output",
    [("task", .null), ("type", .null), ("at", .null), ("source", .text("")), ("body", .null)])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    task = columns.int()
    type = OutputType(rawValue: columns.text()) ?? .log
    at = Timestamp(nanoseconds: columns.int())
    source = columns.text()
    body = columns.text()
  }

  public var values: [SQLValue] {
    [.int(task), .text(type.rawValue), .time(at), .text(source), .text(body)]
  }
}

extension OutputPart: Output {
  public static var placeholder: OutputPart {
    OutputPart(task: 1, type: .log, at: Timestamp(nanoseconds: 0), source: "", body: "text")
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("id", id, "Its number; later parts have larger ones.")
    out.field("type", type.rawValue, "What kind of output it is.")
    out.time("at", at, "When it was appended.")
    out.field("source", unlessEmpty: source, "Who or what printed it.")
    out.field("text", body, "What was printed.")
  }
}

/// Keeps what the work on a task printed.
public struct OutputAppend: Mutation {
  public static let name = "output_append"
  public static let summary = "Keeps a part of what the work on a task printed."
  public static let access = Access.write

  public let target: TaskTarget
  public let holder: Holder
  public let type: OutputType
  public let source: String
  public let text: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    holder = try Holder(reading: &fields)
    type = try fields.value("type", "What kind of output it is.", default: OutputType.log)
    source = try fields.value("source", "Who or what printed it.", default: "")
    text = try fields.required("text", "What was printed; up to 64 KiB.")
  }

  public func check() throws(HoldfastError) {
    guard (1...OutputPart.bytesMax).contains(text.utf8.count) else {
      throw FieldPosition("text").mustBe("1 to \(OutputPart.bytesMax) bytes long")
    }
    guard source.utf8.count <= OutputPart.sourceBytesMax else {
      throw FieldPosition("source").mustBe("at most \(OutputPart.sourceBytesMax) bytes long")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<OutputPart> {
    let task = try changes.taskForWriting(target)
    try changes.check(holder, of: task)
    var part = OutputPart(
      task: task.id, type: type, at: changes.now, source: source, body: text)
    try changes.record(
      .outputAppended, project: task.project, task: task.id, by: holder.agent
    ) { event in
      event.note = EventNote("\(task.filename): \(text.utf8.count) bytes of \(type.rawValue)")
      try event.insert(&part)
    }
    if let agent = try holder.agent.flatMap(changes.findAgent) {
      try changes.heartbeat(of: agent)
    }
    return .done(part)
  }
}

/// Lists what the work on a task printed.
public struct OutputList: Listing {
  public static let name = "output_list"
  public static let summary = "Lists what the work on a task printed, the oldest first."
  public static let access = Access.read
  public static let listName: StaticString = "output"

  public let target: TaskTarget
  public let type: OutputType?
  public let limit: Int64
  public let after: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    type = try fields.optional("type", "Only output of this kind.")
    limit = try fields.value("limit", "At most this many parts.", in: 1...1000, default: 100)
    after = try fields.value(
      "cursor", "Where the page before ended: a next_cursor, or the number of a part.",
      default: KeyCursor.start
    ).key
  }

  private static let parts = SQL(
    """
    SELECT \(OutputPart.table.columnList) FROM task_output
    WHERE task_output.task = ?1 AND task_output.id > ?2
      AND (?3 = '' OR task_output.type = ?3)
    ORDER BY task_output.id LIMIT ?4
    """)

  public func run(in view: StoreView, _ each: (OutputPart) throws -> Void) throws -> ListEnd {
    let task = try view.task(target.task, in: target.project)
    var page = KeyPage(limit: limit)
    try view.reading.query(
      Self.parts,
      [.int(task.id), .int(after), .text(type?.rawValue ?? ""), .int(limit + 1)]
    ) { row in
      let part = OutputPart(row: row)
      if page.takes(part.id, part.body.utf8.count) { try each(part) }
    }
    return page.end
  }
}
