internal import HoldfastDatabase
internal import HoldfastJSON

/// One change being recorded: the rows it touches, and the patches that say how.
///
/// The only way to write a row of a logged table. Each patch holds the table, the row's key and the
/// new values, so the log is complete for those tables by construction.
public final class Event {
  /// The number of the event in the log; a row may carry it as its revision.
  public let sequence: Int64
  /// The project it happened in; nil for none.
  public var project: Int64?
  /// The task whose rows the event patches; nil for rows of no task.
  public var task: Int64?
  /// What the history says to people, beside the patches.
  public var note: EventNote?

  private let changes: Changes
  private var patches: JSONWriter
  /// The task's text, when this event sets it.
  private var text: TaskText?

  init(_ changes: Changes, project: Int64?, task: Int64?) {
    self.changes = changes
    self.project = project
    self.task = task
    sequence = changes.transaction.nextSequence()
    patches = JSONWriter(reserving: 256)
    patches.beginObject()
    patches.key("rows")
    patches.beginArray()
  }

  /// Writes a new row and returns its key.
  @discardableResult
  public func insert<R: Record>(_ record: R) throws -> Int64 {
    var record = record
    try insert(&record)
    return record.id
  }

  /// Writes a new row, which is then as it was written, with its key.
  public func insert<R: Record>(_ record: inout R) throws {
    let table = R.table
    try record.settle(from: nil, in: changes)
    let values = record.values
    let set = R.difference(table.initials, values)
    let key =
      record.id == 0 ? try changes.memory.nextKey(of: table, in: changes.transaction) : record.id
    try changes.transaction.execute(
      changes.facts.statements.insert(table, set), set.map { values[$0] } + [.int(key)])
    changes.memory.wrote(key, nil, (record, values))
    patch(table, key, set, values)
    record.id = key
    try R.wrote(nil, record, in: changes)
  }

  /// Writes new rows by one statement, and returns them with their keys.
  ///
  /// Their columns hold texts and numbers, no bytes.
  @discardableResult
  public func insert<R: Record>(all records: [R]) throws -> [R] {
    guard !records.isEmpty else { return [] }
    let table = R.table
    var rows = records
    let first = try changes.memory.nextKey(of: table, in: changes.transaction)
    for index in rows.indices {
      rows[index].id = first + Int64(index)
      try rows[index].settle(from: nil, in: changes)
    }
    try changes.insert(allSettled: rows)
    for row in rows {
      let values = row.values
      patch(table, row.id, R.difference(table.initials, values), values)
    }
    for row in rows { try R.wrote(nil, row, in: changes) }
    return rows
  }

  /// Writes what differs between two states of one row; false when nothing does.
  @discardableResult
  public func update<R: Record>(_ old: R, to new: R) throws -> Bool {
    var new = new
    return try update(old, to: &new)
  }

  /// As ``update(_:to:)``; the new state is then as it was written.
  @discardableResult
  public func update<R: Record>(_ old: R, to new: inout R) throws -> Bool {
    let old = try old.current(in: changes)
    try new.settle(from: old, in: changes)
    let (set, after) = try changes.write(old, new)
    guard !set.isEmpty else { return false }
    if !set.intersection(R.table.logged).isEmpty { patch(R.table, old.id, set, after) }
    try R.wrote(old, new, in: changes)
    return true
  }

  /// Writes all that a row says from now on, so that no earlier event of it counts.
  func replace<R: Record>(_ old: R, with new: R) throws {
    let old = try old.current(in: changes)
    var new = new
    try new.settle(from: old, in: changes)
    let values = try changes.write(old, new).values
    patch(R.table, old.id, R.difference(R.table.initials, values), values)
    try R.wrote(old, new, in: changes)
  }

  /// Sets a task's text, which stands in this event; an empty one takes it away.
  public func set(_ text: TaskText, of task: inout TaskEntry) {
    self.text = text.bytes.isEmpty ? nil : text
    task.content = text.bytes.isEmpty ? nil : sequence
    task.contentBytes = Int64(text.bytes.count)
  }

  /// Deletes a row.
  public func delete<R: Record>(_ record: R) throws {
    try changes.transaction.execute(
      changes.facts.statements.delete(R.table), [.int(record.id)])
    try deleted(record)
  }

  /// Deletes rows by one statement.
  public func delete<R: Record>(all records: [R]) throws {
    guard !records.isEmpty else { return }
    try changes.transaction.execute(
      changes.facts.statements.deleteAll(R.table, changes.transaction.dialect),
      [RowList.json(records, ColumnSet())])
    for record in records { try deleted(record) }
  }

  private func deleted<R: Record>(_ record: R) throws {
    changes.memory.wrote(record.id, record.values, (nil as (row: R, values: [SQLValue])?))
    patches.beginArray()
    patches.string(R.table.name)
    patches.int(record.id)
    patches.null()
    patches.endArray()
    try R.wrote(record, nil, in: changes)
  }

  /// Says what a row has in those of the columns that are logged.
  private func patch(_ table: Table, _ key: Int64, _ set: ColumnSet, _ values: [SQLValue]) {
    patches.beginArray()
    patches.string(table.name)
    patches.int(key)
    patches.beginObject()
    for place in set.intersection(table.logged) {
      patches.key(table.columns[place].name)
      patches.value(of: values[place])
    }
    patches.endObject()
    patches.endArray()
  }

  private static let insertEvent: SQL = """
    INSERT INTO events(seq, project, task, type, actor, at, data, content)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    """

  /// Writes the event itself.
  func end(type: EventType, actor: String) throws {
    patches.endArray()
    note?.write(&patches)
    if let text {
      patches.key("content_hash")
      patches.int(text.hash)
    }
    patches.endObject()
    try changes.transaction.execute(
      Self.insertEvent,
      [
        .int(sequence), .optional(project), .optional(task), .text(type.rawValue), .text(actor),
        .int(changes.transaction.now), .text(String(decoding: patches.bytes, as: UTF8.self)),
        text.map { .bytes($0.bytes) } ?? .null,
      ])
  }
}
