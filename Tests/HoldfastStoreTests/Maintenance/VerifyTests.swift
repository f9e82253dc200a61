import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// The check of the whole store, clean and damaged.
@Suite struct VerifyTests {
  let folder = TemporaryFolder()
  var file: StoreFile { StoreFile(folder.file("taskstore.db")) }

  @Test func `an empty store is clean`() throws {
    let report = try file.open { try Verify().run(on: $0) }
    #expect(report.isClean)
    #expect(report.events == 0)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `a random history is clean`(seed: UInt64) throws {
    let report = try file.open { store in
      var history = RandomHistory(seed: seed)
      try history.run(steps: 400, on: store)
      return try Verify().run(on: store)
    }
    #expect(report.problems == [])
    #expect(report.isClean)
    #expect(report.events >= 350)
    #expect(report.tables.first { $0.name == "tasks" }?.rows ?? 0 > 10)
  }

  @Test func `a store that is written meanwhile is clean`() throws {
    try file.open { store in
      var history = RandomHistory(seed: 7)
      try history.run(steps: 200, on: store)
      let stop = Handover<Bool>()
      let ended = Handover<Bool>()
      try startThread(name: "writer") {
        var history = RandomHistory(seed: 8)
        while stop.value == nil { try? history.run(steps: 5, on: store) }
        ended.set(true)
      }
      for _ in 0..<5 { #expect(try Verify().run(on: store).problems == []) }
      stop.set(true)
      _ = ended.wait()
    }
  }

  @Test func `a task with a history longer than one step is clean`() throws {
    try file.open { store in
      _ = try store.run(
        Work { changes in
          let project = try changes.projectKeyForWriting(ProjectName("p"))
          var task = try changes.record(.taskCreated, project: project) { event in
            var task = TaskEntry(
              project: project, filename: try TaskFilename("long"), status: .ready)
            task.revision = event.sequence
            task.id = try event.insert(task)
            event.task = task.id
            return task
          }
          for number in 0..<9000 {
            task = try changes.change(task, as: .taskChanged) { task, _ in
              task.reviewCycle = Int64(number)
            }
          }
        })
      let report = try Verify().run(on: store)
      #expect(report.problems == [])
      #expect(report.events == 9002)
    }
  }

  /// What is done to the file behind the engine's back, and a part of what has to be said.
  static let damages: [(String, String)] = [
    ("UPDATE tasks SET description = 'x' WHERE id = 2", "differs from its history: description"),
    ("UPDATE tasks SET created_at = created_at + 1 WHERE id = 2", "created_at is"),
    ("UPDATE tasks SET status = 'done' WHERE id = 2", "status is \"done\", its history says"),
    ("DELETE FROM tasks WHERE id = 2", "Task 2"),
    ("INSERT INTO subtasks(task, number, title) VALUES (2, 999, 'mine')", "no history"),
    ("INSERT INTO tasks(project, filename, status, revision) VALUES (1, 'new', 'ready', 1)", "new"),
    ("DELETE FROM signals WHERE id = (SELECT min(id) FROM signals)", "its row is missing"),
    ("DELETE FROM topics WHERE id = 1", "Topic 1 (\"t"),
    ("UPDATE projects SET name = 'other' WHERE id = 1", "name is \"other\""),
    ("INSERT INTO topics(project, name) VALUES (1, 'foreign')", "has a row, but no history"),
    (
      "DELETE FROM events WHERE seq = (SELECT min(seq) FROM events WHERE type = 'task_created')",
      "history"
    ),
    (
      "UPDATE events SET data = replace(data, '\"ready\"', '\"done\"') WHERE type = 'task_created'",
      "its history says \"done\""
    ),
    ("UPDATE events SET data = 'nonsense' WHERE seq = 2", "Event 2 cannot be read"),
    ("UPDATE events SET at = 5 WHERE seq = 9", "Event 9 says 1970-01-01T00:00:00.000000005Z"),
    ("UPDATE events SET type = 'odd' WHERE seq = 9", "unknown type \"odd\""),
    ("UPDATE events SET project = 77 WHERE seq = 9", "project 77, which is not there"),
    ("UPDATE events SET content = substr(content, 2) WHERE content IS NOT NULL", "holds"),
    ("UPDATE events SET content = NULL", "holds none"),
    // Another text of the same length, now and in the history.
    (
      "UPDATE events SET content = CAST(x'00' || substr(content, 2) AS BLOB) "
        + "WHERE seq = (SELECT max(content) FROM tasks)",
      "does not hold the text that it was written with"
    ),
    (
      "UPDATE events SET content = CAST(x'00' || substr(content, 2) AS BLOB) WHERE seq = "
        + "(SELECT min(seq) FROM events WHERE content IS NOT NULL "
        + "AND seq NOT IN (SELECT content FROM tasks WHERE content IS NOT NULL))",
      "does not hold the text that it was written with"
    ),
    (
      "UPDATE tasks SET description = replace(description, 'ber', 'bar') WHERE description <> ''",
      "differs from its history: description"
    ),
    (
      "UPDATE subtasks SET title = 't' || substr(title, 2) WHERE title <> ''",
      "differs from its history: title"
    ),
    ("UPDATE signals SET payload = replace(payload, 'n', 'm')", "history: payload"),
    ("UPDATE tasks SET revision = 1 WHERE id = 1", "has the revision 1"),
    ("UPDATE subtasks SET task = 4711 WHERE id = (SELECT max(id) FROM subtasks)", "not there"),
  ]

  @Test(arguments: damages)
  func `damage is found and named`(damage: (sql: String, sentence: String)) throws {
    try file.open { store in
      var history = RandomHistory(seed: 11)
      try history.run(steps: 300, on: store)
    }
    try file.damage(damage.sql)
    let report = try file.open { try Verify().run(on: $0) }
    #expect(!report.isClean)
    #expect(
      report.problems.contains { $0.contains(damage.sentence) },
      "\(report.problems)")
  }

  @Test func `a missing row is found when a later task had a row of its key before`() throws {
    try file.open { store in
      func replace(_ task: String, _ subtasks: JSON) throws {
        try store.mutate(
          "subtasks_replace", [("project", "p"), ("task", .string(task)), ("subtasks", subtasks)])
      }
      let one: JSON = [["task_number": 1, "title": "one"]]
      for task in ["a", "b"] {
        try store.mutate("task_create", [("project", "p"), ("filename", .string(task))])
      }
      try replace("b", one)
      try replace("b", [])
      try replace("a", one)
      #expect(try Verify().run(on: store).problems == [])
    }
    try file.damage("DELETE FROM subtasks WHERE id = 1 AND task = 1")
    let report = try file.open { try Verify().run(on: $0) }
    #expect(report.problems == ["Subtask 1 (\"one\") is in the history, but its row is missing."])
  }

  @Test func `a damaged page is found`() throws {
    try file.open { store in
      var history = RandomHistory(seed: 12)
      try history.run(steps: 300, on: store)
    }
    let foreign = try ForeignSQLite(path: file.path)
    let root = try foreign.text("SELECT rootpage FROM sqlite_schema WHERE name = 'subtasks'")
    foreign.close()
    let page = try #require(root.flatMap { Int($0) })
    var bytes = try readFile(file.path)
    // The number of cells (https://www.sqlite.org/fileformat.html#b_tree_pages).
    bytes[8192 * (page - 1) + 3] = 0x7F
    try writeFile(file.path, bytes)
    let report = try file.open { try Verify().run(on: $0) }
    #expect(!report.isClean)
  }

  @Test func `no more problems are listed than asked for, the others are counted`() throws {
    try file.open { store in
      var history = RandomHistory(seed: 13)
      try history.run(steps: 200, on: store)
    }
    try file.damage("UPDATE tasks SET goal = 'x'")
    let report = try file.open { try Verify(problemsMax: 3).run(on: $0) }
    #expect(report.problems.count == 3)
    #expect(report.problemsLeftOut > 0)
    let tasks = report.tables.first { $0.name == "tasks" }?.rows ?? 0
    #expect(report.problems.count + report.problemsLeftOut == tasks)
  }
}
