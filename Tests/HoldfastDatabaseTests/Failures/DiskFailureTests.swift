import HoldfastDatabase
import Synchronization
import Testing

@Suite struct DiskFailureTests {
  private let disk = TestDisk()
  private let endings = Endings()

  private func open(_ configure: (inout SQLiteConfiguration) -> Void = { _ in }) throws
    -> SQLiteDatabase
  {
    // A small cache: large transactions go into the log before their commit.
    try disk.open {
      $0.writerCacheBytes = 64 * 1024
      configure(&$0)
    }
  }

  private let large = [UInt8](repeating: 0x61, count: 2_000_000)

  /// Runs `body` over a store that is closed at the end.
  private func withStore(
    _ configure: (inout SQLiteConfiguration) -> Void = { _ in },
    _ body: (SQLiteDatabase) throws -> Void
  ) throws {
    let database = try open(configure)
    defer { database.close() }
    try body(database)
  }

  /// The numbers and names in a sound store, opened again.
  private func reopened() throws -> [Item] {
    let database = try open()
    defer { database.close() }
    #expect(try database.checkIntegrity() == [])
    let (log, items) = try database.read { (try $0.log(), try $0.items()) }
    #expect(log == items)
    return items
  }

  // MARK: A full disk

  @Test func `a disk that is full in the middle of a closure costs that closure alone`() throws {
    try withStore { database in
      try database.write { _ = try $0.put("first") }
      let runs = Mutex(0)
      let large = large
      database.asOneGroup {
        database.queue("small", to: endings) { transaction in
          runs.withLock { $0 += 1 }
          return .done(String(try transaction.put("small")))
        }
        database.queuePut("large", content: large, to: endings)
        database.queuePut("other", to: endings)
        disk.leaveRoom(500_000)
      }
      let expected = [
        NamedEnding("large", .refused(.full)), NamedEnding("small", .done("2")),
        NamedEnding("other", .done("3")),
      ]
      #expect(endings.wait(for: 3) == expected)
      // SQLite has dropped the transaction, so the closure before it ran twice and counted once.
      #expect(runs.withLock { $0 } == 2)
      #expect(try database.itemNames() == ["first", "small", "other"])
      disk.makeRoom()
      try database.write { _ = try $0.put("large", content: large) }
    }
    #expect(try reopened().map(\.name) == ["first", "small", "other", "large"])
  }

  @Test func `every closure of a group may meet the full disk`() throws {
    try withStore { database in
      let large = large
      database.asOneGroup {
        for number in 1...5 {
          database.queuePut("large \(number)", content: large, to: endings)
          database.queuePut("small \(number)", to: endings)
        }
        disk.leaveRoom(500_000)
      }
      let all = endings.wait(for: 10)
      for number in 1...5 {
        #expect(all.contains(NamedEnding("large \(number)", .refused(.full))))
        #expect(all.contains(NamedEnding("small \(number)", .done("\(number)"))))
      }
      disk.makeRoom()
    }
    #expect(try reopened().map(\.seq) == [1, 2, 3, 4, 5])
  }

  @Test func `a closure that catches the full disk writes nothing any more`() throws {
    try withStore { (database) throws in
      let large = large
      database.asOneGroup {
        database.queuePut("before", to: endings)
        database.queue("catching", to: endings) { transaction in
          _ = try? transaction.put("large", content: large)
          // Outside of the transaction, which is gone, each of these would be committed on its own.
          _ = try? transaction.put("slipped in")
          try? transaction.query("INSERT INTO leases VALUES (1) RETURNING until", []) { _ in }
          return .done("caught")
        }
        database.queuePut("after", to: endings)
        disk.leaveRoom(500_000)
      }
      let all = endings.wait(for: 3)
      #expect(all.first == NamedEnding("catching", .refused(.full)))
      #expect(try database.itemNames() == ["before", "after"])
      #expect(try !database.read { try $0.exists("SELECT 1 FROM leases") })
      disk.makeRoom()
    }
    #expect(try reopened().map(\.seq) == [1, 2])
  }

  @Test func `a parked write in a transaction that was dropped stays parked`() throws {
    try withStore { database in
      let large = large
      let wait = WriteWait(key: "k", tag: "", deadline: .max) { true }
      database.asOneGroup {
        database.queue("waiting", to: endings, waiting: wait) { transaction in
          try transaction.takeItem().map(WriteVerdict.done) ?? .wait
        }
        database.queuePut("large", content: large, to: endings)
        disk.leaveRoom(500_000)
      }
      #expect(endings.wait(for: 1) == [NamedEnding("large", .refused(.full))])
      #expect(database.health.parked == 1)
      disk.makeRoom()
      try database.write { transaction in
        try transaction.put("item")
        transaction.touch("k")
      }
      #expect(endings.wait(for: 1).last == NamedEnding("waiting", .done("item")))
    }
  }

  @Test func `a disk that is full at the commit refuses the group and takes the next`() throws {
    try withStore { database in
      try database.write { _ = try $0.put("first") }
      database.asOneGroup {
        for number in 1...4 { database.queuePut("\(number)", to: endings) }
        disk.leaveRoom(0)
      }
      #expect(endings.wait(for: 4).map(\.ending) == Array(repeating: .refused(.full), count: 4))
      #expect(try database.itemNames() == ["first"])
      #expect(database.health.lastSequence == 1)
      database.queuePut("still full", to: endings)
      #expect(endings.wait(for: 1).last?.ending == .refused(.full))
      disk.makeRoom()
      #expect(try database.write { try $0.put("second") } == 2)
      #expect(database.health.isWriting)
    }
    #expect(try reopened() == [Item(seq: 1, name: "first"), Item(seq: 2, name: "second")])
  }

  @Test(arguments: 0..<20)
  func `whatever room is left a refused group is not there after a power cut`(step: Int64) throws {
    try withStore { database in
      try database.write { _ = try $0.put("first") }
      database.asOneGroup {
        for number in 1...4 { database.queuePut("\(number)", to: endings) }
        disk.leaveRoom(step * 2500)
      }
      _ = endings.wait(for: 4)
      disk.cutPower(afterSteps: 0)
      _ = try? database.write { _ = try $0.put("cut") }
    }
    disk.makeRoom()
    disk.restore(seed: UInt64(step))
    let names = try reopened().map(\.name)
    switch endings.all[0].ending {
    case .done: #expect(names.starts(with: ["first", "1", "2", "3", "4"]))
    default: #expect(names == ["first"] || names == ["first", "cut"])
    }
  }

  @Test func `a disk that is full at the engine's own statement leaves no transaction open`() throws
  {
    try withStore { database in
      try database.write { _ = try $0.put("first") }
      let disk = disk
      let large = Array(large.prefix(1_000_000))
      database.queue("lease", to: endings) { transaction in
        _ = try transaction.leaseTime
        try transaction.put("large", content: large)
        // The cache is full of changed pages now. The clock's page needs room in it.
        disk.leaveRoom(0)
        return .done("")
      }
      #expect(endings.wait(for: 1)[0].ending == .refused(.full))
      disk.makeRoom()
      #expect(try database.write { try $0.put("second") } == 2)
    }
    #expect(try reopened().map(\.name) == ["first", "second"])
  }

  @Test func `a full disk keeps the log out of the file until there is room`() throws {
    try withStore({ $0.checkpointBytes = 100_000 }) { database in
      try database.write { _ = try $0.put("first") }
      // The log may grow a little more, the file may not.
      disk.leaveRoom(400_000)
      let content = Array(large.prefix(60_000))
      var names = ["first"]
      for number in 1...20 {
        if (try? database.write { try $0.put("\(number)", content: content) }) != nil {
          names.append("\(number)")
        }
      }
      #expect(names.count < 21)
      #expect(try database.itemNames() == names)
      disk.makeRoom()
      for number in 21...30 { try database.write { _ = try $0.put("\(number)", content: content) } }
      #expect(database.health.writerStopReason == nil)
    }
    #expect(try reopened().count > 10)
  }

  // MARK: A sync that fails

  /// Fails the sync of a group of four, with more in the queue behind it.
  private func failSync(of database: SQLiteDatabase) {
    let wait = WriteWait(key: "k", tag: "", deadline: .max) { true }
    database.queue("parked", to: endings, waiting: wait) { _ in .wait }
    database.asOneGroup {
      for number in 1...20 { database.queuePut("\(number)", to: endings) }
      disk.failSync(1)
    }
  }

  @Test func `a failed sync makes the group unknown and stops the writer`() throws {
    try withStore({ $0.groupMax = 4 }) { database in
      try database.write { _ = try $0.put("first") }
      failSync(of: database)
      let all = endings.wait(for: 21)
      let behind = all.filter { Int($0.name) ?? 0 > 4 }
      let inGroup = (1...4).map { NamedEnding("\($0)", .refused(.commitUnknown)) }
      #expect(inGroup.allSatisfy(all.contains))
      #expect(behind.count == 16)
      #expect(behind.allSatisfy { $0.ending == .refused(.stopped) })
      #expect(all.contains(NamedEnding("parked", .refused(.stopped))))
      let health = database.health
      #expect(!health.isWriting)
      #expect(health.writerStopReason?.isEmpty == false)
      #expect(health.parked == 0)
      #expect(health.lastSequence == 1)
      let later = #expect(throws: DatabaseError.self) { try database.write { _ in } }
      #expect(later?.kind == .stopped)
      #expect(try database.itemNames() == ["first"])
      #expect(try database.checkIntegrity() == [])
    }
  }

  @Test(arguments: [nil] + (0..<12).map { $0 } as [UInt64?])
  func `after a failed sync the group is there whole or not at all`(cut: UInt64?) throws {
    try withStore({ $0.groupMax = 4 }) { database in
      try database.write { _ = try $0.put("first") }
      failSync(of: database)
      _ = endings.wait(for: 21)
    }
    if let cut { disk.restore(seed: cut) }
    let items = try reopened()
    #expect(items.first == Item(seq: 1, name: "first"))
    #expect(items.count == 1 || items.map(\.name) == ["first", "1", "2", "3", "4"])
  }

  @Test func `a failed sync of the very first write is no different`() throws {
    try withStore { database in
      disk.failSync(1)
      let error = #expect(throws: DatabaseError.self) { try database.write { try $0.put("a") } }
      #expect(error?.kind == .commitUnknown)
    }
    #expect([[], ["a"]].contains(try reopened().map(\.name)))
  }

  @Test(arguments: [2, 3] as [UInt64])
  func `a sync that fails while the log is copied loses nothing`(nth: UInt64) throws {
    try withStore({ $0.checkpointBytes = 100_000 }) { database in
      let content = Array(large.prefix(120_000))
      try database.write { _ = try $0.put("first") }
      // The next sync is the commit's, those behind it are the checkpoint's.
      disk.failSync(nth)
      try database.write { _ = try $0.put("second", content: content) }
      try database.write { _ in }
      #expect(database.health.isWriting)
      #expect(database.health.writerStopReason?.contains("SQLite 1034") == true)
      try database.write { _ = try $0.put("third", content: content) }
      try database.write { _ in }
      #expect(database.health.checkpoints > 0)
      #expect(database.health.writerStopReason == nil)
    }
    #expect(try reopened().map(\.name) == ["first", "second", "third"])
  }

  @Test func `a sync that fails before the commit costs the closure alone`() throws {
    try withStore({ $0.checkpointBytes = 8192 }) { database in
      let large = large
      try database.write { _ = try $0.put("first") }
      database.asOneGroup {
        database.queuePut("before", to: endings)
        // Too large for the cache, so the log starts over, with a sync, in the middle of the closure.
        database.queuePut("large", content: large, to: endings)
        database.queuePut("after", to: endings)
        disk.failSync(1)
      }
      let expected = [
        NamedEnding("large", .refused(.io)), NamedEnding("before", .done("2")),
        NamedEnding("after", .done("3")),
      ]
      #expect(endings.wait(for: 3) == expected)
      #expect(database.health.isWriting)
    }
    #expect(try reopened().map(\.name) == ["first", "before", "after"])
  }
}
