import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// Long walks through the audit trail and the log, which are read in steps.
@Suite struct AuditStepTests {
  private func ids(_ store: Store, _ members: [(String, JSON)]) throws -> [[Int64]] {
    var pages: [[Int64]] = []
    var cursor: JSON?
    repeat {
      var members = [("project", "p")] + members
      if let cursor { members.append(("cursor", cursor)) }
      let page = try store.list("audit_list", members)
      pages.append(page["events"]?.arrayValue?.compactMap { $0["id"]?.int64Value } ?? [])
      cursor = page["next_cursor"]
    } while cursor != nil
    return pages
  }

  @Test func `a rare kind is found behind many others`() throws {
    let backing = try TestStore()
    try backing.store.mutate("task_create", [("project", "p"), ("filename", "a")])
    try backing.store.makeSignals(3000)
    #expect(try ids(backing.store, [("kind", ["plan_created"])]) == [[2]])
    #expect(try ids(backing.store, [("kind", ["plan_created"]), ("task", ["a"])]) == [[2]])
  }

  @Test func `steps of one line give the same pages`() throws {
    let backing = try TestStore { $0.stepMax = 0 }
    try backing.store.makeSignals(5, task: "a")
    try backing.store.makeSignals(5, task: "b")
    try backing.store.mutate(
      "task_rename", [("project", "p"), ("task", "a"), ("new_filename", "c")])
    let last = try backing.store.view { try $0.lastSequence() }
    let all = Array((1...last).reversed())
    #expect(try ids(backing.store, []) == [all])
    #expect(
      try ids(backing.store, [("limit", 5)]) == [
        Array(all[..<5]), Array(all[5..<10]), Array(all[10...]),
      ])
    #expect(try ids(backing.store, [("limit", .number(JSONNumber(Int64(all.count))))]) == [all])
    #expect(try ids(backing.store, [("task", ["b", "c"])]) == [all.dropLast()])
    #expect(try ids(backing.store, [("kind", ["plan_created"]), ("limit", 1)]) == [[8], [2]])
  }

  /// A client of the contract sees no cursor: what is not in its answer is not there.
  @Test func `a rare line is found behind however many that only look like it`() throws {
    let backing = try TestStore()
    var fields = Fields([("project", "p"), ("signal_type", "plan_start")])
    let create = try SignalCreate(reading: &fields)
    _ = try backing.store.run(create, caller: Caller(actor: "w"))
    try backing.store.makeSignals(21_000)
    let rare: [(String, JSON)] = [("kind", ["signal_created"]), ("instance", ["w"])]
    #expect(try ids(backing.store, rare) == [[2]])
    #expect(try ids(backing.store, rare + [("limit", 1)]) == [[2]])
    #expect(try ids(backing.store, [("kind", ["agent_spawned", "plan_cancelled"])]) == [[]])
  }

  @Test func `a page of the log ends behind so many bytes`() throws {
    let backing = try TestStore()
    try backing.store.makeSignals(11, payload: String(repeating: "x", count: 1_000_000))
    var counts: [Int] = []
    var seen: [Int64] = []
    var after: JSON = "0"
    while true {
      let page = try backing.store.list("event_list", [("after", after), ("limit", 1000)])
      let events = page["events"]?.arrayValue ?? []
      if events.isEmpty { break }
      counts.append(events.count)
      seen += events.compactMap { $0["seq"]?.int64Value }
      after = try #require(page["next_cursor"])
    }
    #expect(counts == [6, 5, 1])
    #expect(seen == Array(1...12))
  }
}
