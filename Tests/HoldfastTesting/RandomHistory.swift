public import HoldfastDatabase
public import HoldfastModel
public import HoldfastStore
internal import HoldfastJSON

/// A mutation made of a closure.
public struct Work: Mutation {
  public static let name = "work"
  public static let summary = "Does what a test asks for."
  public static let access = Access.write

  let body: @Sendable (Changes) throws -> Void

  public init(_ body: @escaping @Sendable (Changes) throws -> Void) { self.body = body }

  public init(reading fields: inout Fields) throws(HoldfastError) {
    throw HoldfastError(.internalError, "work is not read from a request")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Done> {
    try body(changes)
    return .done(Done())
  }
}

/// A store's history made at random from a seed: every table, inserts, changes and deletes.
public struct RandomHistory: Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// Below `bound`, the same numbers for the same seed.
  mutating func next(_ bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return (z ^ (z >> 31)) % bound
  }

  /// Does a number of random steps on a store.
  public mutating func run(steps: Int, on store: Store) throws {
    for _ in 0..<steps {
      let step = Step(kind: next(9), a: next(8), b: next(1_000_000), c: next(40))
      _ = try store.run(Work { try step.run(in: $0) })
    }
  }
}

private struct Step: Sendable {
  let kind: UInt64
  let a: UInt64
  let b: UInt64
  let c: UInt64

  private static let oneTask = SQL(
    "SELECT \(TaskEntry.table.columnList) FROM tasks ORDER BY (id * ?1) % 1009 LIMIT 1")
  private static let subtasks = SQL(
    "SELECT \(SubtaskRow.table.columnList) FROM subtasks WHERE task = ?1")
  private static let signals = SQL(
    "SELECT \(Signal.table.columnList) FROM signals ORDER BY (id * ?1) % 1009 LIMIT 1")

  func run(in changes: Changes) throws {
    let project = try changes.projectKeyForWriting(ProjectName("p\(a % 3)"))
    let key = SQLValue.int(Int64(b) + 1)
    guard let task = try changes.reading.first(Self.oneTask, [key], TaskEntry.init(row:)), kind != 0
    else { return try create(project, changes) }
    switch kind {
    case 1:
      try changes.change(task, as: .taskChanged) { task, _ in
        task.description = "Über \(b)\u{0}"
          .replacing("\u{0}", with: "")
        task.doneAt(c.isMultiple(of: 2) ? changes.now : nil)
      }
    case 2:
      try changes.change(task, as: .contentChanged) { task, event in
        let content = [UInt8](repeating: UInt8(truncatingIfNeeded: b), count: Int(b % 3000))
        event.set(TaskText(content), of: &task)
      }
    case 3: try replaceSubtasks(task, changes)
    case 4:
      try changes.record(.signalCreated, project: task.project, task: task.id) { event in
        try event.insert(signal(task.project, task: task.id, changes))
      }
    case 5:
      // About no task yet; a later step may give it one.
      try changes.record(.signalCreated, project: project) { event in
        try event.insert(signal(project, task: nil, changes))
      }
    case 6, 7: try changeSignal(key, task, changes)
    default:
      try changes.record(.topicCreated, project: project) { event in
        guard b.isMultiple(of: 5) else { return }
        try event.insert(
          Topic(project: project, name: TopicName("t\(event.sequence)"), createdAt: changes.now))
      }
    }
  }

  private func create(_ project: Int64, _ changes: Changes) throws {
    try changes.record(.taskCreated, project: project) { event in
      var task = TaskEntry(
        project: project, filename: try TaskFilename("task \(event.sequence)"), status: .ready)
      task.revision = event.sequence
      task.createdAt = changes.now
      event.note = EventNote("created \"it\"\n")
      task.id = try event.insert(task)
      event.task = task.id
    }
  }

  private func replaceSubtasks(_ task: TaskEntry, _ changes: Changes) throws {
    let old = try changes.reading.all(Self.subtasks, [.int(task.id)], SubtaskRow.init(row:))
    try changes.change(task, as: .subtasksReplaced) { _, event in
      for row in old { try event.delete(row) }
      for number in 0..<Int64(c % 5) {
        try event.insert(
          SubtaskRow(task: task.id, subtask: Subtask(number: number, title: "s\(b)")))
      }
    }
  }

  private func signal(_ project: Int64, task: Int64?, _ changes: Changes) -> Signal {
    Signal(
      project: project, task: task, planFile: "plan", type: "plan_start", payload: "{\"n\":\(b)}",
      createdAt: changes.now)
  }

  private func changeSignal(_ key: SQLValue, _ task: TaskEntry, _ changes: Changes) throws {
    guard let old = try changes.reading.first(Self.signals, [key], Signal.init(row:)) else {
      return
    }
    if c < 10 {
      try changes.record(.signalPurged, project: old.project, task: old.task) { event in
        try event.delete(old)
      }
    } else if old.task == nil && c < 20 {
      var new = old
      new.task = task.id
      try changes.record(.signalReset, project: old.project, task: task.id) { event in
        _ = try event.update(old, to: new)
      }
    } else {
      var new = old
      new.attempts += 1
      new.status = c.isMultiple(of: 2) ? .processing : .done
      try changes.record(.signalClaimed, project: old.project, task: old.task) { event in
        new.claim = event.sequence
        _ = try event.update(old, to: new)
      }
    }
  }
}

extension TaskEntry {
  fileprivate mutating func doneAt(_ time: Timestamp?) { phaseTimes.done = time }
}
