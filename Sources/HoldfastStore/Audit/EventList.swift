internal import HoldfastDatabase
public import HoldfastModel

/// Lists the events of the store in their order, from a cursor on.
///
/// Whoever asks again with the `next_cursor` of the last answer misses nothing and gets nothing
/// twice; it is there also when there is nothing new.
public struct EventList: Listing {
  public static let name = "event_list"
  public static let summary = "Lists the events of the store in their order, from a cursor on."
  public static let access = Access.read
  public static let listName: StaticString = "events"

  public let project: ProjectName?
  public let after: EventCursor
  public let limit: Int64
  public let fields: String
  public let waitMilliseconds: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.optional("project", "Only events of this project.")
    after = try fields.value(
      "after", "The number of the last known event, or the next_cursor of the last answer.",
      default: EventCursor(epoch: nil, number: 0))
    limit = try fields.value(
      "limit", "At most this many; a page of large events ends behind 4 MiB.", in: 1...1000,
      default: 100)
    self.fields = try fields.value(
      "fields", "slim leaves out what the events changed.", default: "")
    waitMilliseconds = try fields.value(
      "wait_ms", "How long to wait for an event when there is none yet, in milliseconds.",
      in: 0...30_000, default: 0)
  }

  public func check() throws(HoldfastError) {
    guard ["", "slim", "full"].contains(fields) else {
      throw FieldPosition("fields").mustBe("slim or full, not \(fields.quoted)")
    }
  }

  private static func columns(data: String) -> String {
    """
    SELECT events.seq, events.project, events.task, events.type, events.actor, events.at,
      \(data), length(events.content), projects.name, tasks.filename
    FROM events LEFT JOIN projects ON projects.id = events.project
      LEFT JOIN tasks ON tasks.id = events.task
    """
  }

  /// The statements of one form of the list.
  private struct Statements {
    let all: SQL
    let ofProject: SQL

    init(data: String) {
      let columns = EventList.columns(data: data)
      all = SQL("\(columns) WHERE events.seq > ?1 ORDER BY events.seq LIMIT ?2")
      ofProject = SQL(
        "\(columns) WHERE events.project = ?3 AND events.seq > ?1 ORDER BY events.seq LIMIT ?2")
    }
  }

  private static let whole = Statements(data: "events.data")
  private static let slim = Statements(data: "NULL")

  /// A page ends with the event that brings it here.
  private static let bytesMax = 4 * 1024 * 1024

  public func run(in view: StoreView, _ each: (EventAnswer) throws -> Void) throws -> ListEnd {
    let epoch = try view.epoch()
    var last = try after.sequence(in: epoch)
    func end() -> ListEnd { ListEnd(nextCursor: EventCursor(epoch: epoch, number: last).text) }
    var values: [SQLValue] = [.int(last), .int(limit)]
    if let project {
      guard let key = try view.projectKey(project) else { return end() }
      values.append(.int(key))
    }
    var bytes = 0
    let statements = fields == "slim" ? Self.slim : Self.whole
    let statement = project == nil ? statements.all : statements.ofProject
    _ = try view.reading.query(statement, values) { row in
      let event = EventAnswer(row: row, ids: view.facts.ids)
      last = event.sequence
      bytes += event.data.count
      try each(event)
      return bytes < Self.bytesMax
    }
    return end()
  }
}

/// An event of the log with its patches.
public struct EventAnswer: Output {
  public let sequence: Int64
  let project: String
  let task: String
  let filename: String
  let type: String
  let actor: String
  let at: Timestamp
  let data: [UInt8]
  let contentBytes: Int64

  init(row: any Row, ids: TaskIDPermutation) {
    sequence = row.int(0)
    task = row.optionalInt(2).map { ids.id(row: $0).text } ?? ""
    type = row.text(3)
    actor = row.text(4)
    at = Timestamp(nanoseconds: row.int(5))
    data = row.isNull(6) ? [] : row.bytes(6)
    contentBytes = row.optionalInt(7) ?? 0
    project = row.optionalText(8) ?? ""
    filename = row.optionalText(9) ?? ""
  }

  private init(placeholder: Void) {
    sequence = 1
    project = "project"
    task = "k3m9qz"
    filename = "task"
    type = EventType.taskCreated.rawValue
    actor = Caller.user
    at = Timestamp(nanoseconds: 0)
    data = Array("{}".utf8)
    contentBytes = 0
  }

  public static var placeholder: EventAnswer { EventAnswer(placeholder: ()) }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Event" }

  public func write(_ out: inout ObjectWriter) {
    out.field("seq", sequence, "The number, in the order of the whole store.")
    out.field("project", unlessEmpty: project, "The project's name of today.")
    out.field("task", unlessEmpty: task, "The task's id.")
    out.field("filename", unlessEmpty: filename, "The task's name of today.")
    out.field("type", type, "What kind of change.")
    out.field("actor", actor, "Who made it.")
    out.field("at", at.description, "When; it never falls along the numbers.")
    out.field("content_bytes", unlessZero: contentBytes, "The length of the text that it set.")
    out.field(
      "data", renderedUnlessEmpty: data, "The changed rows, and the change in a sentence.")
  }
}
