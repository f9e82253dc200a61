import HoldfastDatabase
import Synchronization
import Testing

@Suite struct LogSizeTests {
  private static let checkpointBytes = 512 * 1024

  /// Makes a store whose readers may stay only for a short time, so that nobody waits for them long.
  private func makeStore(readMax: UInt64 = 10_000_000) throws -> TestStore {
    try TestStore {
      $0.checkpointBytes = Self.checkpointBytes
      $0.readMax = readMax
    }
  }

  @Test func `under steady readers and writers the log stays small`() throws {
    let store = try makeStore(readMax: 10_000_000_000)
    let database = store.database
    let traffic = SteadyReaders(database)
    try traffic.start()
    let content = [UInt8](repeating: 0x61, count: 20_000)
    let largest = Mutex<Int64>(0)
    let failures = Inbox<String>()
    try onThreads(4) { thread in
      for number in 0..<300 {
        do {
          try database.write { _ = try $0.put("\(thread)-\(number)", content: content) }
        } catch { failures.put("\(error)") }
        largest.withLock { $0 = max($0, database.health.walBytes) }
      }
    }
    traffic.stop()
    #expect(failures.all == [])
    #expect(traffic.problems.all == [])
    let health = database.health
    #expect(health.walBytesWritten > 24_000_000)
    #expect(largest.withLock { $0 } < 2 * Int64(Self.checkpointBytes))
    #expect(health.checkpoints > 20)
    #expect(try database.checkIntegrity() == [])
  }

  @Test func `after a huge write the log grows no further`() throws {
    let store = try makeStore()
    let content = [UInt8](repeating: 0x61, count: 20_000_000)
    try store.database.write { _ = try $0.put("huge", content: content) }
    let size = store.database.health.walBytes
    #expect(size > 20_000_000)
    for number in 1...100 {
      try store.database.write {
        _ = try $0.put("\(number)", content: Array(content.prefix(50_000)))
      }
    }
    #expect(store.database.health.walBytes == size)
    #expect(store.database.health.fileBytes > 20_000_000)
  }

  @Test func `a group of large writes is in the log in parts`() throws {
    let store = try TestStore {
      $0.checkpointBytes = 1 << 20
      $0.groupBytesMax = 1 << 20
    }
    let endings = Endings()
    let content = [UInt8](repeating: 0x61, count: 500_000)
    store.database.asOneGroup {
      for number in 1...40 { store.database.queuePut("\(number)", content: content, to: endings) }
    }
    #expect(endings.wait(for: 40).map(\.ending) == (1...40).map { .done("\($0)") })
    #expect(store.database.health.walBytes < 4 << 20)
  }

  @Test func `with its own settings the log stays below 64 megabytes`() throws {
    let store = try TestStore()
    let endings = Endings()
    let content = [UInt8](repeating: 0x61, count: 1_000_000)
    for round in 1...3 {
      store.database.asOneGroup {
        for number in 1...64 {
          store.database.queuePut("\(round)-\(number)", content: content, to: endings)
        }
      }
      endings.wait(for: 64)
    }
    #expect(store.database.health.walBytesWritten > 192_000_000)
    #expect(store.database.health.walBytes < 64 << 20)
  }

  @Test func `a reader that stays does not stop the writer`() throws {
    let store = try makeStore()
    let database = store.database
    let isInside = Handover<Bool>()
    let mayLeave = Handover<Bool>()
    let seen = Handover<[Int]>()
    try startThread(name: "reader") {
      let counts = try? database.read { transaction in
        let before = try transaction.items().count
        isInside.set(true)
        _ = mayLeave.wait()
        return [before, try transaction.items().count]
      }
      seen.set(counts ?? [])
    }
    _ = isInside.wait()
    let content = [UInt8](repeating: 0x61, count: 100_000)
    for number in 1...20 { try database.write { _ = try $0.put("\(number)", content: content) } }
    mayLeave.set(true)
    #expect(seen.wait() == [0, 0])
    // Now the log starts over again.
    let size = database.health.walBytes
    for number in 21...40 { try database.write { _ = try $0.put("\(number)", content: content) } }
    #expect(database.health.walBytes <= size + Int64(Self.checkpointBytes) + 1_000_000)
    #expect(try database.itemNames().count == 40)
  }

  @Test func `a read inside a read and a write inside a read come to an end`() throws {
    let store = try makeStore()
    let content = [UInt8](repeating: 0x61, count: 2 * Self.checkpointBytes)
    let names = try store.database.read { outer in
      _ = try outer.items()
      // Large enough for a checkpoint, which finds this reader in its way.
      try store.database.write { _ = try $0.put("a", content: content) }
      try store.database.write { _ = try $0.put("b", content: content) }
      return try store.database.itemNames()
    }
    #expect(names == ["a", "b"])
  }

  @Test func `a reader of another program does not stop the writer`() throws {
    let store = try makeStore()
    try store.database.write { _ = try $0.put("first") }
    let foreign = try ForeignConnection(store.path)
    try foreign.run("BEGIN")
    #expect(try foreign.run("SELECT count(*) FROM items") == ["1"])
    let content = [UInt8](repeating: 0x61, count: 100_000)
    for number in 1...30 {
      try store.database.write { _ = try $0.put("\(number)", content: content) }
    }
    #expect(store.database.health.writerStopReason == nil)
    #expect(try foreign.run("SELECT count(*) FROM items") == ["1"])
    try foreign.run("COMMIT")
    #expect(try foreign.run("SELECT count(*) FROM items") == ["31"])
    // The log starts over as soon as it can.
    let size = store.database.health.walBytes
    for number in 31...60 {
      try store.database.write { _ = try $0.put("\(number)", content: content) }
    }
    #expect(store.database.health.walBytes <= size + Int64(Self.checkpointBytes) + 200_000)
  }

  @Test func `closing beside a reader of another program loses nothing`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("store.db")
    let foreign = try withStore(path) { database in
      try database.write { _ = try $0.put("a") }
      let foreign = try ForeignConnection(path)
      try foreign.run("BEGIN; SELECT * FROM items")
      try database.write { _ = try $0.put("b") }
      return foreign
    }
    // The log could not be emptied, so the stop was not a clean one.
    let lines = String(decoding: bytes(of: path + ".lock") ?? [], as: UTF8.self)
    #expect(lines.contains("state running"))
    #expect(exists(path + "-wal"))
    #expect(try withStore(path) { try $0.itemNames() } == ["a", "b"])
    _ = foreign
  }

  @Test func `the writer of another program is waited for`() throws {
    let store = try makeStore()
    let foreign = try ForeignConnection(store.path)
    try foreign.run("BEGIN IMMEDIATE")
    let endings = Endings()
    store.database.queuePut("a", to: endings)
    try foreign.run("COMMIT")
    #expect(endings.wait(for: 1) == [NamedEnding("a", .done("1"))])
  }
}

/// Readers that overlap, so that there is always one.
private final class SteadyReaders: Sendable {
  let problems = Inbox<String>()
  private let database: SQLiteDatabase
  private let isStopping = Atomic<Bool>(false)
  private let ended = Inbox<Int>()
  private static let count = 3

  init(_ database: SQLiteDatabase) { self.database = database }

  func start() throws {
    let reads = Inbox<Int>()
    for number in 0..<Self.count {
      try startThread(name: "reader") { [self] in
        while !isStopping.load(ordering: .relaxed) {
          do {
            let (log, items) = try database.read { transaction in
              (
                try transaction.number("SELECT count(*) FROM log"),
                try transaction.number("SELECT count(*) FROM items")
              )
            }
            if log != items { problems.put("\(log) entries of the log, \(items) items") }
          } catch { problems.put("\(error)") }
          reads.put(number)
        }
        ended.put(number)
      }
    }
    reads.wait(for: Self.count)
  }

  func stop() {
    isStopping.store(true, ordering: .relaxed)
    ended.wait(for: Self.count)
  }
}
