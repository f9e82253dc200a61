import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// What happens to signals and history when their task is renamed, deleted or restored.
@Suite struct TaskSignalsTests {
  let backing: TestStore
  var store: Store { backing.store }

  init() throws {
    backing = try TestStore()
    let created = try store.run(try read(TaskCreate.self, [("filename", "a")]))
    let (facts, task) = (store.facts, try #require(created).entry)
    try store.database.write { transaction in
      let changes = Changes(transaction, caller: Caller(), facts: facts)
      try changes.record(.signalCreated, project: task.project) { event in
        for (key, name) in [(task.id, "a"), (nil, "a"), (nil, "b")] as [(Int64?, String)] {
          var signal = Signal(
            project: task.project, task: key, planFile: name, type: "plan_start", payload: "",
            createdAt: changes.now)
          try event.insert(signal)
          signal.status = .done
          try event.insert(signal)
        }
      }
    }
  }

  private func read<O: Operation>(_ type: O.Type, _ members: [(String, JSON)]) throws -> O {
    var fields = Fields([("project", "p")] + members)
    return try O(reading: &fields)
  }

  private func signals() throws -> [String] {
    try store.database.read { transaction in
      try transaction.all("SELECT task IS NULL, plan_file, status, result FROM signals ORDER BY id")
      {
        "\($0.int(0) == 0 ? "own" : "other") \($0.text(1)) \($0.text(2)) \($0.text(3))"
      }
    }
  }

  @Test func `a rename takes along its signals and those that wait for the name`() throws {
    _ = try store.run(try read(TaskRename.self, [("task", "a"), ("new_filename", "x")]))
    #expect(
      try signals() == [
        "own x pending ", "own x done ", "other x pending ", "other a done ", "other b pending ",
        "other b done ",
      ])
  }

  @Test func `pending signals end with their task and come back with it`() throws {
    let before = try signals()
    _ = try store.run(try read(TaskDelete.self, [("task", "a")]))
    #expect(try signals().first == "own a failed task deleted")
    #expect(try signals().dropFirst() == before.dropFirst())
    _ = try store.run(try read(TaskRestore.self, [("task", "a")]))
    #expect(try signals() == before)
  }

  @Test func `the history of a rename keeps both names in one event with the signals`() throws {
    let answer = try store.run(try read(TaskRename.self, [("task", "a"), ("new_filename", "x")]))
    let task = try #require(answer).entry
    let data = try store.database.read { transaction in
      try transaction.first(
        "SELECT data FROM events WHERE seq = ?1 AND type = 'task_renamed'",
        [
          .int(task.revision)
        ]
      ) { $0.text(0) }
    }
    let event = try JSONReader.read(Array(try #require(data).utf8))
    #expect(event["message"] == "task a renamed to x")
    #expect(event["detail"] == ["from": "a", "to": "x"])
    #expect(event["rows"]?.arrayValue?.count == 4)
  }

  @Test func `a removed subtask is noted with the text that removed it`() throws {
    func put(_ content: String) throws -> JSON? {
      let answer = try store.run(
        try read(ContentPut.self, [("task", "a"), ("content", .string(content))]))
      let revision = try #require(answer).entry.revision
      let data = try store.database.read { transaction in
        try transaction.first("SELECT data FROM events WHERE seq = ?1", [.int(revision)]) {
          $0.text(0)
        }
      }
      return try JSONReader.read(Array(try #require(data).utf8))
    }
    let first = try put("## Wave 1\n### Task 1: one\n### Task 2: two\n### Task 3: three\n")
    #expect(first?["message"] == "content of a changed")
    let second = try put("## Wave 1\n### Task 2: two\n")
    #expect(second?["message"] == "content of a changed; subtasks removed: 1, 3")
    #expect(second?["detail"] == ["removed_subtasks": [1, 3]])
  }
}
