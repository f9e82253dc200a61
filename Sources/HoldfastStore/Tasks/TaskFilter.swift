internal import HoldfastDatabase
internal import HoldfastModel

/// Which tasks of a project a list gives.
struct TaskFilter {
  let project: Int64
  /// Any of these; empty for all.
  let statuses: Set<TaskStatus>
  /// Empty for all.
  let topic: String
  /// The filename behind which the list starts.
  let after: String
  let search: TextSearch?

  /// A task that a condition with an index found.
  struct Key {
    let id: Int64
    let filename: String
  }

  /// Keys read in one step.
  private static let keysPerRead: Int64 = 20_000

  private static let keysByStatus = keys { _ in "status = ?2" }
  private static let keysByTopic = keys { "\($0.isText("topic", "?2")) AND topic <> ''" }

  private static func keys(_ condition: (Dialect) -> String) -> DialectSQL {
    DialectSQL { dialect in
      """
      SELECT id, filename, status FROM tasks
      WHERE project = ?1 AND \(condition(dialect)) AND deleted_at IS NULL AND id > ?3
        AND filename > ?4
      ORDER BY id LIMIT ?5
      """
    }
  }

  /// The tasks that the indexed conditions find, by filename; nil when there is no such condition,
  /// and the list is all of the project.
  func keys(_ reads: StoreReads) throws -> [Key]? {
    guard !statuses.isEmpty || !topic.isEmpty else { return nil }
    var keys: [Key] = []
    if topic.isEmpty {
      for status in statuses { try read(Self.keysByStatus, status.text, reads, into: &keys) }
    } else {
      try read(Self.keysByTopic, topic, reads, into: &keys)
    }
    keys.sort { UTF8Order.precedes($0.filename, $1.filename) }
    return keys
  }

  private func read(
    _ sql: DialectSQL, _ value: String, _ reads: StoreReads, into keys: inout [Key]
  ) throws {
    var last: Int64 = 0
    var count: Int64 = 0
    repeat {
      count = 0
      let values: [SQLValue] = [
        .int(project), .text(value), .int(last), .text(after), .int(Self.keysPerRead),
      ]
      try reads.read { view in
        try view.reading.query(sql[view.reading.dialect], values) { row in
          count += 1
          last = row.int(0)
          guard accepts(TaskStatus(stored: row.text(2))) else { return }
          keys.append(Key(id: last, filename: row.text(1)))
        }
      }
    } while count == Self.keysPerRead
  }

  private func accepts(_ status: TaskStatus) -> Bool {
    statuses.isEmpty || statuses.contains(status)
  }

  /// Whether a task meets all conditions; the text is asked for only when it decides.
  func accepts(_ task: TaskEntry, text: ((UnsafeRawBufferPointer) -> Bool) -> Bool) -> Bool {
    guard accepts(task.status), topic.isEmpty || UTF8Order.areSame(topic, task.topic) else {
      return false
    }
    guard let search else { return true }
    return search.matches(task.filename.text) || search.matches(task.description)
      || text(search.matches)
  }
}
