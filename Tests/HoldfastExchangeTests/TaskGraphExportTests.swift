import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// A project as a database of task-graph-mcp.
@Suite struct TaskGraphExportTests {
  let folder = TemporaryFolder()

  private func store(_ file: String) throws -> TestStore {
    let backing = try TestStore()
    _ = try Import(try ImportSource.detect(file), project: try ProjectName("p")).run(
      on: backing.store)
    return backing
  }

  private func export(
    _ store: Store, to name: String, unit: SQLQuery.TimeUnit = .milliseconds,
    template: String? = nil
  ) throws -> String {
    let path = folder.file(name)
    try writeFile(path, [])
    _ = try TaskGraphExport(
      path: path, project: try ProjectName("p"), unit: unit, template: template
    ).run(on: store)
    return path
  }

  /// All rows of a database as texts, in an order of their own.
  private func rows(_ path: String) throws -> [String] {
    let database = try ForeignSQLite(path: path)
    defer { database.close() }
    return try [
      "agents": "id, name, tags, max_claims, registered_at, last_heartbeat, last_claim_sequence",
      "tasks": "id, parent_id, title, description, status, priority, join_mode, sibling_order, "
        + "needed_tags, wanted_tags, points, time_estimate_ms, time_actual_ms, started_at, "
        + "completed_at, current_thought, tokens_in, tokens_cached, tokens_out, tokens_thinking, "
        + "tokens_image, tokens_audio, cost_usd, user_metrics, created_at",
      "dependencies": "from_task_id, to_task_id",
      "attachments": "task_id, order_index, name, mime_type, content, created_at",
      "claim_sequence": "file_path, agent_id, event, reason, timestamp",
    ].sorted { $0.key < $1.key }.map { table, columns in
      try database.text(
        "SELECT group_concat(line, char(10)) FROM (SELECT json_array(\(columns)) AS line FROM \(table) "
          + "ORDER BY line)") ?? ""
    }
  }

  @Test func `an export is of one moment, whatever is written beside it`() throws {
    try TaskGraphFile.seed(folder.file("seed.db"), version: 5, unit: "ms")
    let backing = try store(folder.file("seed.db"))
    let before = try rows(try export(backing.store, to: "before.db"))
    let path = folder.file("beside.db")
    try writeFile(path, [])
    _ = try TaskGraphExport(
      path: path, project: try ProjectName("p"), unit: .milliseconds, template: nil
    ).run(on: backing.store) { _ in
      let names = try backing.store.list("task_list", [("project", "p")])["tasks"]?.arrayValue
      try backing.store.mutate("task_create", [("project", "p"), ("title", "late")])
      for task in names ?? [] {
        try backing.store.mutate(
          "task_patch", [("project", "p"), ("task", task["filename"] ?? ""), ("points", 77)])
      }
    }
    #expect(try rows(path) == before)
  }

  @Test(arguments: [SQLQuery.TimeUnit.milliseconds, .seconds])
  func `an import of an export is the same store, and its export the same database`(
    unit: SQLQuery.TimeUnit
  ) throws {
    try TaskGraphFile.seed(folder.file("seed.db"), version: 5, unit: unit.rawValue)
    let first = try store(folder.file("seed.db"))
    let one = try export(first.store, to: "one.db", unit: unit)
    let second = try store(one)
    let two = try export(second.store, to: "two.db", unit: unit)
    #expect(try rows(one) == rows(two))
    try second.store.expectClean()
    let database = try ForeignSQLite(path: one)
    #expect(
      try database.text("SELECT created_at FROM tasks WHERE id = 'plan'")
        == (unit == .seconds ? "1769000011" : "1769000011000"))
    #expect(try database.text("SELECT cost_usd FROM tasks WHERE id = 'plan'") == "0.25")
    #expect(
      try database.text("SELECT user_metrics FROM tasks WHERE id = 'plan'") == #"{"lines":12}"#)
    #expect(try database.text("SELECT needed_tags FROM tasks WHERE id = 'do'") == #"["rust"]"#)
    #expect(try database.text("SELECT content FROM attachments WHERE task_id = 'do'") == "it ran")
    #expect(try database.text("SELECT order_index FROM attachments WHERE task_id = 'do'") == "3")
    #expect(try database.text("SELECT last_claim_sequence FROM agents WHERE id = 'bob'") == "2")
    #expect(try database.text("SELECT count(*) FROM claim_sequence") == "3")
    #expect(try database.text("PRAGMA integrity_check") == "ok")
  }

  @Test func `what an agent holds is held there, too`() throws {
    try TaskGraphFile.seed(folder.file("seed.db"), version: 5)
    let backing = try store(folder.file("seed.db"))
    try backing.store.mutate(
      "task_claim", [("project", "p"), ("agent", "ada"), ("task", "do")])
    try backing.store.mutate(
      "lock_take", [("project", "p"), ("agent", "ada"), ("paths", ["src/z.rs"])])
    let database = try ForeignSQLite(path: try export(backing.store, to: "out.db"))
    #expect(try database.text("SELECT owner_agent FROM tasks WHERE id = 'do'") == "ada")
    #expect(try database.text("SELECT status FROM tasks WHERE id = 'do'") == "in_progress")
    #expect(try database.text("SELECT agent_id FROM file_locks") == "ada")
  }

  @Test func `a status that is not known there is told of, with its tasks`() throws {
    let backing = try TestStore()
    let statuses: JSON = [
      ["name": "todo", "category": "open"], ["name": "doing", "category": "active"],
      ["name": "shipped", "category": "done"],
    ]
    try backing.store.mutate(
      "workflow_define", [("project", "p"), ("workflow", "train"), ("statuses", statuses)])
    for (id, workflow, status) in [
      ("a", "train", "todo"), ("b", "train", "shipped"), ("c", "train", "shipped"),
      ("d", "graph", "completed"), ("e", "repository", "paused"),
    ] {
      try backing.store.mutate(
        "task_create",
        [
          ("project", "p"), ("title", "T"), ("id", .string(id)), ("workflow", .string(workflow)),
          ("status", .string(status)),
        ])
    }
    let path = folder.file("out.db")
    try writeFile(path, [])
    let report = try TaskGraphExport(
      path: path, project: try ProjectName("p"), unit: .milliseconds, template: nil
    ).run(on: backing.store)
    let told = report.statuses.map { [$0.workflow, $0.status.text, $0.written] + $0.tasks }
    #expect(
      told == [
        ["train", "todo", "pending", "a"], ["train", "shipped", "completed", "b", "c"],
        ["repository", "paused", "pending", "e"],
      ])
    #expect(
      try ForeignSQLite(path: path).text("SELECT status FROM tasks WHERE id = 'b'") == "completed")
  }

  @Test func `a template brings the record of migrations of its server`() throws {
    try TaskGraphFile.seed(folder.file("seed.db"), version: 5)
    let backing = try store(folder.file("seed.db"))
    let full = try export(backing.store, to: "full.db")
    let template = folder.file("template.db")
    try TaskGraphFile.seed(template, version: 5)
    // Without rows, as the server makes it.
    try KasmosFile(path: template).run(
      "DELETE FROM attachments; DELETE FROM dependencies; DELETE FROM file_locks; "
        + "DELETE FROM claim_sequence; DELETE FROM tasks; DELETE FROM agents; "
        + "CREATE TABLE refinery_schema_history(version INTEGER PRIMARY KEY, name TEXT, "
        + "applied_on TEXT, checksum TEXT); INSERT INTO refinery_schema_history VALUES (5, 'x', 'y', 'z')"
    )
    let path = try export(backing.store, to: "out.db", template: template)
    #expect(try rows(path) == rows(full))
    #expect(
      try ForeignSQLite(path: path).text("SELECT checksum FROM refinery_schema_history") == "z")
    // One that holds something is no template.
    let error = #expect(throws: HoldfastError.self) {
      try export(backing.store, to: "other.db", template: full)
    }
    #expect(error?.message.contains("template") == true)
  }
}
