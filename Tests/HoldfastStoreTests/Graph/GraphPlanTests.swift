import HoldfastDatabase
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// How the views of the task graph find their rows.
@Suite(.enabled(if: !PostgreSQLCluster.isWanted)) struct GraphPlanTests {
  @Test(arguments: [
    (TaskSummary.ofStatus, "COVERING INDEX tasks_by_status (status=? AND project=?)"),
    (TaskSummary.ready, "COVERING INDEX tasks_ready (rights=? AND project=? AND ready>?)"),
    (TaskSummary.blocked, "INDEX tasks_blocked (project=?)"),
    // Only of tasks that somebody holds.
    (TaskSummary.held, "INDEX tasks_by_owner"),
    (TaskNext.blocked, "INDEX tasks_blocked (project=?)"),
    (TaskGraph.byName, "INDEX tasks_by_filename (project=?)"),
    (TaskGraph.byStatus, "INDEX tasks_by_status (status=? AND project=?)"),
    (TaskGraph.byParents[.sqlite], "INDEX tasks_by_parent (parent=?)"),
    (GraphAnswer.siblings[.sqlite], "INDEX tasks_by_parent (parent=?)"),
    (
      GraphAnswer.dependencies[.sqlite],
      "COVERING INDEX sqlite_autoindex_dependencies_1 (task=?)"
    ),
  ])
  func `each question of a view seeks in an index, and sorts nothing`(
    sql: SQL, index: String
  ) throws {
    let backing = try TestStore()
    let count = (1...5).last { sql.text.contains("?\($0)") } ?? 0
    let values = (0..<count).map { _ in SQLValue.text("[1]") }
    let plan = try backing.database.read {
      try $0.all(SQL("EXPLAIN QUERY PLAN \(sql.text)"), values) { $0.text(3) }
    }
    #expect(plan.contains { $0.hasSuffix(" USING \(index)") }, "\(plan)")
    #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
  }
}
