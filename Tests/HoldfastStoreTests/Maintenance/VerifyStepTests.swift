import HoldfastDatabase
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// The check of a store that is too much for one read.
@Suite struct VerifyStepTests {
  /// A store whose reads are bounded as in a server; debug builds are slow.
  private func bounded() throws -> TestStore { try TestStore { $0.readMax = 250_000_000 } }

  /// Escaped in JSON, and more than one read goes through.
  private let payload = String(repeating: "\n", count: 600)

  @Test(arguments: [nil, "a"])
  func `a store with large events is clean`(task: String?) throws {
    let backing = try bounded()
    try backing.store.makeSignals(2500, payload: payload, task: task)
    let report = try Verify().run(on: backing.store)
    #expect(report.problems == [])
    #expect(report.tables.first { $0.name == "signals" }?.rows == 2500)
  }

  @Test func `a difference in a store with large events is found`() throws {
    let backing = try bounded()
    try backing.store.makeSignals(2500, payload: payload, task: "a")
    try backing.damage("UPDATE signals SET result = 'x'")
    let report = try Verify(problemsMax: 1).run(on: backing.store)
    #expect(report.problems.first?.contains("result is \"x\"") == true)
    #expect(report.problemsLeftOut == 2499)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `steps of one row find the same`(seed: UInt64) throws {
    let backing = try TestStore { $0.stepMax = 0 }
    var history = RandomHistory(seed: seed)
    try history.run(steps: 300, on: backing.store)
    let report = try Verify().run(on: backing.store)
    #expect(report.problems == [])
    #expect(Int64(report.events) == report.lastSequence)
    for table in report.tables {
      let rows = try backing.database.read {
        try $0.first(SQL("SELECT count(*) FROM \(table.name)")) { Int($0.int(0)) }
      }
      #expect(table.rows == rows)
    }
    try backing.damage("UPDATE tasks SET goal = 'x'; UPDATE signals SET result = 'x'")
    let damaged = try Verify().run(on: backing.store)
    let rows = report.tables.filter { ["tasks", "signals"].contains($0.name) }.map(\.rows)
    #expect(rows.allSatisfy { $0 > 0 })
    #expect(damaged.problems.count == rows.reduce(0, +))
  }

  @Test(.enabled(if: !PostgreSQLCluster.isWanted))
  func `a long history is read on inside of its task`() throws {
    let plan = try plan(
      of: VerifyTasks.eventsOfTasks, [.int(1), .int(5), .int(9), .int(100)])
    #expect(plan.contains { $0.contains("events_by_task (task=? AND seq>?") })
    #expect(!plan.contains { $0.contains("TEMP B-TREE") })
  }

  private func plan(of sql: SQL, _ values: [SQLValue]) throws -> [String] {
    let backing = try TestStore()
    return try backing.database.read {
      try $0.all(SQL("EXPLAIN QUERY PLAN \(sql.text)"), values) { $0.text(3) }
    }
  }
}
