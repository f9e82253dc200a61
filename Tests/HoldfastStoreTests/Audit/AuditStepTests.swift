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

  @Test func `a walk that finds nothing stops with a cursor`() throws {
    let backing = try TestStore()
    try backing.store.makeSignals(50, task: "a")
    let project = try #require(
      try backing.store.view { try $0.projectKey(ProjectName(stored: "p")) })
    func scan(before end: TimeCursor, lines: Int = .max, keys: Int = .max) throws -> AuditScan.Found
    {
      var scan = AuditScan(
        reads: StoreReads(backing.database, facts: backing.store.facts),
        project: ProjectName(stored: "p"), after: nil, end: end, limit: 3,
        kinds: lines == .max ? ["plan_created"] : ["signal_created"],
        matches: { _ in lines == .max })
      scan.linesMax = lines
      scan.keysMax = keys
      return try scan.run(over: [.eventsOfProject(project)])
    }
    let first = try scan(before: .end, keys: 30)
    #expect(first.events.isEmpty)
    #expect(first.end?.id == 23)
    let second = try scan(before: try #require(first.end), keys: 30)
    #expect(second.events.map(\.line.id) == [2])
    #expect(second.end == nil)
    #expect(try scan(before: .end, lines: 20).end?.id == 33)
  }

  @Test func `a page ends where one of its lists was not looked through`() throws {
    let backing = try TestStore()
    try backing.store.makeSignals(1, task: "b")
    try backing.store.makeSignals(50, task: "a")
    let keys = try backing.database.read { try $0.all("SELECT id FROM tasks") { $0.int(0) } }
    func created(before end: TimeCursor) throws -> AuditScan.Found {
      var scan = AuditScan(
        reads: StoreReads(backing.database, facts: backing.store.facts),
        project: ProjectName(stored: "p"), after: nil, end: end, limit: 3,
        kinds: ["plan_created"], matches: { _ in true })
      scan.keysMax = 30
      return try scan.run(over: keys.map { .eventsOfTask($0) })
    }
    // The second event is the first task's, but the other task's signals come before it.
    let first = try created(before: .end)
    #expect(first.events.isEmpty)
    #expect(first.end?.id == 25)
    let second = try created(before: try #require(first.end))
    #expect(second.events.map(\.line.id) == [4, 2])
    #expect(second.end == nil)
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
