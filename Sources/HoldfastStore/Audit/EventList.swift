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

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.optional("project", "Only events of this project.")
    after = try fields.value(
      "after", "The number of the last known event, or the next_cursor of the last answer.",
      default: EventCursor(epoch: nil, number: 0))
    limit = try fields.value(
      "limit", "At most this many; a page of large events ends behind 4 MiB.", in: 1...1000,
      default: 100)
  }

  private static let columns = """
    SELECT events.seq, events.project, events.task, events.type, events.actor, events.at,
      events.data, length(events.content), projects.name, tasks.filename
    FROM events LEFT JOIN projects ON projects.id = events.project
      LEFT JOIN tasks ON tasks.id = events.task
    """
  private static let all = SQL(
    "\(columns) WHERE events.seq > ?1 ORDER BY events.seq LIMIT ?2")
  private static let ofProject = SQL(
    "\(columns) WHERE events.project = ?3 AND events.seq > ?1 ORDER BY events.seq LIMIT ?2")

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
    _ = try view.reading.query(project == nil ? Self.all : Self.ofProject, values) { row in
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
    data = row.bytes(6)
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
    out.field("data", rendered: data, "The changed rows, and the change in a sentence.")
  }
}
