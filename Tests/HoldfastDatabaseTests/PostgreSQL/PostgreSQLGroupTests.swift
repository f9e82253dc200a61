import HoldfastDatabase
import HoldfastTesting
import Synchronization
import Testing

/// Groups of writes on PostgreSQL, whose statements are pipelined.
@Suite struct PostgreSQLGroupTests {
  let store: PostgreSQLStore
  var database: PostgreSQLDatabase { store.database }

  init() throws { store = try PostgreSQLStore() }

  private func names() throws -> [String] { try database.itemNames() }

  @Test func `an error that shows late undoes its own write alone`() throws {
    let endings = Endings()
    database.asOneGroup {
      database.queuePut("a", to: endings)
      // Nobody waits for its statements: the rule is broken at the end of the group.
      database.queue("empty", to: endings) { .done(String(try $0.put(""))) }
      database.queuePut("b", to: endings)
      database.queuePut("a", to: endings)
      database.queuePut("c", to: endings)
    }
    let all = endings.wait(for: 5)
    #expect(all.count == 5)
    #expect(all[1] == NamedEnding("empty", .refused(.constraint)))
    #expect(all[3] == NamedEnding("a", .refused(.duplicate)))
    #expect(try names() == ["a", "b", "c"])
    // Numbers of what was refused are given to others.
    #expect(try database.read { try $0.log() }.map(\.seq) == [1, 2, 3])
    #expect(database.health.isWriting)
  }

  @Test func `a write that fails by itself behind a change is undone alone`() throws {
    struct Refused: Error {}
    let endings = Endings()
    database.asOneGroup {
      database.queuePut("a", to: endings)
      database.queue("b", to: endings) { transaction in
        _ = try transaction.put("b")
        throw Refused()
      }
      // A closure that goes on behind an error that it has met does not stand either, and is told so.
      database.queue("c", to: endings) { transaction in
        _ = try? transaction.first("SELECT 1/0") { $0.int(0) }
        return .done(String(try transaction.put("c")))
      }
      database.queuePut("d", to: endings)
    }
    let all = endings.wait(for: 4)
    #expect(all[0].ending == .done("1"))
    #expect(all[2].ending == .refused(.misuse))
    #expect(try names() == ["a", "d"])
  }

  /// Makes `give_up(n)`, which lets the database give up a transaction the first `n` times.
  private func makeGiveUp(_ state: String) throws {
    try store.asAnother(
      """
      CREATE SEQUENCE tries;
      CREATE FUNCTION give_up(times BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') <= times THEN RAISE EXCEPTION 'given up' USING ERRCODE = '\(state)'; END IF;
        RETURN 0;
      END $$
      """)
  }

  /// Serialization failures and deadlocks, that somebody waits for and that show late.
  @Test(arguments: ["40001", "40P01"], [true, false])
  func `a group that the database gives up runs again`(state: String, isWaitedFor: Bool) throws {
    try makeGiveUp(state)
    let endings = Endings()
    database.asOneGroup {
      database.queuePut("a", to: endings)
      database.queue("b", to: endings) { transaction in
        let seq = try transaction.put("b")
        if isWaitedFor {
          _ = try transaction.first("SELECT give_up(2)") { $0.int(0) }
        } else {
          try transaction.execute("INSERT INTO numbers SELECT give_up(2)", [])
        }
        return .done(String(seq))
      }
      database.queuePut("c", to: endings)
    }
    #expect(endings.wait(for: 3).map(\.ending) == [.done("1"), .done("2"), .done("3")])
    #expect(try names() == ["a", "b", "c"])
  }

  @Test(arguments: [true, false])
  func `a write that the database gives up each time is refused alone`(isWaitedFor: Bool) throws {
    try makeGiveUp("40001")
    let endings = Endings()
    database.asOneGroup {
      database.queuePut("a", to: endings)
      database.queue("b", to: endings) { transaction in
        if isWaitedFor {
          _ = try transaction.first("SELECT give_up(1000000)") { $0.int(0) }
        } else {
          try transaction.execute("INSERT INTO numbers SELECT give_up(1000000)", [])
        }
        return .done(String(try transaction.put("b")))
      }
      database.queuePut("c", to: endings)
    }
    let all = endings.wait(for: 3).map(\.ending)
    #expect(all == [.done("1"), .refused(.aborted), .done("2")])
    #expect(try names() == ["a", "c"])
    #expect(database.health.isWriting)
  }

  @Test func `an error that a write has caught is its answer, and nobody else's`() throws {
    _ = try database.write { try $0.put("a") }
    let endings = Endings()
    database.asOneGroup {
      database.queuePut("b", to: endings)
      database.queue("caught", to: endings) { transaction in
        do {
          _ = try transaction.first(
            "INSERT INTO items(name, seq, content) VALUES ('a', 1, '') RETURNING id"
          ) { $0.int(0) }
        } catch {}
        return .done("")
      }
    }
    #expect(
      endings.wait(for: 2) == [
        NamedEnding("b", .done("2")), NamedEnding("caught", .refused(.duplicate)),
      ])
    #expect(try names() == ["a", "b"])
  }

  @Test func `statements that the connection forgets are forgotten by the database, too`() throws {
    // One more prepared statement each time, and then a new one behind an error.
    for number in 0..<520 {
      let refusal = #expect(throws: DatabaseError.self) {
        try database.write { transaction in
          _ = try transaction.number(SQL("SELECT \(number)"))
          _ = try? transaction.number("SELECT 1/0")
          _ = try? transaction.number(SQL("SELECT -\(number)"))
        }
      }
      #expect(refusal?.kind == .misuse)
    }
    let kept = try database.write { try $0.number("SELECT count(*) FROM pg_prepared_statements") }
    #expect(kept < 100)
  }

  @Test func `a wrong statement does not spoil the connection`() throws {
    for _ in 0..<3 {
      #expect(throws: DatabaseError.self) {
        try database.write { try $0.execute("INSERT INTO nothing VALUES (?1)", [.int(1)]) }
      }
      #expect(throws: DatabaseError.self) {
        try database.read { try $0.all("SELECT n FROM nothing") { $0.int(0) } }
      }
    }
    // What failed when it was prepared can be prepared once it is right.
    try database.write { try $0.execute("CREATE TABLE nothing(n BIGINT)", []) }
    try database.write { try $0.execute("INSERT INTO nothing VALUES (?1)", [.int(1)]) }
    #expect(try database.read { try $0.all("SELECT n FROM nothing") { $0.int(0) } } == [1])
  }

  @Test func `a group may have more statements and bytes than the pipeline holds`() throws {
    let endings = Endings()
    let content = [UInt8](repeating: 7, count: 3_000_000)
    database.asOneGroup {
      for number in 0..<400 {
        database.queue("\(number)", to: endings) { transaction in
          for _ in 0..<5 { try transaction.execute("INSERT INTO numbers VALUES (?1)", [.int(1)]) }
          return .done("")
        }
      }
      database.queuePut("large", content: content, to: endings)
    }
    endings.wait(for: 401)
    #expect(try database.read { try $0.number("SELECT count(*) FROM numbers") } == 2000)
    #expect(try database.read { try $0.number("SELECT length(content) FROM items") } == 3_000_000)
  }

  @Test func `a late error behind a full pipeline undoes its own write alone`() throws {
    let endings = Endings()
    database.asOneGroup {
      for number in 0..<300 {
        database.queue("\(number)", to: endings) { transaction in
          for _ in 0..<5 {
            try transaction.execute("INSERT INTO numbers VALUES (?1)", [.int(Int64(number))])
          }
          if number == 7 { try transaction.execute("INSERT INTO numbers VALUES (NULL)", []) }
          return .done("")
        }
      }
    }
    let failed = endings.wait(for: 300).filter { $0.ending != .done("") }
    #expect(failed == [NamedEnding("7", .refused(.constraint))])
    #expect(try database.read { try $0.number("SELECT count(*) FROM numbers") } == 299 * 5)
    #expect(try database.read { try $0.number("SELECT count(*) FROM numbers WHERE n = 7") } == 0)
  }

  @Test func `256 claimers of two servers all finish`() throws {
    let other = try PostgreSQLStore(store.configuration)
    let endings = Endings()
    try database.write { transaction in for number in 0..<256 { try transaction.put("\(number)") } }
    for number in 0..<256 {
      (number % 2 == 0 ? database : other.database).queue("\(number)", to: endings) { transaction in
        try transaction.takeItem().map { .done($0) } ?? .wait
      }
    }
    let taken = endings.wait(for: 256).map(\.ending)
    #expect(Set(taken.map(\.description)).count == 256)
    #expect(!taken.contains(.nothing))
  }
}
