import HoldfastDatabase
import Testing

@Suite struct WriterTimeTests {
  private static let second: Int64 = 1_000_000_000
  private let clock = TestClock()
  private let store: TestStore

  init() throws {
    let clock = clock
    store = try TestStore {
      $0.wallClock = { clock.now }
      $0.tick = 1_000_000
    }
  }

  private func leaseTime() throws -> Int64 { try store.database.write { try $0.leaseTime } }

  private func storedLeaseTime() throws -> Int64 {
    try store.database.read { try $0.number("SELECT time FROM lease_clock") }
  }

  @Test func `the time of a transaction is the machine's`() throws {
    #expect(try store.database.write { $0.now } == clock.now)
    clock.advance(seconds: 5)
    #expect(try store.database.write { $0.now } == clock.now)
  }

  @Test func `it stands still while the machine's clock is set back`() throws {
    let before = try store.database.write { $0.now }
    clock.advance(seconds: -3600)
    for _ in 1...3 { #expect(try store.database.write { $0.now } == before) }
    clock.advance(seconds: 3601)
    #expect(try store.database.write { $0.now } == before + Self.second)
  }

  @Test func `after a restart it goes on from the end of the log`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("store.db")
    let future = wallNanoseconds() + 3600 * Self.second
    try withStore(path) { database in
      try database.write { transaction in
        try transaction.execute(
          "INSERT INTO log VALUES (?1, ?2, 'later')",
          [.int(transaction.nextSequence()), .int(future)])
      }
    }
    let (now, seq) = try withStore(path) { try $0.write { ($0.now, $0.nextSequence()) } }
    #expect(now == future)
    #expect(seq == 2)
  }

  @Test func `a group that fails leaves no trace in the time`() throws {
    let before = clock.now
    clock.advance(seconds: 60)
    #expect(throws: DatabaseError.self) {
      try store.database.write { transaction in
        let seq = try transaction.put("a")
        try transaction.execute("UPDATE items SET promised = 99 WHERE seq = ?1", [.int(seq)])
      }
    }
    clock.advance(seconds: -60)
    #expect(try store.database.write { $0.now } == before)
  }

  // MARK: Leases

  @Test func `lease time runs with the machine's clock`() throws {
    #expect(try leaseTime() == 0)
    clock.advance(seconds: 7)
    #expect(try leaseTime() == 7 * Self.second)
    #expect(try store.database.read { try $0.leaseTime } == 7 * Self.second)
    clock.advance(seconds: 2)
    #expect(try store.database.read { try $0.leaseTime } == 9 * Self.second)
  }

  @Test func `a sleep adds half a minute and a clock that is set back nothing`() throws {
    #expect(try leaseTime() == 0)
    clock.advance(seconds: 7200)
    #expect(try leaseTime() == 30 * Self.second)
    clock.advance(seconds: -7200)
    #expect(try leaseTime() == 30 * Self.second)
    clock.advance(seconds: 1)
    #expect(try leaseTime() == 31 * Self.second)
  }

  @Test func `lease time is one in a group`() throws {
    let clock = clock
    let times = try store.database.write { transaction in
      let first = try transaction.leaseTime
      clock.advance(seconds: 5)
      return [first, try transaction.leaseTime]
    }
    #expect(times == [0, 0])
  }

  @Test func `it goes on after a restart, and a downtime adds half a minute at most`() throws {
    let folder = TemporaryFolder()
    let clock = clock
    func lease() throws -> Int64 {
      let database = try openStore(folder.file("store.db")) { $0.wallClock = { clock.now } }
      defer { database.close() }
      return try database.write { try $0.leaseTime }
    }
    #expect(try lease() == 0)
    clock.advance(seconds: 10)
    #expect(try lease() == 10 * Self.second)
    clock.advance(seconds: 86_400)
    #expect(try lease() == 40 * Self.second)
  }

  @Test func `it is written when it has moved by a second`() throws {
    _ = try leaseTime()
    clock.advance(seconds: 1)
    _ = try leaseTime()
    #expect(try storedLeaseTime() == Self.second)
  }

  @Test func `what a failed commit would have written is written by the next`() throws {
    _ = try leaseTime()
    clock.advance(seconds: 5)
    #expect(throws: DatabaseError.self) {
      try store.database.write { transaction in
        _ = try transaction.leaseTime
        let seq = try transaction.put("a")
        try transaction.execute("UPDATE items SET promised = 99 WHERE seq = ?1", [.int(seq)])
      }
    }
    #expect(try storedLeaseTime() == 0)
    #expect(try leaseTime() == 5 * Self.second)
    #expect(try storedLeaseTime() == 5 * Self.second)
  }

  @Test func `a lease that lives makes the clock tick without writes`() throws {
    try store.database.write { transaction in
      _ = try transaction.leaseTime
      try transaction.execute("INSERT INTO leases VALUES (?1)", [.int(.max)])
    }
    clock.advance(seconds: 5)
    let groups = store.database.health.groups
    while store.database.health.groups < groups + 2 {}
    #expect(try storedLeaseTime() == 5 * Self.second)
  }

  @Test func `a lease that has ended lets the store rest`() throws {
    try store.database.write { transaction in
      _ = try transaction.leaseTime
      try transaction.execute("INSERT INTO leases VALUES (?1)", [.int(10 * Self.second)])
    }
    clock.advance(seconds: 12)
    // Each tick looks at the machine's clock, whether or not it writes.
    let looks = clock.looks
    while clock.looks < looks + 10 {}
    let groups = store.database.health.groups
    while clock.looks < looks + 30 {}
    #expect(store.database.health.groups == groups)
    #expect(try leaseTime() == 12 * Self.second)
  }

  @Test func `the end of a lease wakes those who wait for it`() throws {
    try store.database.write { transaction in
      _ = try transaction.leaseTime
      try transaction.execute("INSERT INTO leases VALUES (?1)", [.int(10 * Self.second)])
    }
    let endings = Endings()
    let wait = WriteWait(key: "items", tag: "", deadline: .max) { true }
    store.database.queue("waiting", to: endings, waiting: wait) { transaction in
      let time = try transaction.leaseTime
      return time >= 10 * Self.second ? .done("\(time / Self.second)") : .wait
    }
    try store.database.write { _ in }
    #expect(store.database.health.parked == 1)
    clock.advance(seconds: 12)
    #expect(endings.wait(for: 1) == [NamedEnding("waiting", .done("12"))])
  }
}
