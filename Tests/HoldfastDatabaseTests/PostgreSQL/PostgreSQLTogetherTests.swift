import HoldfastDatabase
import HoldfastTesting
import Testing

/// Questions of many sides that go to the server together, and the answer that each side gets.
@Suite struct PostgreSQLTogetherTests {
  let store: PostgreSQLStore
  var database: PostgreSQLDatabase { store.database }

  init() throws { store = try PostgreSQLStore() }

  /// A read of that kind, and what it answers.
  private static func read(_ kind: Int, _ number: Int64, _ view: any ReadTransaction) throws
    -> Int64
  {
    switch kind {
    case 0: return try view.first("SELECT CAST(?1 AS BIGINT)", [.int(number)]) { $0.int(0) } ?? 0
    case 1: return number
    case 2:
      // One question behind the other.
      let one = try view.first("SELECT CAST(?1 AS BIGINT)", [.int(number - 1)]) { $0.int(0) }
      return try view.first("SELECT ?1 + CAST(1 AS BIGINT)", [.int(one ?? 0)]) { $0.int(0) } ?? 0
    case 3:
      return try view.all("SELECT n FROM generate_series(1, ?1) AS n", [.int(number)]) {
        $0.int(0)
      }.last ?? 0
    case 4:
      // The same question twice.
      let sql: SQL = "SELECT CAST(?1 AS BIGINT) / 2"
      let halves = try (0..<2).map { _ in try view.first(sql, [.int(number * 2)]) { $0.int(0) } }
      return halves[0] == halves[1] ? halves[0].map { $0 / 1 } ?? 0 : -1
    default: throw Refused(number: number)
    }
  }

  private struct Refused: Error, Equatable { let number: Int64 }

  private func ask(_ kind: Int, _ number: Int64) -> Handover<Result<Int64, any Error>> {
    let end = Handover<Result<Int64, any Error>>()
    database.read({ try Self.read(kind, number, $0) }, completion: { end.set($0) })
    return end
  }

  @Test func `each read gets its own answer`() {
    TestThread.concurrently(8) { thread in
      for round in 0..<40 {
        let kinds = (0..<6).map { (thread + round + $0) % 6 }
        let ends = kinds.enumerated().map { ask($0.element, Int64(round * 10 + $0.offset + 1)) }
        for (place, end) in ends.enumerated() {
          let number = Int64(round * 10 + place + 1)
          switch end.wait() {
          case .success(let answer): #expect(answer == number && kinds[place] != 5)
          case .failure(let error): #expect(error as? Refused == Refused(number: number))
          }
          // Over a view of its own, on the same connections.
          let direct = try? database.read { try Self.read(2, number, $0) }
          #expect(direct == number)
          // A view that asks nothing leaves no answer behind.
          #expect((try? database.read { _ in number }) == number)
        }
      }
    }
  }

  @Test func `a question that the database refuses takes no other read with it`() {
    TestThread.concurrently(8) { thread in
      for number in 1...30 as ClosedRange<Int64> {
        let good = ask(0, number)
        let bad = Handover<Result<Int64, any Error>>()
        database.read(
          { try $0.first("SELECT 1 / CAST(?1 AS BIGINT)", [.int(0)]) { $0.int(0) } ?? 0 },
          completion: { bad.set($0) })
        #expect((try? good.wait().get()) == number)
        #expect(throws: DatabaseError.self) { try bad.wait().get() }
      }
    }
  }

  @Test func `reads go on when their connections were ended`() throws {
    for number in 1...10 as ClosedRange<Int64> {
      #expect(try ask(0, number).wait().get() == number)
      try store.asAnother(
        """
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'holdfast reader'
        """)
    }
    #expect(try ask(2, 7).wait().get() == 7)
  }

  @Test func `what is asked for at the end is answered or refused`() {
    let ends = (1...200 as ClosedRange<Int64>).map { ($0, ask(0, $0)) }
    database.close()
    for (number, end) in ends { #expect((try? end.wait().get()) == number) }
    switch ask(0, 1).wait() {
    case .success: Issue.record("it was answered")
    case .failure(let error): #expect((error as? DatabaseError)?.kind == .stopped)
    }
  }

  // MARK: Writes

  @Test func `a write that asks something impossible ahead is refused alone`() throws {
    let endings = Endings()
    database.asOneGroup {
      for name in ["a", "b", "c", "d"] {
        database.queue(name, to: endings) { transaction in
          var found: Int64 = 0
          try transaction.ask("SELECT 1 / CAST(?1 AS BIGINT)", [.int(name == "c" ? 0 : 1)]) {
            found = $0.int(0)
          }
          _ = try transaction.put(name)
          return .done("\(found)")
        }
      }
    }
    #expect(
      endings.wait(for: 4).map(\.ending)
        == [.done("1"), .done("1"), .refused(.misuse), .done("1")])
    #expect(
      try database.read { try $0.all("SELECT name FROM items ORDER BY name") { $0.text(0) } }
        == ["a", "b", "d"])
  }

  @Test func `what the last group was told is no more than a guess`() throws {
    func total() throws -> Int64 {
      try database.write { transaction in
        var count: Int64 = 0
        try transaction.ask("SELECT count(*) FROM items", []) { count = $0.int(0) }
        _ = try transaction.put("item \(count)")
        return count
      }
    }
    for number in 0..<5 as Range<Int64> { #expect(try total() == number) }
    try store.asAnother("DELETE FROM items")
    #expect(try total() == 0)
  }
}
