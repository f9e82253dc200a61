import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// What happens to signals and history when their task is made, renamed, deleted or restored.
@Suite struct TaskSignalsTests {
  let backing: TestStore
  let clock = TestClock()
  var store: Store { backing.store }

  init() throws {
    let clock = clock
    backing = try TestStore { clock.install(in: &$0) }
    try store.mutate("task_create", [("project", "p"), ("filename", "a")])
  }

  private func read<O: Operation>(_ type: O.Type, _ members: [(String, JSON)]) throws -> O {
    var fields = Fields([("project", "p")] + members)
    return try O(reading: &fields)
  }

  @discardableResult
  private func run(_ name: String, _ members: (String, JSON)...) throws -> JSON {
    try store.mutate(name, [("project", "p")] + members)
  }

  private func emit(_ plan: String, _ type: String = "plan_start") throws {
    try run("signal_create", ("plan_file", .string(plan)), ("signal_type", .string(type)))
  }

  private func create(_ task: String) throws { try run("task_create", ("filename", .string(task))) }

  private func signals() throws -> [String] {
    try store.database.read { transaction in
      try transaction.all(
        "SELECT task IS NULL, plan_file, status, result FROM signals ORDER BY id"
      ) {
        "\($0.int(0) == 0 ? "of" : "for") \($0.text(1)) \($0.text(2)) \($0.text(3))"
      }
    }
  }

  private func expectClean() throws {
    #expect(try Verify().run(on: store).problems == [])
  }

  // MARK: Making and renaming

  @Test func `a task that is made gets the signals that wait for its name`() throws {
    for name in ["b", "b", "b", "c"] { try emit(name) }
    try run("signal_claim")
    try run("signal_claim")
    try run("signal_processed", ("id", 1), ("status", "done"))
    try create("b")
    #expect(
      try signals() == ["for b done ", "of b processing ", "of b pending ", "for c pending "])
    try expectClean()
  }

  @Test func `a rename takes along a task's signals, and takes over those of its new name`() throws
  {
    for name in ["b", "a", "a", "x"] { try emit(name) }
    // Claimed before its task was there.
    try run("signal_claim")
    try create("b")
    try run("signal_claim")
    try run("task_rename", ("task", "a"), ("new_filename", "x"))
    try run("task_rename", ("task", "b"), ("new_filename", "y"))
    #expect(
      try signals() == ["of y processing ", "of x processing ", "of x pending ", "of x pending "])
    try run("signal_reset_stuck")
    #expect(
      try signals() == ["of y pending ", "of x pending ", "of x pending ", "of x pending "])
    try expectClean()
  }

  // MARK: Deleting and restoring

  /// How a claimed signal might become pending again.
  enum Release: CaseIterable, Sendable { case reset, lease }

  @Test(arguments: Release.allCases)
  func `signals of a deleted task do nothing to a new task of its name`(release: Release) throws {
    try emit("a")
    try emit("a", "planner_finished")
    try emit("b")
    try run("signal_claim")
    try create("b")
    try run("task_delete", ("task", "a"))
    try run("task_delete", ("task", "b"))
    try create("a")
    try create("b")
    switch release {
    case .reset: try run("signal_reset_stuck")
    case .lease: try clock.endLeases(seconds: 90, in: backing.database)
    }
    #expect(try run("signal_apply") == .null)
    #expect(
      try signals() == [
        "of a failed task deleted", "of a failed task deleted", "of b failed task deleted",
      ])
    let tasks = try store.list("task_list", [("project", "p")])["tasks"]?.arrayValue ?? []
    #expect(tasks.map { $0["status"]?.stringValue } == ["ready", "ready"])
    try expectClean()
  }

  @Test func `what was not done comes back with its task, pending`() throws {
    for _ in 1...3 { try emit("a") }
    try run("signal_claim")
    try run("signal_claim")
    // A worker may say what it likes.
    try run("signal_processed", ("id", 1), ("status", "failed"), ("result", "task deleted"))
    let before = try signals()
    #expect(
      before == ["of a failed task deleted", "of a processing ", "of a pending "])
    try run("task_delete", ("task", "a"))
    #expect(try signals() == Array(repeating: "of a failed task deleted", count: 3))
    try emit("a")
    try run("task_restore", ("task", "a"))
    #expect(
      try signals() == [
        "of a failed task deleted", "of a pending ", "of a pending ", "of a pending ",
      ])
    let next = try run("signal_claim")
    #expect(next["id"] == 2 && next["attempts"] == 2)
    try expectClean()
  }

  @Test func `a worker whose task was deleted learns that its signal has ended`() throws {
    try emit("a")
    let token = try #require(try run("signal_claim")["claim_token"])
    try run("task_delete", ("task", "a"))
    let end = try run(
      "signal_processed", ("id", 1), ("status", "done"), ("claim_token", token))
    #expect(end["status"] == "failed")
    #expect(try signals() == ["of a failed task deleted"])
  }

  @Test func `a signal of a deleted task is not retried`() throws {
    try emit("a")
    try run("task_delete", ("task", "a"))
    try create("a")
    let error = #expect(throws: HoldfastError.self) { try run("signal_retry", ("id", 1)) }
    #expect(error?.code == .conflict)
    #expect(try signals() == ["of a failed task deleted"])
  }

  @Test func `a signal that failed before its task was there is retried as the task's`() throws {
    try emit("b")
    try run("signal_claim")
    try run("signal_processed", ("id", 1), ("status", "failed"))
    try create("b")
    #expect(try signals() == ["for b failed "])
    try run("signal_retry", ("id", 1))
    #expect(try signals() == ["of b pending "])
    try run("task_delete", ("task", "b"))
    #expect(try signals() == ["of b failed task deleted"])
    try expectClean()
  }

  // MARK: History

  @Test func `the history of a rename keeps both names in one event with the signals`() throws {
    for name in ["a", "a", "x"] { try emit(name) }
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
