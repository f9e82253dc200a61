import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// Reports in SQL: they read what they may, and change nothing.
@Suite struct SQLQueryTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }

  init() throws {
    graph = try GraphClient()
    graph.connect("ada")
    graph.create("one", #""id":"t1","priority":9,"needed_tags":["a\"b","c"],"points":3"#)
    graph.create("two", #""id":"t2","blocked_by":["t1"]"#)
  }

  private func ask(_ sql: String, _ more: String = "") -> HTTPClient.Answer {
    let text = JSON.string(sql).renderedText()
    return client.post("/v1/sql", "{\"sql\":\(text)\(more.isEmpty ? "" : ",\(more)")}")
  }

  /// The rows of an answer that must be there.
  private func rows(_ sql: String, _ more: String = "") -> [JSON] {
    let answer = ask(sql, more)
    #expect(answer.status == 200, "\(sql): \(answer.text)")
    return answer.json?["rows"]?.arrayValue ?? []
  }

  @Test func `rows come with their columns, typed, in the order of the statement`() {
    let answer = ask(
      "SELECT id, points, cost_usd, owner_agent FROM task_graph_tasks ORDER BY id DESC")
    #expect(answer.json?["columns"] == ["id", "points", "cost_usd", "owner_agent"])
    #expect(
      rows("SELECT id, points, owner_agent FROM task_graph_tasks ORDER BY id DESC") == [
        ["t2", .null, .null], ["t1", 3, .null],
      ])
    #expect(answer.json?["row_count"] == 2)
    #expect(answer.json?["truncated"] == false)
    #expect(rows("SELECT 1.5, 'a', NULL, 7") == [[.number(JSONNumber(1.5)), "a", .null, 7]])
    // Two columns of one name stay two.
    #expect(rows("SELECT 1 AS a, 2 AS a") == [[1, 2]])
  }

  @Test func `values stand as marks, and words in quotes are values`() {
    #expect(
      rows("SELECT id FROM task_graph_tasks WHERE id = ?1 AND points = ?2", #""values":["t1",3]"#)
        == [["t1"]])
    #expect(rows("SELECT ?", #""values":["x;y"]"#) == [["x;y"]])
    #expect(
      rows("SELECT 'update x; drop table tasks -- idempotency'") == [
        ["update x; drop table tasks -- idempotency"]
      ])
    #expect(rows("/* delete */ SELECT 1 -- ; insert\n;") == [[1]])
    #expect(ask("SELECT ?1").status == 400)
    #expect(ask("SELECT 1", #""values":[1]"#).status == 400)
  }

  @Test func `a common table expression is taken, and one that calls itself`() {
    #expect(
      rows(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n"
      )
        == [[1], [2], [3]])
    #expect(rows("WITH t AS (SELECT 1 AS a) SELECT count(*) FROM t") == [[1]])
  }

  @Test func `no more rows come than were asked for, and the answer says so`() {
    let numbers =
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1200) SELECT x FROM n"
    let usual = ask(numbers)
    #expect(usual.json?["row_count"] == 100)
    #expect(usual.json?["truncated"] == true)
    let most = ask(numbers, #""limit":1000"#)
    #expect(most.json?["row_count"] == 1000)
    #expect(most.json?["truncated"] == true)
    let all = ask("SELECT x FROM (\(numbers)) AS q WHERE x <= 3", #""limit":3"#)
    #expect(all.json?["truncated"] == false)
    #expect(ask(numbers, #""limit":1001"#).status == 400)
  }

  @Test func `CSV and Markdown quote what needs it`() {
    let csv = ask(#"SELECT 'a,"b"' AS x, 1 AS y"#, #""format":"csv""#)
    #expect(csv.json?["content"] == "x,y\r\n\"a,\"\"b\"\"\",1\r\n")
    let markdown = ask("SELECT 'a|b' AS x, NULL AS y", #""format":"markdown""#)
    #expect(markdown.json?["content"] == "| x | y |\n| --- | --- |\n| a\\|b |  |\n")
  }

  @Test(arguments: [
    "UPDATE tasks SET title = 'x'", "DELETE FROM tasks", "INSERT INTO topics(project) VALUES (1)",
    "DROP TABLE tasks", "CREATE TABLE x(a INTEGER)", "PRAGMA user_version", "ATTACH 'x' AS y",
    "BEGIN", "VACUUM", "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM tasks",
    "WITH x AS (SELECT 1) DELETE FROM tasks", "EXPLAIN SELECT 1", "", "-- nothing",
    "SELECT 1) AS q; DELETE FROM tasks; SELECT * FROM (SELECT 1", "SELECT 'open", "SELEC 1",
    "SELECT * FROM nowhere", "SELECT * FROM ts_stat('select 1')",
    "SELECT ts_rewrite(CAST('a' AS tsquery), 'select 1')", "SELECT pg_sleep(1)",
  ])
  func `what is no single statement that reads is refused`(sql: String) throws {
    let answer = ask(sql)
    #expect(answer.status == 400, "\(sql): \(answer.text)")
    #expect(rows("SELECT count(*) FROM tasks") == [[2]])
  }

  @Test(arguments: [
    "SELECT * FROM idempotency", "SELECT count(*) FROM idempotency", "SELECT key FROM store",
    "SELECT * FROM \"idempotency\"", "SELECT * FROM IDEMPOTENCY",
    "SELECT * FROM search_documents",
    "SELECT (SELECT count(*) FROM store)", "WITH x AS (SELECT key FROM store) SELECT * FROM x",
  ])
  func `the store's own tables are not there`(sql: String) {
    let answer = ask(sql)
    #expect(answer.status == 400, "\(sql): \(answer.text)")
    #expect(answer.text.contains("for reports"), "\(answer.text)")
  }

  @Test func `a statement of the engine cannot lead past that`() {
    let statements =
      TestStore.Engine.wanted == .sqlite
      ? [
        "SELECT * FROM sqlite_schema", "SELECT * FROM lease_clock",
        "SELECT * FROM pragma_table_info('store')",
        "SELECT load_extension('x')", "SELECT * FROM [store]", "SELECT * FROM `store`",
      ]
      : [
        "SELECT * FROM pg_class", "SELECT query_to_xml('select * from store', true, true, '')",
        "SELECT set_config('transaction_read_only', 'off', true)", "SELECT pg_sleep(1)",
        "SELECT * FROM information_schema.tables", "SELECT * FROM U&\"\\0073tore\"",
        "SELECT E'\\'' || key FROM store", "SELECT $$a$$ || count(*) FROM writer",
        "SELECT 1 INTO x", "SELECT * FROM tasks FOR UPDATE",
      ]
    for sql in statements {
      let answer = ask(sql)
      #expect(answer.status == 400, "\(sql): \(answer.text)")
    }
  }

  @Test func `the views have the names of task-graph-mcp`() throws {
    let tags = #"{"agent":"ada","tags":["a\"b","c"],"force":true}"#
    #expect(client.post("/v1/agents", tags).status == 201)
    graph.claim("t1", for: "ada")
    #expect(
      client.post("/v1/projects/p/locks", #"{"agent":"ada","paths":["a/b"],"reason":"edit"}"#)
        .status
        == 200)
    #expect(
      client.post("/v1/projects/p/tasks/t1/attachments", #"{"name":"n","content":"hello"}"#).status
        == 201)
    let columns: [(view: String, columns: String)] = [
      (
        "task_graph_tasks",
        "id, parent_id, title, description, status, priority, join_mode, sibling_order, owner_agent, "
          + "claimed_at, needed_tags, wanted_tags, points, time_estimate_ms, time_actual_ms, started_at, "
          + "completed_at, current_thought, tokens_in, tokens_cached, tokens_out, tokens_thinking, "
          + "tokens_image, tokens_audio, cost_usd, user_metrics, created_at, updated_at"
      ),
      (
        "task_graph_agents",
        "id, name, tags, max_claims, registered_at, last_heartbeat, last_claim_sequence"
      ), ("task_graph_dependencies", "from_task_id, to_task_id"),
      ("task_graph_file_locks", "file_path, agent_id, reason, locked_at"),
      ("task_graph_claim_sequence", "id, file_path, agent_id, event, reason, timestamp"),
      (
        "task_graph_attachments",
        "task_id, order_index, name, mime_type, content, file_path, created_at"
      ),
    ]
    for (view, columns) in columns {
      #expect(!rows("SELECT \(columns) FROM \(view)").isEmpty, "\(view)")
    }
    #expect(
      rows(
        "SELECT status, priority, owner_agent, needed_tags FROM task_graph_tasks WHERE id = 't1'")
        == [["in_progress", "critical", "ada", #"["a\"b","c"]"#]])
    #expect(
      rows("SELECT * FROM (SELECT from_task_id, to_task_id FROM task_graph_dependencies) AS d") == [
        ["t1", "t2"]
      ])
    #expect(rows("SELECT event, reason FROM task_graph_claim_sequence") == [["claimed", "edit"]])
    #expect(rows("SELECT content FROM task_graph_attachments") == [["hello"]])
    let milliseconds = try #require(
      rows("SELECT created_at FROM task_graph_tasks WHERE id = 't1'").first?.arrayValue?.first?
        .int64Value)
    #expect(
      rows("SELECT created_at FROM task_graph_tasks WHERE id = 't1'", #""time_unit":"s""#)
        == [[.number(JSONNumber(milliseconds / 1000))]])
    let seconds = "WITH mine AS (SELECT * FROM task_graph_tasks) SELECT count(*) FROM mine"
    #expect(rows(seconds, #""time_unit":"s""#) == [[2]])
  }

  @Test func `without a statement the tables and views are listed with their columns`() throws {
    let list = try #require(client.post("/v1/sql", "{}").json)
    #expect(list["columns"] == ["name", "kind", "columns"])
    let all = list["rows"]?.arrayValue ?? []
    #expect(all.first?.arrayValue?.prefix(2) == ["task_graph_tasks", "view"])
    let tasks = all.first { $0.arrayValue?.first == "tasks" }?.arrayValue ?? []
    #expect(tasks.count == 3 && tasks.dropFirst().first == "table")
    #expect(tasks.last?.stringValue?.contains("filename, ") == true)
    for row in all {
      let words = row.arrayValue?.compactMap(\.stringValue) ?? []
      #expect(ask("SELECT \(words.last ?? "") FROM \(words.first ?? "")").status == 200, "\(words)")
    }
    let markdown = client.post("/v1/sql", #"{"format":"markdown"}"#).json?["content"]?.stringValue
    #expect(markdown?.hasPrefix("| name | kind | columns |\n") == true)
  }

  @Test func `nothing of what was deleted for good is in a view`() {
    client.post("/v1/projects/p/tasks/t2/attachments", #"{"name":"n","content":"hello"}"#)
    #expect(client.delete("/v1/projects/p/tasks/t2?hard=true").status == 204)
    #expect(rows("SELECT id FROM task_graph_tasks") == [["t1"]])
    for view in ["dependencies", "attachments"] {
      #expect(rows("SELECT count(*) FROM task_graph_\(view)") == [[0]], "\(view)")
    }
  }

  @Test func `no function works for long without an end`() {
    guard TestStore.Engine.wanted == .sqlite else { return }
    func letters(_ letter: String) -> String { "replace(hex(zeroblob(100000)), '0', '\(letter)')" }
    #expect(rows("SELECT length(trim(\(letters("a")), \(letters("b")) || 'a'))") == [[0]])
    #expect(
      rows("SELECT trim('xay', 'yx'), ltrim('xax', 'x'), rtrim('üaü', 'ü'), trim(' a ')")
        == [["a", "ax", "üa", "a"]])
    #expect(rows("SELECT trim('', 'x'), trim(NULL, 'x'), trim('x', NULL)") == [["", .null, .null]])
    let long = ask("SELECT length(hex(zeroblob(300000)))")
    #expect(long.status == 400 && long.error.contains("512 KiB"), "\(long.text)")
    let pattern = String(repeating: "a%", count: 600)
    for sql in ["SELECT json_patch('{}', '{}')", "SELECT 'a' LIKE '\(pattern)'"] {
      #expect(ask(sql).status == 400, "\(sql)")
    }
  }

  @Test func `lists and objects of JSON are read row by row`() {
    let sql =
      TestStore.Engine.wanted == .sqlite
      ? "SELECT task_graph_tasks.id, tag.value FROM task_graph_tasks, json_each(needed_tags) AS tag ORDER BY 2"
      : """
      SELECT id, tag.value FROM task_graph_tasks, json_array_elements_text(CAST(needed_tags AS json)) AS tag(value)
      ORDER BY 2
      """
    #expect(rows(sql) == [["t1", #"a"b"#], ["t1", "c"]])
  }

  @Test func `a statement that takes too long is ended`() {
    let endless =
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    let answer = ask(endless)
    #expect(answer.status != 200, "\(answer.text)")
    #expect(answer.json?["code"] == "read_too_long", "\(answer.text)")
    #expect(rows("SELECT 1") == [[1]])
  }
}
