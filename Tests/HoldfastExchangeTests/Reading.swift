import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// What tests read back from a store.
extension Store {
  func task(_ name: String, in project: String = "kas") throws -> TaskEntry {
    try database.read { view in
      try #require(
        try view.first(
          SQL(
            """
            SELECT \(TaskEntry.table.columnList) FROM tasks
            WHERE filename = ?1 AND project = (SELECT id FROM projects WHERE name = ?2)
            """), [.text(name), .text(project)], TaskEntry.init(row:)))
    }
  }

  func content(of task: TaskEntry) throws -> [UInt8] {
    try database.read { view in
      try view.first("SELECT content FROM events WHERE seq = ?1", [.optional(task.content)]) {
        $0.bytes(0)
      } ?? []
    }
  }

  func subtasks(of task: TaskEntry) throws -> [Subtask] {
    try rows(SubtaskRow.self, "WHERE task = \(task.id) ORDER BY number").map(\.subtask)
  }

  func rows<R: Record>(_ type: R.Type, _ rest: String = "ORDER BY id") throws -> [R] {
    try database.read {
      try $0.all(
        SQL("SELECT \(R.table.columnList) FROM \(R.table.name) \(rest)"), [], R.init(row:))
    }
  }

  func texts(_ sql: String) throws -> [String] {
    try database.read { try $0.all(SQL(sql)) { $0.text(0) } }
  }

  /// The project's audit trail as it is shown.
  func audit(_ project: String, _ members: [(String, JSON)] = []) throws -> [JSON]? {
    try list("audit_list", [("project", .string(project))] + members)["events"]?.arrayValue
  }

  /// Fails the test when the store is not what its history says.
  func expectClean() throws {
    #expect(try Verify().run(on: self).problems == [])
  }
}

extension Timestamp {
  init(_ text: String) throws { self = try #require(try Timestamp.parse(text)) }
}
