public import HoldfastDatabase
public import HoldfastModel

/// An entry of what the work on a task took: who logged it, when, and how much.
public struct Cost: Record {
  public var id: Int64 = 0
  public var project: Int64
  public var task: Int64
  /// The agent that logged it; empty for a person.
  public var agent: String
  public var at: Timestamp
  /// Time that was logged by hand, in milliseconds.
  public var duration: Int64
  public var usage: Usage

  /// Refuses numbers that no operation would have written: of a row that comes from elsewhere.
  package func checkNumbers() throws(HoldfastError) {
    guard (0...Int64.max / 4).contains(duration) else {
      throw HoldfastError(.invalidField, "duration_ms must be at least 0, not \(duration)")
    }
    try usage.checkNumbers()
  }

  package init(
    of task: TaskEntry, agent: AgentID?, at: Timestamp, duration: Int64, usage: Usage
  ) {
    project = task.project
    self.task = task.id
    self.agent = agent?.text ?? ""
    self.at = at
    self.duration = duration
    self.usage = usage
  }

  public static let table = Table(
    "costs",
    [
      ("project", .null), ("task", .null), ("agent", .text("")), ("at", .null),
      ("duration_ms", .int(0)),
    ] + Usage.columns)

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    project = columns.int()
    task = columns.int()
    agent = columns.text()
    at = Timestamp(nanoseconds: columns.int())
    duration = columns.int()
    usage = Usage(reading: &columns)
  }

  public var values: [SQLValue] {
    var out = RowWriter(columns: Self.table.columns.count)
    out.int(project)
    out.int(task)
    out.text(agent)
    out.time(at)
    out.int(duration)
    usage.write(to: &out)
    return out.values
  }
}

extension Changes {
  /// Writes an entry of costs and the task whose counters it raises.
  func log(
    _ cost: Cost, of task: TaskEntry, as type: EventType, by agent: Agent?, _ note: String,
    _ body: (inout TaskEntry) -> Void
  ) throws -> TaskEntry {
    try change(
      task, as: type, by: agent?.name, note: EventNote("\(task.filename): \(note)")
    ) { task, event in
      body(&task)
      try event.insert(cost)
    }
  }
}
