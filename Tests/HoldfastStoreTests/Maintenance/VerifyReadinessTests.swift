import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// The check of what is kept about the readiness of tasks, clean and damaged.
@Suite struct VerifyReadinessTests {
  private let backing: TestStore

  /// Rows: 1 first, 2 outer (blocked by first), 3 one and 4 two in it, 5 late, 6 tagged, 7 done.
  init() throws {
    backing = try TestStore()
    try create("first")
    try create("outer", ("blocked_by", ["first"]))
    try create("one", ("parent", "outer"))
    try create("two", ("parent", "outer"))
    try create("late", ("defer_until", "2100-01-01T00:00:00Z"))
    try create("tagged", ("needed_tags", ["x"]))
    try create("done")
    try backing.store.mutate("task_complete", [("project", "p"), ("task", "done")])
  }

  private func create(_ id: String, _ field: (String, JSON)...) throws {
    try backing.store.mutate(
      "task_create", [("project", "p"), ("id", .string(id)), ("title", .string(id))] + field)
  }

  @Test func `what the operations keep is found right`() throws {
    #expect(try Verify().run(on: backing.store).problems == [])
  }

  /// What is done behind the engine's back, and what has to be said.
  static let damages: [(String, String)] = [
    ("ready = NULL WHERE id = 1", "\"first\" (row 1) is kept as not ready, but nothing stands"),
    ("ready = 5 WHERE id = 2", "\"outer\" (row 2) is kept as ready, but it has open children."),
    ("ready = 5 WHERE id = 3", "\"one\" (row 3) is kept as ready, but its parent waits."),
    ("ready = 5 WHERE id = 4", "\"two\" (row 4) is kept as ready, but its parent waits."),
    ("ready = 5 WHERE id = 5", "\"late\" (row 5) is kept as ready, but it is put off."),
    ("ready = 5 WHERE id = 7", "\"done\" (row 7) is kept as ready, but it is completed."),
    ("ready = 4 WHERE id = 1", "is kept as ready at rank 4, but its priority says 5."),
    ("category = 1 WHERE id = 1", "is kept as active, but its status pending means open."),
    ("rights = '' WHERE id = 6", "is kept as one for \"\", but its tags and assignee say"),
    ("age = 5 WHERE id = 6", "is kept as made at 5, but it was created at"),
    ("open_blockers = 2 WHERE id = 2", "is kept as held by 2 dependencies, but 1 hold it."),
    ("open_children = 1 WHERE id = 2", "is kept as one with 1 open children, but it has 2."),
    ("waits_for_ancestor = 0 WHERE id = 3", "is kept as waiting for no ancestor, but its parent"),
    ("waits_for_ancestor = 1 WHERE id = 1", "is kept as waiting for its ancestors, but its"),
    ("waits_for_sibling = 0 WHERE id = 4", "is kept as waiting for no sibling, but the group"),
    ("waits_for_sibling = 1 WHERE id = 3", "is kept as waiting for siblings, but the group"),
    ("waits_for_sibling = 1 WHERE id = 1", "is kept as waiting for siblings, but it has no"),
    ("deferred = 1 WHERE id = 1", "is kept as put off, but it is pending, until no time."),
  ]

  @Test(arguments: damages)
  func `a kept column that does not follow is found and named`(
    damage: (sql: String, sentence: String)
  ) throws {
    try backing.damage("UPDATE tasks SET \(damage.sql)")
    let problems = try Verify().run(on: backing.store).problems
    #expect(problems.contains { $0.contains(damage.sentence) }, "\(problems)")
  }

  @Test func `a long line of siblings is gone through in steps`() throws {
    let children: [JSON] = (0..<4500).map { number in
      ["title": .string("\(number)"), "join_mode": number % 3 == 0 ? "then" : "also"]
    }
    try backing.store.mutate(
      "task_create_tree",
      [("project", "p"), ("tree", ["title": "root", "children": .array(children)])])
    #expect(try Verify().run(on: backing.store).problems == [])
    let middle = try backing.store.database.read { view in
      try view.first("SELECT max(id) FROM tasks") { $0.int(0) - 1000 }
    }
    let task = try #require(middle)
    try backing.damage("UPDATE tasks SET waits_for_sibling = 0 WHERE id = \(task)")
    let problems = try Verify().run(on: backing.store).problems
    #expect(problems.contains { $0.contains("(row \(task)) is kept as waiting for no sibling") })
    #expect(problems.count <= 2, "\(problems)")
  }
}
