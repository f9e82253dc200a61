import Glibc
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// What task-graph-mcp holds, in any of its generations, comes in whole.
@Suite struct TaskGraphImportTests {
  let folder = TemporaryFolder()

  @discardableResult
  private func importing(
    _ path: String, into store: Store, isDryRun: Bool = false,
    _ set: (inout ImportOptions) -> Void = { _ in }
  ) throws -> ImportReport {
    var options = ImportOptions()
    set(&options)
    return try Import(
      try ImportSource.detect(path), project: try ProjectName("p"), isDryRun: isDryRun,
      options: options
    ).run(on: store)
  }

  private func get(_ store: Store, _ task: String) throws -> JSON {
    try store.list("task_get", [("project", "p"), ("task", .string(task))])
  }

  private func history(_ store: Store, _ task: String) throws -> [JSON] {
    let answer = try store.list("task_history", [("project", "p"), ("task", .string(task))])
    return answer["history"]?.arrayValue ?? []
  }

  @Test(arguments: 1...5, ["ms", "s"])
  func `a database of the first generation keeps tasks, edges, costs and agents`(
    version: Int, unit: String
  ) throws {
    let path = folder.file("tasks.db")
    try TaskGraphFile.seed(path, version: version, unit: unit)
    let backing = try TestStore()
    let store = backing.store
    let dry = try importing(path, into: store, isDryRun: true)
    #expect(dry.projects.first?.tasks == 6)
    #expect(try store.texts("SELECT filename FROM tasks").isEmpty)
    let report = try importing(path, into: store)
    #expect(report.projects.first?.tasks == 6)
    #expect(report.projects.first?.dependencies == 2)
    let plan = try get(store, "plan")
    #expect(plan["id"] == "plan")
    #expect(plan["title"] == "Plan")
    #expect(plan["status"] == "completed")
    #expect(plan["priority"] == "high")
    #expect(plan["parent"] == "root")
    #expect(plan["points"] == 3)
    #expect(plan["time_estimate_ms"] == 60000)
    #expect(plan["time_actual_ms"] == 1500)
    #expect(plan["current_thought"] == "was easy")
    #expect(plan["tokens_in"] == 100)
    #expect(plan["tokens_audio"] == 6)
    #expect(plan["cost_usd"]?.renderedText() == "0.25")
    #expect(plan["user_metrics"] == ["lines": 12])
    #expect(plan["created_at"] == "2026-01-21T12:53:31Z")
    #expect(plan["completed_at"] == "2026-01-21T12:54:50Z")
    let doing = try get(store, "do")
    #expect(doing["status"] == "pending")
    #expect(doing["owner_agent"] == nil)
    #expect(doing["needed_tags"] == ["rust"])
    #expect(doing["wanted_tags"] == ["db", "web"])
    #expect(doing["current_thought"] == "half way")
    #expect(try get(store, "root")["priority"] == "critical")
    #expect(try get(store, "ship")["blocked_by"] == ["root"])
    // A failed blocker blocks for ever in that generation.
    #expect(try get(store, "see")["blocked_by"] == ["never"])
    #expect(try get(store, "see")["join_mode"] == "also")
    // Who held it is history, which the import ended.
    let steps = try history(store, "do")
    #expect(steps.map { $0["status"] } == ["in_progress", "pending"])
    #expect(steps.first?["worker_id"] == "ada")
    #expect(steps.first?["end_timestamp"] != nil)
    let agents = try store.list("agent_list", [])["agents"]?.arrayValue ?? []
    let ada = try #require(agents.first { $0["id"] == "ada" })
    #expect(ada["name"] == "Ada")
    #expect(ada["tags"] == ["rust", "db"])
    #expect(ada["max_claims"] == 7)
    #expect(ada["last_heartbeat"] == "2026-01-21T13:01:40Z")
    let stats = try store.list("stats", [("project", "p")])
    #expect(stats["tokens"]?["in"] == 100)
    let attached = try store.list(
      "attachment_list", [("project", "p"), ("task", "do"), ("content", true)])
    let log = try #require(attached["attachments"]?.arrayValue?.first)
    #expect(log["name"] == "log")
    #expect(log["content"] == "it ran")
    #expect(log["order_index"] == (version >= 3 ? 3 : 0))
    if version == 1 {
      let meta = try store.list("attachment_list", [("project", "p"), ("task", "plan")])
      #expect(meta["attachments"]?.arrayValue?.first?["mime_type"] == "application/json")
    }
    let lines = try store.audit("p")?.filter { $0["kind"] == "locks_taken" } ?? []
    #expect(lines.contains { $0["detail"]?.stringValue?.contains("src/a.rs") == true })
    try store.expectClean()
    #expect(try importing(path, into: store).addsNothing)
  }

  @Test func `an agent is told what happened to files behind its own number`() throws {
    let path = folder.file("tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    let backing = try TestStore()
    try importing(path, into: backing.store)
    func news(_ agent: String) throws -> [JSON] {
      let answer = try backing.store.mutate(
        "lock_updates", [("project", "p"), ("agent", .string(agent))])
      return answer["events"]?.arrayValue ?? []
    }
    #expect(try news("bob").map { $0["path"] } == ["src/a.rs"])
    #expect(try news("ada").map { $0["event"] } == ["claimed", "released", "claimed"])
  }

  @Test func `a database of the later generation keeps edges, phases, marks and history`() throws {
    let path = folder.file("tasks.db")
    try TaskGraphFile.later(path)
    let backing = try TestStore()
    let store = backing.store
    let report = try importing(path, into: store)
    #expect(report.notes.contains { $0.contains("gone") })
    let one = try get(store, "one")
    #expect(one["parent"] == "top")
    #expect(one["join_mode"] == "also")
    #expect(one["priority_value"] == 9)
    #expect(one["phase"] == "implement")
    #expect(one["tags"] == ["x", "y", "z"])
    #expect(one["tokens_in"] == 10)
    #expect(one["tokens_out"] == 20)
    #expect(one["tokens_cached"] == 30)
    #expect(one["cost_usd"]?.renderedText() == "0.003")
    #expect(one["user_metrics"] == ["a": 1, "metric_5": 50])
    #expect(one["current_thought"] == "done it")
    #expect(one["reason"] == nil)
    let steps = try history(store, "one")
    #expect(steps.map { $0["status"] } == ["pending", "in_progress", "completed"])
    #expect(steps.map { $0["timestamp"] }.last == "2026-01-21T12:53:34Z")
    #expect(steps.last?["reason"] == "all well")
    let three = try get(store, "three")
    #expect(three["status"] == "pending")
    #expect(three["assignee"] == "w1")
    // `two` waits to be claimed again; the deleted blocker never blocks.
    #expect(three["blocked_by"] == ["two"])
    #expect(
      try store.texts("SELECT type FROM dependencies ORDER BY type") == [
        "blocks", "blocks", "follows", "see-also",
      ])
    // There a failed blocker lets go.
    #expect(
      try Set(store.texts("SELECT on_failure FROM dependencies WHERE type = 'blocks'")) == [
        "release"
      ])
    let restored = try store.mutate("task_restore", [("project", "p"), ("task", "old")])
    #expect(restored["status"] == "cancelled")
    #expect(restored["parent"] == "top")
    #expect(
      try store.audit("p")?.contains {
        $0["kind"] == "task_deleted" && $0["message"] == "not needed"
      }
        == true)
    try store.expectClean()
    #expect(try importing(path, into: store).addsNothing)
  }

  @Test func `content in files of the media folder comes into the store`() throws {
    _ = try TestProcess.run(
      ["-p", folder.file(".task-graph/media")], program: "/bin/mkdir", environment: [:])
    let path = folder.file(".task-graph/tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    try writeFile(folder.file(".task-graph/media/a.png"), [0x89, 0x00, 0xFF])
    try KasmosFile(path: path).run(
      """
      INSERT INTO attachments(task_id, order_index, name, mime_type, content, created_at, file_path)
      VALUES ('plan', 0, 'pic', 'image/png', '', 1769000300000, '.task-graph/media/a.png'),
        ('plan', 1, 'gone', 'image/png', '', 1769000300000, '.task-graph/media/b.png'),
        ('plan', 2, 'bytes', 'application/zip', 'AP8=', 1769000300000, NULL)
      """)
    let backing = try TestStore()
    let report = try importing(path, into: backing.store)
    #expect(report.projects.first?.attachments == 4)
    #expect(report.notes.contains { $0.contains("b.png") })
    let rows = try backing.store.rows(Attachment.self, "WHERE name <> 'log' ORDER BY id")
    #expect(rows.map(\.bytes) == [3, 0, 2])
    #expect(rows.map(\.filePath) == ["", ".task-graph/media/b.png", ""])
    try backing.store.expectClean()
  }

  @Test func `nothing of this machine is read for a database but its media folder`() throws {
    _ = try TestProcess.run(
      ["-p", folder.file(".task-graph/media")], program: "/bin/mkdir", environment: [:])
    let path = folder.file(".task-graph/tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    try writeFile(folder.file("secret"), [1, 2, 3])
    symlink(folder.file("secret"), folder.file(".task-graph/media/link"))
    for (number, file) in [
      folder.file("secret"), "../secret", "../../../../etc/hostname", "secret", "media/link",
    ].enumerated() {
      try KasmosFile(path: path).run(
        """
        INSERT INTO attachments(task_id, order_index, name, mime_type, content, created_at, file_path)
        VALUES ('plan', \(number), 'f\(number)', 'image/png', '', 1769000300000, '\(file)')
        """)
    }
    let backing = try TestStore()
    let error = #expect(throws: HoldfastError.self) { try importing(path, into: backing.store) }
    #expect(error?.message.contains("symbolic link") == true)
    try KasmosFile(path: path).run("DELETE FROM attachments WHERE name = 'f4'")
    let report = try importing(path, into: backing.store)
    let rows = try backing.store.rows(Attachment.self, "WHERE name LIKE 'f_' ORDER BY id")
    // A file of the project keeps its path, and is read when somebody asks for it.
    #expect(rows.map(\.filePath) == ["secret"])
    #expect(rows.allSatisfy { $0.hash.isEmpty })
    #expect(report.notes.contains { $0.contains("/etc/hostname") })
  }

  @Test func `a snapshot comes in, and one of another version does not`() throws {
    let path = folder.file("snapshot.json")
    try writeFile(path, Array(TaskGraphFile.snapshot.utf8))
    let backing = try TestStore()
    try importing(path, into: backing.store)
    let task = try get(backing.store, "a")
    #expect(task["priority_value"] == 7)
    #expect(task["tags"] == ["t"])
    #expect(task["needed_tags"] == ["n"])
    #expect(task["phase"] == "review")
    #expect(task["tokens_cached"] == 3)
    #expect(task["user_metrics"] == ["metric_7": 9])
    #expect(task["current_thought"] == "passed")
    #expect(task["completed_at"] == "2026-01-26T01:36:56.06Z")
    #expect(try get(backing.store, "b")["cost_usd"]?.renderedText() == "0.5")
    #expect(try history(backing.store, "a").count == 2)
    for words in ["\"schema_version\": 99", "\"export_version\": \"2.0.0\""] {
      let key = words.prefix { $0 != ":" }
      let other = TaskGraphFile.snapshot.split(separator: ",", omittingEmptySubsequences: false).map
      {
        $0.contains(key) ? ($0.hasPrefix("{") ? "{" : " ") + words : String($0)
      }
      try writeFile(path, Array(other.joined(separator: ",").utf8))
      let error = #expect(throws: HoldfastError.self) { try importing(path, into: backing.store) }
      #expect(error?.message.contains("export version") == true)
    }
  }

  @Test func `a compressed snapshot is read, and a damaged one changes nothing`() throws {
    let path = folder.file("snapshot.json.gz")
    // Long enough for codes of its own.
    let padding = (0..<3000).map { "\($0 * 7919 % 9973)" }.joined(separator: " ")
    let text = TaskGraphFile.snapshot.replacing(
      "\"title\": \"B\"", with: "\"title\": \"\(padding)\"")
    try writeFile(folder.file("plain"), Array(text.utf8))
    for level in ["-1", "-9"] {
      let gzip = try TestProcess.run(
        [level, "-k", "-f", folder.file("plain")], program: "/bin/gzip", environment: [:])
      #expect(gzip.code == 0)
      var bytes = try readFile(folder.file("plain.gz"))
      try writeFile(path, bytes)
      let backing = try TestStore()
      try importing(path, into: backing.store)
      #expect(try get(backing.store, "b")["title"]?.stringValue == padding)
      // In its middle, in its sum and in its length.
      for place in [bytes.count / 2, bytes.count - 8, bytes.count - 4] {
        bytes[place] ^= 0x10
        try writeFile(path, bytes)
        let other = try TestStore()
        #expect(throws: HoldfastError.self) { try importing(path, into: other.store) }
        #expect(try other.store.texts("SELECT name FROM projects").isEmpty)
        bytes[place] ^= 0x10
      }
    }
  }

  @Test func `fresh wants an empty project, replace empties it, and new ids leave all beside it`()
    throws
  {
    let path = folder.file("tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    let backing = try TestStore()
    let store = backing.store
    try store.mutate("task_create", [("project", "p"), ("filename", "mine"), ("title", "Mine")])
    let error = #expect(throws: HoldfastError.self) {
      try importing(path, into: store) { $0.mode = .fresh }
    }
    #expect(error?.code == .conflict)
    #expect(try store.texts("SELECT filename FROM tasks") == ["mine"])
    let live = "SELECT filename FROM tasks WHERE deleted_at IS NULL ORDER BY filename"
    let all = ["do", "never", "plan", "root", "see", "ship"]
    #expect(
      try importing(path, into: store) { $0.mode = .replace }.projects.first?.tasksReplaced == 1)
    #expect(try store.texts(live) == all)
    // Once more: those that go leave their ids to those that come.
    try importing(path, into: store) { $0.mode = .replace }
    #expect(try store.texts(live) == all)
    #expect(try get(store, "plan")["id"] == "plan")
    try store.expectClean()
    try importing(path, into: store) { $0.remapsIDs = true }
    #expect(try store.texts(live).count == 12)
    let copy = try #require(
      try store.texts(
        "SELECT filename FROM tasks WHERE title = 'Ship' AND filename <> 'ship' AND deleted_at IS NULL"
      ).first)
    let root = try #require(try get(store, copy)["blocked_by"]?.arrayValue?.first?.stringValue)
    #expect(try get(store, root)["title"] == "Root")
    #expect(root != "root")
    try store.expectClean()
  }

  @Test func `what nothing contains can come below a task`() throws {
    let path = folder.file("tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    let backing = try TestStore()
    let store = backing.store
    try store.mutate("task_create", [("project", "p"), ("filename", "epic"), ("title", "Epic")])
    try importing(path, into: store) { $0.parent = TaskFilename(stored: "epic") }
    let epic = try get(store, "epic")["id"]
    for task in ["root", "ship", "never"] { #expect(try get(store, task)["parent"] == epic) }
    #expect(try get(store, "plan")["parent"] == "root")
    #expect(throws: HoldfastError.self) {
      try importing(path, into: store) { $0.parent = TaskFilename(stored: "nobody") }
    }
    try store.expectClean()
  }

  @Test func `a source that is damaged in its last row leaves the store as it was`() throws {
    let path = folder.file("tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    try KasmosFile(path: path).run("UPDATE tasks SET user_metrics = '{' WHERE id = 'never'")
    let backing = try TestStore()
    let error = #expect(throws: HoldfastError.self) { try importing(path, into: backing.store) }
    #expect(error?.message.contains("never") == true)
    #expect(try backing.store.texts("SELECT name FROM projects").isEmpty)
  }

  @Test func `a failure in the middle of the writing leaves the store as it was`() throws {
    let path = folder.file("tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    // A tree deeper than any may be is found out while it is written.
    let deep = (1...110).map { number in
      "('d\(number)', \(number == 1 ? "NULL" : "'d\(number - 1)'"), 'D', 1769000020000, 1769000020000)"
    }
    try KasmosFile(path: path).run(
      "INSERT INTO tasks(id, parent_id, title, created_at, updated_at) VALUES "
        + deep.joined(separator: ","))
    let backing = try TestStore()
    #expect(throws: HoldfastError.self) { try importing(path, into: backing.store) }
    #expect(try backing.store.texts("SELECT name FROM projects").isEmpty)
    #expect(try backing.store.texts("SELECT name FROM agents").isEmpty)
  }

  @Test func `tasks that wait for one another are kept, with an edge that does not hold`() throws {
    let path = folder.file("tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    try KasmosFile(path: path).run(
      """
      INSERT INTO dependencies VALUES ('ship', 'root');
      UPDATE tasks SET parent_id = 'see' WHERE id = 'root';
      """)
    let backing = try TestStore()
    let report = try importing(path, into: backing.store)
    #expect(report.notes.contains { $0.contains("see-also") })
    #expect(report.notes.contains { $0.contains("contains itself") })
    try backing.store.expectClean()
  }
}
