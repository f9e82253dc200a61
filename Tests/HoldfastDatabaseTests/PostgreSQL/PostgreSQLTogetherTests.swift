import Dispatch
import HoldfastTesting
import Synchronization
import Testing

@testable import HoldfastDatabase

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

  // MARK: One statement for many

  /// Queues reads while both threads that ask are held up, so that all of them go together.
  private func together<T: Sendable>(
    _ reads: [@Sendable (any ReadTransaction) throws -> T]
  ) -> [Result<T, any Error>] {
    let free = DispatchSemaphore(value: 0)
    let held = (0..<2).map { _ in
      let isHeld = Handover<Bool>()
      let end = Handover<Bool>()
      database.read(
        { _ in
          isHeld.set(true)
          free.wait()
        }, completion: { _ in end.set(true) })
      _ = isHeld.wait()
      return end
    }
    let ends = reads.map { read in
      let end = Handover<Result<T, any Error>>()
      database.read(read, completion: { end.set($0) })
      return end
    }
    for _ in held { free.signal() }
    for end in held { _ = end.wait() }
    return ends.map { $0.wait() }
  }

  /// Gives the name and the number that it was asked for, and the moment at which the statement began.
  private static let named = SQL(
    """
    SELECT ?1 || '', CAST(?2 AS BIGINT), CAST(extract(epoch FROM statement_timestamp()) * 1e6 AS BIGINT)
    WHERE ?1 <> 'none'
    """, mayBeShared: true)

  private struct Named: Sendable, Equatable {
    var name: String
    var number: Int64
    var columns = 3
  }

  @Test func `many who ask the same with other values share a statement, and each has its own row`()
    throws
  {
    let asked = (0..<40).map { number in
      Named(
        name: ["a", "", "none", "Ä\u{301}'?1 $1", String(repeating: "é", count: 40_000)][
          number % 5],
        number: [0, -1, .max, .min][number % 4])
    }
    let moments = Mutex<Set<Int64>>([])
    let answers = together(
      asked.map { asked in
        { view in
          try view.first(Self.named, [.text(asked.name), .int(asked.number)]) { row in
            _ = moments.withLock { $0.insert(row.int(2)) }
            return Named(name: row.text(0), number: row.int(1), columns: row.columnCount)
          }
        }
      })
    for (asked, answer) in zip(asked, answers) {
      #expect(try answer.get() == (asked.name == "none" ? nil : asked))
    }
    #expect(moments.withLock { $0.count } == 1)
  }

  @Test func `other statements and values without a type are asked beside a shared one`() throws {
    let answers = together(
      (0..<30).map { number in
        { view in
          let value = Int64(number)
          switch number % 3 {
          case 0:
            return try view.first(Self.named, [.text("a"), .int(value)]) { $0.int(1) } ?? -1
          case 1:
            let isNull = try view.first(Self.named, [.text("a"), .null]) { $0.isNull(1) }
            return isNull == true ? value : -1
          default: return try Self.read(0, value, view)
          }
        }
      })
    #expect(try answers.map { try $0.get() } == Array(0..<30))
  }

  @Test
  func `a value that the database refuses takes none of those with it that share its statement`()
    throws
  {
    let answers = together(
      (0..<10).map { number in
        { view in
          let name = number == 4 ? "a\0" : "a"
          return try view.first(Self.named, [.text(name), .int(Int64(number))]) { $0.int(1) }
        }
      })
    for (number, answer) in answers.enumerated() {
      if number == 4 {
        #expect(throws: DatabaseError.self) { try answer.get() }
      } else {
        #expect(try answer.get() == Int64(number))
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

  @Test func `a group that is too large for one transaction asks its questions about once`() throws
  {
    var configuration = store.configuration
    configuration.groupBytesMax = 64 * 1024
    let small = try PostgreSQLStore(configuration)
    try store.asAnother("CREATE SEQUENCE questions")
    let endings = Endings()
    let count = 120
    small.database.asOneGroup {
      for number in 0..<count {
        small.database.queue("\(number)", to: endings) { transaction in
          // Counts even where the answer is of no use.
          try transaction.ask(
            "SELECT nextval('questions') WHERE ?1 = ?1", [.int(Int64(number))]
          ) { _ in }
          _ = try transaction.put("\(number)", content: [UInt8](repeating: 1, count: 16 * 1024))
          return .done("")
        }
      }
    }
    #expect(endings.wait(for: count).map(\.ending) == Array(repeating: .done(""), count: count))
    let asked = try database.read { try $0.first("SELECT last_value FROM questions") { $0.int(0) } }
    // The first round may ask for all of them in vain.
    #expect((asked ?? .max) <= Int64(3 * count), "\(asked ?? 0)")
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
