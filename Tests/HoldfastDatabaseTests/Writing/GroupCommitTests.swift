import HoldfastDatabase
import Synchronization
import Testing

@Suite struct GroupCommitTests {
  @Test func `a write that is answered is there`() throws {
    let store = try TestStore()
    let seq = try store.database.write { try $0.put("a") }
    #expect(seq == 1)
    #expect(try store.database.itemNames() == ["a"])
    #expect(store.database.health.lastSequence == 1)
  }

  @Test func `a write may be awaited`() async throws {
    let store = try TestStore()
    let seqs = try await withThrowingTaskGroup { group in
      for number in 0..<20 {
        group.addTask { try await store.database.write { try $0.put("\(number)") } }
      }
      return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
    }
    #expect(seqs == Set(1...20))
  }

  @Test func `what waits becomes one group, answered in order`() throws {
    let store = try TestStore()
    let endings = Endings()
    let times = Mutex<Set<Int64>>([])
    let hold = WriterHold(store.database)
    for number in 1...100 {
      store.database.queue("\(number)", to: endings) { transaction in
        _ = times.withLock { $0.insert(transaction.now) }
        return .done(String(try transaction.put("\(number)")))
      }
    }
    let before = store.database.health
    #expect(before.queueDepth == 100)
    hold.release()
    #expect(endings.wait(for: 100) == (1...100).map { NamedEnding("\($0)", .done("\($0)")) })
    let after = store.database.health
    #expect(after.groups == before.groups + 2)
    #expect(after.writes == before.writes + 101)
    #expect(times.withLock { $0.count } == 1)
  }

  @Test func `a group is bounded by its writes`() throws {
    let store = try TestStore { $0.groupMax = 10 }
    let endings = Endings()
    store.database.asOneGroup {
      for number in 1...35 { store.database.queuePut("\(number)", to: endings) }
    }
    endings.wait(for: 35)
    #expect(store.database.health.groups == 1 + 4)
  }

  @Test func `a group is bounded by its bytes`() throws {
    let store = try TestStore { $0.groupBytesMax = 1 << 20 }
    let endings = Endings()
    let content = [UInt8](repeating: 7, count: 300_000)
    store.database.asOneGroup {
      for number in 1...10 { store.database.queuePut("\(number)", content: content, to: endings) }
    }
    #expect(endings.wait(for: 10) == (1...10).map { NamedEnding("\($0)", .done("\($0)")) })
    #expect(store.database.health.groups == 1 + 3)
    #expect(try store.database.itemNames().count == 10)
  }

  @Test func `what queries write counts as well`() throws {
    let store = try TestStore { $0.groupBytesMax = 1 << 20 }
    try store.database.write { _ = try $0.put("first") }
    let endings = Endings()
    let content = SQLValue.bytes([UInt8](repeating: 7, count: 300_000))
    store.database.asOneGroup {
      for number in 1...10 {
        store.database.queue("\(number)", to: endings) { transaction in
          let id = try transaction.first(
            """
            INSERT INTO items(name, seq, content) VALUES ('first', 1, ?1)
            ON CONFLICT DO UPDATE SET content = ?1 RETURNING id
            """, [content]
          ) { $0.int(0) }
          return .done("\(id ?? 0)")
        }
      }
    }
    endings.wait(for: 10)
    #expect(store.database.health.groups == 2 + 3)
  }

  @Test func `refused writes are not counted`() throws {
    struct Refused: Error {}
    let store = try TestStore()
    let endings = Endings()
    let before = store.database.health
    store.database.asOneGroup {
      store.database.queue("refused", to: endings) { _ in throw Refused() }
      store.database.queuePut("one", to: endings)
    }
    endings.wait(for: 2)
    // The write that held the group together is one, too.
    #expect(store.database.health.writes == before.writes + 2)
    #expect(store.database.health.groups == before.groups + 2)
    #expect(throws: Refused.self) { try store.database.write { _ in throw Refused() } }
    #expect(store.database.health.writes == before.writes + 2)
    #expect(store.database.health.groups == before.groups + 2)
  }

  @Test func `one write larger than a group is done`() throws {
    let store = try TestStore { $0.groupBytesMax = 1000 }
    try store.database.write {
      _ = try $0.put("large", content: [UInt8](repeating: 1, count: 5000))
    }
    #expect(try store.database.itemNames() == ["large"])
  }

  @Test func `a failing write is rolled back alone`() throws {
    struct Refused: Error {}
    let store = try TestStore()
    let endings = Endings()
    store.database.asOneGroup {
      store.database.queuePut("before", to: endings)
      store.database.queue("failing", to: endings) { transaction in
        try transaction.put("one")
        try transaction.put("two")
        throw Refused()
      }
      store.database.queuePut("after", to: endings)
    }
    let expected = [
      NamedEnding("before", .done("1")), NamedEnding("failing", .failed("Refused()")),
      NamedEnding("after", .done("2")),
    ]
    #expect(endings.wait(for: 3) == expected)
    let log = [Item(seq: 1, name: "before"), Item(seq: 2, name: "after")]
    #expect(try store.database.read { try $0.log() } == log)
    #expect(try store.database.read { try $0.items() } == log)
  }

  /// How often the writes before and behind a failing one run, which has changed something or not.
  @Test(arguments: [(false, [1, 1, 1]), (true, [2, 2, 1])])
  func `a group starts over only behind a failure that left changes`(
    changesFirst: Bool, expected: [Int]
  ) throws {
    struct Refused: Error {}
    let store = try TestStore()
    let endings = Endings()
    let runs = Mutex([0, 0, 0])
    store.database.asOneGroup {
      for (number, name) in ["before", "failing", "behind"].enumerated() {
        store.database.queue(name, to: endings) { transaction in
          runs.withLock { $0[number] += 1 }
          if number == 1 {
            if changesFirst { try transaction.put("lost") }
            _ = try transaction.items()
            throw Refused()
          }
          return .done(String(try transaction.put(name)))
        }
      }
    }
    let ends: [NamedEnding] = [
      NamedEnding("before", .done("1")), NamedEnding("failing", .failed("Refused()")),
      NamedEnding("behind", .done("2")),
    ]
    #expect(endings.wait(for: 3) == ends)
    #expect(runs.withLock { $0 } == expected)
    #expect(try store.database.itemNames() == ["before", "behind"])
  }

  @Test func `a failing write that is alone leaves no trace`() throws {
    struct Refused: Error {}
    let store = try TestStore()
    #expect(throws: Refused.self) {
      try store.database.write { transaction in
        try transaction.put("lost")
        throw Refused()
      }
    }
    #expect(try store.database.write { try $0.put("a") } == 1)
    #expect(try store.database.itemNames() == ["a"])
  }

  @Test func `what a failing write touched wakes nobody`() throws {
    struct Refused: Error {}
    let store = try TestStore()
    let endings = Endings()
    let runs = Mutex(0)
    let wait = WriteWait(key: "k", tag: "", deadline: .max) { true }
    store.database.queue("waiting", to: endings, waiting: wait) { _ in
      runs.withLock { $0 += 1 }
      return .wait
    }
    store.database.asOneGroup {
      store.database.queue("failing", to: endings) { transaction in
        transaction.touch("k")
        throw Refused()
      }
      store.database.queuePut("other", to: endings)
    }
    endings.wait(for: 2)
    try store.database.write { _ in }
    #expect(runs.withLock { $0 } == 1)
    #expect(store.database.health.parked == 1)
  }

  @Test func `a group in which all fail leaves no trace`() throws {
    let store = try TestStore()
    try store.database.write { _ = try $0.put("a") }
    let endings = Endings()
    store.database.asOneGroup {
      for _ in 1...5 { store.database.queuePut("a", to: endings) }
    }
    #expect(endings.wait(for: 5).allSatisfy { $0.ending == .refused(.duplicate) })
    #expect(try store.database.write { try $0.put("b") } == 2)
  }

  @Test(
    arguments: [
      ("INSERT INTO items(name, seq, content) VALUES ('a', 9, x'')", .duplicate),
      ("INSERT INTO items(id, name, seq, content) VALUES (1, 'b', 9, x'')", .duplicate),
      ("INSERT INTO items(name, seq, content) VALUES ('b', 1, x'')", .duplicate),
      ("INSERT INTO items(name, seq, content) VALUES ('', 1, x'')", .constraint),
      ("INSERT INTO items(name, seq, content) VALUES (NULL, 1, x'')", .constraint),
      ("INSERT INTO items(name, seq, content) VALUES ('b', 9, x'')", .constraint),
      ("INSERT INTO items(name, seq, content) VALUES ('b', 'x', x'')", .constraint),
      ("INSERT INTO nowhere VALUES (1)", .misuse),
      ("INSERT INTO log VALUES (9, 9, \"b\")", .misuse),
    ] as [(SQL, DatabaseError.Kind)])
  func `a refused row has its reason`(sql: SQL, kind: DatabaseError.Kind) throws {
    let store = try TestStore()
    try store.database.write { _ = try $0.put("a") }
    let error = #expect(throws: DatabaseError.self) {
      try store.database.write { _ = try $0.execute(sql, []) }
    }
    #expect(error?.kind == kind)
    #expect(try store.database.itemNames() == ["a"])
  }

  @Test func `a write may catch what one of its statements was refused for`() throws {
    let store = try TestStore()
    try store.database.write { transaction in
      try transaction.put("a")
      #expect(throws: DatabaseError.self) { try transaction.put("a") }
      try transaction.put("b")
    }
    #expect(try store.database.itemNames() == ["a", "b"])
  }

  // A rule that SQLite checks at the commit is nobody's in particular, so it takes the group with it.
  @Test func `a deferred rule refuses the group and the next one is taken`() throws {
    let store = try TestStore()
    let endings = Endings()
    store.database.asOneGroup {
      store.database.queuePut("a", to: endings)
      store.database.queue("promise", to: endings) { transaction in
        let seq = try transaction.put("b")
        try transaction.execute("UPDATE items SET promised = 99 WHERE seq = ?1", [.int(seq)])
        return .done("")
      }
    }
    #expect(endings.wait(for: 2).allSatisfy { $0.ending == .refused(.constraint) })
    #expect(store.database.health.isWriting)
    #expect(try store.database.write { try $0.put("c") } == 1)
    #expect(try store.database.itemNames() == ["c"])
  }

  @Test func `an error of the engine's own statement refuses the group and the next one is taken`()
    throws
  {
    let store = try TestStore()
    let error = #expect(throws: DatabaseError.self) {
      try store.database.write { transaction in
        _ = try transaction.leaseTime
        try transaction.execute("DROP TABLE lease_clock", [])
      }
    }
    #expect(error?.kind == .misuse)
    #expect(try store.database.write { try $0.leaseTime } >= 0)
    #expect(try store.database.write { try $0.put("a") } == 1)
  }

  @Test func `a closure sees what the group wrote before it`() throws {
    let store = try TestStore()
    let endings = Endings()
    store.database.asOneGroup {
      store.database.queuePut("a", to: endings)
      store.database.queue("look", to: endings) { .done(try $0.items().map(\.name).joined()) }
    }
    #expect(endings.wait(for: 2).last == NamedEnding("look", .done("a")))
  }

  @Test func `nobody reads what is not committed`() throws {
    let store = try TestStore()
    let isWritten = Handover<Bool>()
    let mayEnd = Handover<Bool>()
    let ended = Handover<Bool>()
    store.database.write({ transaction in
      try transaction.put("a")
      isWritten.set(true)
      _ = mayEnd.wait()
    }) { _ in ended.set(true) }
    _ = isWritten.wait()
    #expect(try store.database.itemNames() == [])
    mayEnd.set(true)
    _ = ended.wait()
    #expect(try store.database.itemNames() == ["a"])
  }

  @Test func `many writers and readers see one order`() throws {
    let store = try TestStore()
    let problems = Inbox<String>()
    try onThreads(6) { number in
      for round in 0..<50 {
        do {
          if number < 4 {
            _ = try store.database.write { try $0.put("\(number)-\(round)") }
          } else {
            let (log, items) = try store.database.read { (try $0.log(), try $0.items()) }
            if log != items { problems.put("the tables differ") }
            if log.map(\.seq) != Array(1...Int64(max(log.count, 1))).suffix(log.count) {
              problems.put("the numbers have gaps")
            }
          }
        } catch { problems.put("\(error)") }
      }
    }
    #expect(problems.all == [])
    #expect(try store.database.itemNames().count == 200)
    #expect(try store.database.checkIntegrity() == [])
  }
}
