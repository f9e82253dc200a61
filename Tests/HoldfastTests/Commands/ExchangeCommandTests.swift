import HoldfastJSON
import HoldfastTesting
import Testing

/// What comes from and goes to task-graph-mcp by commands, and reports in SQL.
@Suite struct ExchangeCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  /// A snapshot with one task.
  private func snapshot() throws -> String {
    let path = home.folder.file("snapshot.json")
    let text = """
      {"schema_version": 3, "export_version": "1.0.0", "tables": {"tasks": [{"id": "a", "title": "A", \
      "status": "pending", "priority": 7, "tags": ["t"], "created_at": 1769389394179, \
      "updated_at": 1769389394179}]}}
      """
    try writeFile(path, Array(text.utf8))
    return path
  }

  @Test(arguments: Place.allCases)
  func `a snapshot comes in, is read with SQL and goes out as a database`(place: Place) throws {
    let service = try place == .server ? home.serve() : nil
    defer { service?.process.signal(15) }
    let source = try snapshot()
    let dry = try home.run("import", source, "--dry-run")
    #expect(dry.code == 0 && dry.output.contains("1 task"), "\(dry.output)\(dry.errors)")
    #expect(try home.run("import", source).code == 0)
    let sql = "SELECT id, priority FROM task_graph_tasks WHERE priority_value = ?1"
    let markdown = try home.run("sql", sql, "7")
    #expect(
      markdown.output == "| id | priority |\n| --- | --- |\n| a | high |\n",
      "\(markdown.output)\(markdown.errors)")
    #expect(try home.run("sql", "--format", "csv", sql, "7").output == "id,priority\r\na,high\r\n")
    #expect(try home.run("sql", "--json", sql, "7").json?["rows"] == [["a", "high"]])
    let refused = try home.run("sql", "DELETE FROM tasks")
    #expect(refused.code != 0 && refused.errors.contains("SELECT"), "\(refused.errors)")
    let out = home.folder.file("out.db")
    let export = try home.run("export", "--format", "task-graph", "--output", out)
    #expect(export.code == 0, "\(export.errors)")
    #expect(try ForeignSQLite(path: out).text("SELECT title FROM tasks WHERE id = 'a'") == "A")
    #expect(try home.run("export", "--format", "task-graph").code == 2)
    let packed = home.folder.file("out.json.gz")
    let written = try home.run("export", "--format", "task-graph-snapshot", "--output", packed)
    #expect(
      written.code == 0 && written.output.hasPrefix("exported 1 task to"), "\(written.errors)")
    #expect(Array(try readFile(packed).prefix(2)) == [0x1F, 0x8B])
    let again = try home.run("import", packed)
    #expect(again.code == 0, "\(again.output)\(again.errors)")
    #expect(try home.run("sql", "--json", sql, "7").json?["rows"] == [["a", "high"]])
    #expect(try home.run("export", "--format", "task-graph-snapshot").code == 2)
  }

  /// An export of a project with a workflow of its own, whose first status has this name.
  private func train(_ open: String, task: String) throws -> String {
    let definition = try definition(open)
    #expect(try home.run("workflow", "define", definition).code == 0)
    let made = try home.run("task", "create", "--workflow", "train", "--title", task, "--id", task)
    #expect(made.code == 0, "\(made.errors)")
    let path = home.folder.file("train.jsonl")
    #expect(try home.run("export", "--output", path).code == 0)
    return path
  }

  /// The file of a workflow whose first status has this name.
  private func definition(_ open: String) throws -> String {
    let path = home.folder.file("\(open).json")
    let text = """
      {"name": "train", "statuses": [{"name": "\(open)", "category": "open"}, \
      {"name": "doing", "category": "active"}, {"name": "shipped", "category": "done"}]}
      """
    try writeFile(path, Array(text.utf8))
    return path
  }

  @Test
  func `an import that leaves tasks out says so and ends with a code, a replacing one brings all`()
    throws
  {
    let source = try train("todo", task: "theirs")
    let there = try home.anotherStore("there.db")
    #expect(
      try home.run("--store", there, "workflow", "define", try definition("ready")).code == 0)
    let merged = try home.run("--store", there, "import", source)
    #expect(merged.code == 4, "\(merged.output)\(merged.errors)")
    #expect(merged.errors.contains("task theirs was left out"), "\(merged.errors)")
    #expect(merged.errors.contains("1 task left out"), "\(merged.errors)")
    let replaced = try home.run(
      "--store", there, "import", "--mode", "replace", "--force", source)
    #expect(replaced.code == 0, "\(replaced.output)\(replaced.errors)")
    #expect(try home.run("--store", there, "task", "show", "theirs").output.contains("todo"))
  }

  @Test func `an export to another layout says which statuses it translated`() throws {
    _ = try train("todo", task: "theirs")
    let out = home.folder.file("out.db")
    let export = try home.run("export", "--format", "task-graph", "--output", out)
    #expect(export.code == 0)
    #expect(
      export.errors.contains(
        "1 task of the workflow train: todo is not known there and became pending: theirs"),
      "\(export.errors)")
  }

  @Test func `replacing wants to be meant, and fresh wants an empty project`() throws {
    let source = try snapshot()
    #expect(try home.run("task", "create", "mine").code == 0)
    let fresh = try home.run("import", "--mode", "fresh", source)
    #expect(fresh.code != 0 && fresh.errors.contains("--mode"), "\(fresh.errors)")
    let replace = try home.run("import", "--mode", "replace", source)
    #expect(replace.code == 2 && replace.errors.contains("--force"), "\(replace.errors)")
    #expect(try home.run("import", "--mode", "replace", "--force", source).code == 0)
    let names = try home.run("sql", "--json", "SELECT filename FROM task_graph_tasks")
    #expect(names.json?["rows"] == [["a"]])
  }
}
