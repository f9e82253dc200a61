import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// How the conditions of a list find their tasks.
@Suite struct TaskFilterTests {
  let backing: TestStore
  var store: Store { backing.store }

  init() throws { backing = try TestStore() }

  private func plan(_ sql: SQL, _ count: Int) throws -> [String] {
    let values = [SQLValue](repeating: .int(1), count: count)
    return try backing.database.read {
      try $0.all(SQL("EXPLAIN QUERY PLAN \(sql.text)"), values) { $0.text(3) }
    }
  }

  @Test(
    .enabled(if: !PostgreSQLCluster.isWanted),
    arguments: [
      (TaskFilter.byOwner, "tasks_by_owner (owner=?)"),
      (TaskFilter.byParent, "tasks_by_parent (parent=?)"),
      (TaskFilter.byStatus, "tasks_by_status (status=? AND project=?)"),
      (TaskFilter.byTopic, "tasks_by_topic (project=? AND topic=?)"),
      (TaskFilter.byWorkflow, "tasks_by_workflow (workflow=? AND project=?)"),
      (TaskFilter.ready, "tasks_ready (rights=? AND project=? AND ready>?)"),
      (TaskFilter.due, "tasks_deferred (defer_until<?)"),
      (TaskFilter.blocked, "tasks_blocked (project=?)"),
      (TaskFilter.atTop, "tasks_at_top (project=?)"),
    ])
  func `each condition seeks in its index`(sql: DialectSQL, index: String) throws {
    let plan = try plan(sql[.sqlite], 4)
    #expect(plan.count == 1 && plan[0].hasSuffix(" \(index)"), "\(plan)")
  }

  @Test(.enabled(if: !PostgreSQLCluster.isWanted))
  func `the statuses that there are come by seeks`() throws {
    let plan = try plan(TaskFilter.statusesThere, 1)
    #expect(!plan.contains { $0.hasPrefix("SCAN tasks") }, "\(plan)")
    #expect(plan.contains { $0.contains("tasks_by_status (status>?)") }, "\(plan)")
  }

  @Test func `a condition that most tasks meet is a walk by name`() throws {
    try store.database.write { transaction in
      let changes = Changes(transaction, caller: Caller(), facts: store.facts)
      _ = try changes.projectKeyForWriting(ProjectName(stored: "p"))
    }
    let rows = TaskFilter.keysMax + 1
    try backing.damage(
      PostgreSQLCluster.isWanted
        ? """
        INSERT INTO tasks(project, filename, status, revision)
        SELECT 1, 'task-' || n, 'ready', 1 FROM generate_series(1, \(rows)) AS n
        """
        : """
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(rows))
        INSERT INTO tasks(project, filename, status, revision)
        SELECT 1, 'task-' || n, 'ready', 1 FROM numbers
        """)
    let reads = StoreReads(store)
    var filter = TaskFilter(project: 1, statuses: [.ready])
    #expect(try filter.keys(reads) == nil)
    filter.after = "task-9"
    #expect(try filter.keys(reads)?.count == 1110)
    var fields = Fields([("project", "p"), ("status", ["ready"]), ("fields", "slim")])
    var count = 0
    try store.run(try TaskList(reading: &fields)) { _ in count += 1 }
    #expect(count == rows)
  }
}
