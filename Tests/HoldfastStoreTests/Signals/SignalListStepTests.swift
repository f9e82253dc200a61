import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// Long lists of signals, which are read in steps.
@Suite struct SignalListStepTests {
  private func list(_ members: [(String, JSON)] = []) throws -> SignalList {
    var fields = Fields([("project", "p")] + members)
    return try SignalList(reading: &fields)
  }

  private func ids(_ store: Store, _ members: [(String, JSON)] = []) throws -> [Int64] {
    var ids: [Int64] = []
    try store.run(try list(members)) { ids.append($0.signal.id) }
    return ids
  }

  @Test(arguments: [["all"], ["done"], ["processing"]])
  func `a list is whole that takes longer than a read may`(statuses: [JSON]) throws {
    // Short steps, so that none comes near the end of a read on a busy machine.
    let backing = try TestStore {
      $0.readMax = 100_000_000
      $0.stepMax = 5_000_000
    }
    try backing.store.makeSignals(12_000, statuses: [.done, .processing])
    let count: Int64 = statuses == ["all"] ? 12_000 : 6000
    #expect(
      try ids(backing.store, [("status", .array(statuses))])
        == (1...12_000).filter {
          count == 12_000 || $0.isMultiple(of: 2) == (statuses == ["processing"])
        })
  }

  @Test func `large signals end a step early`() throws {
    let backing = try TestStore()
    let payload = String(repeating: "x", count: 300_000)
    try backing.store.makeSignals(9, payload: payload, statuses: [.pending, .done, .failed])
    let (found, isWhole) = try backing.store.view { view in
      let project = try #require(try view.projectKey(ProjectName(stored: "p")))
      return try SignalSource.ended(project: project, status: .done)
        .rows(after: .start, limit: 100, view)
    }
    #expect(found.map(\.id) == [2, 5, 8])
    #expect(isWhole)
    #expect(try ids(backing.store) == Array(1...9))
    try backing.store.makeSignals(9, payload: payload, statuses: [.done])
    #expect(try ids(backing.store) == Array(1...18))
    #expect(try ids(backing.store, [("limit", 17)]) == Array(1...17))
  }

  @Test func `a signal that is claimed during the list is listed once`() throws {
    let backing = try TestStore()
    try backing.store.makeSignals(1100)
    var seen: [Int64] = []
    try backing.store.run(try list()) { answer in
      if seen.isEmpty {
        _ = try backing.store.run(
          Work { changes in
            try changes.transaction.execute("UPDATE signals SET status = 'processing'", [])
          })
      }
      seen.append(answer.signal.id)
    }
    #expect(seen == Array(1...1100))
  }

  @Test(.enabled(if: !PostgreSQLCluster.isWanted))
  func `a page of signals of one moment starts behind the page before`() throws {
    let backing = try TestStore()
    for page in [SignalSource.pendingPage, SignalSource.endedPage] {
      let plan = try backing.database.read {
        try $0.all(
          SQL("EXPLAIN QUERY PLAN \(page.text)"),
          [.int(1), .text("done"), .int(1), .int(1), .int(1)], { $0.text(3) })
      }
      #expect(plan.contains { $0.contains("created_at=? AND rowid>?") }, "\(plan)")
      #expect(plan.contains { $0.contains("created_at>?)") }, "\(plan)")
      #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.contains("SCAN") }, "\(plan)")
    }
  }
}
