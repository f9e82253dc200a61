import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Synchronization
import Testing

@testable import HoldfastStore

/// Long lists, which are read in steps.
@Suite struct TaskListStepTests {
  let backing: TestStore
  var store: Store { backing.store }

  init() throws { backing = try TestStore() }

  private func list(_ members: [(String, JSON)]) throws -> TaskList {
    var fields = Fields([("project", "p")] + members)
    return try TaskList(reading: &fields)
  }

  private func names(_ members: [(String, JSON)]) throws -> [String] {
    var names: [String] = []
    try store.run(try list(members)) { names.append($0.entry.filename.text) }
    return names
  }

  private func fill(_ count: Int, contentBytes: Int) async {
    // Fewer at once than the queue of writes takes.
    for start in stride(from: 0, to: count, by: 2_000) {
      await fill(start..<min(count, start + 2_000), contentBytes: contentBytes)
    }
  }

  private func fill(_ range: Range<Int>, contentBytes: Int) async {
    let text = String(repeating: "x", count: contentBytes)
    let left = Countdown(range.count)
    await withCheckedContinuation { continuation in
      for index in range {
        var fields = Fields([
          ("project", "p"), ("filename", .string("task-\(index)")), ("content", .string(text)),
          ("status", .string(index.isMultiple(of: 2) ? "ready" : "done")),
          ("topic", .string(index.isMultiple(of: 3) ? "three" : "")),
        ])
        guard let create = try? TaskCreate(reading: &fields) else {
          Issue.record("the task is refused")
          if left.isLast() { continuation.resume() }
          continue
        }
        store.submit(create, caller: Caller()) { result in
          if case .failure(let error) = result { Issue.record(error) }
          if left.isLast() { continuation.resume() }
        }
      }
    }
  }

  @Test func `a list of several steps is whole, sorted and without doubles`() async throws {
    await fill(1_700, contentBytes: 10)
    let all = (0..<1_700).map { "task-\($0)" }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(try names([]) == all)
    #expect(try names([("q", "xxx")]) == all)
    #expect(try names([("limit", 600)]) == Array(all.prefix(600)))
    let ready = all.filter { Int($0.dropFirst(5))?.isMultiple(of: 2) == true }
    #expect(try names([("status", ["ready"])]) == ready)
    let three = ready.filter { Int($0.dropFirst(5))?.isMultiple(of: 3) == true }
    #expect(try names([("status", ["ready"]), ("topic", "three")]) == three)
    #expect(try names([("status", ["ready", "done"]), ("q", "XX")]) == all)
  }

  @Test func `long texts end a step early`() async throws {
    await fill(12, contentBytes: 1_500_000)
    #expect(try names([]).count == 12)
    #expect(try names([("status", ["ready"])]).count == 6)
    let project = try #require(
      try store.database.read {
        try StoreView($0, facts: store.facts).projectKey(ProjectName(stored: "p"))
      })
    let filter = TaskFilter(project: project)
    var walk = TaskWalk(filter: filter, keys: nil, limit: 0, isSlim: false)
    var reads: [Int] = []
    while !walk.hasEnded, reads.count < 12 {
      var given = 0
      try store.database.read { transaction in
        try walk.step(in: StoreView(transaction, facts: store.facts)) { _ in given += 1 }
      }
      reads.append(given)
    }
    // 4 MiB are reached with the third text.
    #expect(reads.prefix(4) == [3, 3, 3, 3])
  }

  @Test func `a search goes on where it stopped`() async throws {
    await fill(60, contentBytes: 1_500_000)
    func all(_ members: [(String, JSON)] = []) throws -> (names: [String], pages: Int) {
      var found: [String] = []
      var cursor: String? = ""
      var pages = 0
      while let from = cursor, pages < 10 {
        let page = try list(
          [("q", "task-"), ("fields", "slim"), ("cursor", .string(from))] + members)
        cursor = try store.run(page) { found.append($0.entry.filename.text) }.nextCursor
        pages += 1
      }
      return (found, pages)
    }
    let (found, pages) = try all()
    #expect(Set(found).count == 60)
    #expect(found.count == 60)
    #expect(pages == 2)
    // A page may end before it has left out as many as it shall.
    for offset in [2, 50, 60, 70] {
      let (rest, pages) = try all([("offset", .number(JSONNumber(Int64(offset))))])
      #expect(rest == Array(found.dropFirst(offset)) && pages == 2)
    }
  }

  @Test func `ten thousand tasks with text are one list`() async throws {
    await fill(10_000, contentBytes: 2_048)
    #expect(try names([]).count == 10_000)
    #expect(try names([("status", ["ready"])]).count == 5_000)
  }
}

private final class Countdown: Sendable {
  private let left: Atomic<Int>

  init(_ count: Int) { left = Atomic(count) }

  func isLast() -> Bool { left.subtract(1, ordering: .relaxed).newValue == 0 }
}
