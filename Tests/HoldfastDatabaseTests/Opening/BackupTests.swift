import Glibc
import HoldfastDatabase
import Synchronization
import Testing

@Suite struct BackupTests {
  private let store: TestStore
  private let content = [UInt8](repeating: 0x42, count: 30_000)

  init() throws {
    store = try TestStore()
    let content = content
    for number in 1...200 {
      try store.database.write { _ = try $0.put("\(number)", content: content) }
    }
  }

  private var target: String { store.folder.file("copy.db") }

  @Test func `it copies everything and says how far it is`() throws {
    let steps = Inbox<(done: Int, total: Int)>()
    try store.database.backup(to: target) { steps.put(($0, $1)) }
    let copied = steps.all
    #expect(copied.count > 2)
    #expect(copied.map(\.done) == copied.map(\.done).sorted())
    #expect(copied.last?.done == copied.last?.total)
    let (names, problems) = try withStore(target) { (try $0.itemNames(), try $0.checkIntegrity()) }
    #expect(names == (1...200).map(String.init))
    #expect(problems == [])
    #expect(store.folder.names.filter { $0.contains("partial") } == [])
  }

  @Test func `under load it is the store as of one moment`() throws {
    let database = store.database
    let load = Load(database)
    try load.start()
    try database.backup(to: target) { _, _ in }
    load.stop()
    let (log, items, problems) = try withStore(target) { copy in
      let (log, items) = try copy.read { (try $0.log(), try $0.items()) }
      return (log, items, try copy.checkIntegrity())
    }
    #expect(log == items)
    #expect(log.map(\.seq) == Array(1...Int64(log.count)))
    #expect(log.count >= 200)
    #expect(problems == [])
    #expect(try database.checkIntegrity() == [])
  }

  @Test func `a file that is there is left alone`() throws {
    write([1, 2, 3], to: target)
    let error = #expect(throws: DatabaseError.self) {
      try store.database.backup(to: target) { _, _ in }
    }
    #expect(error?.kind == .cannotOpen)
    #expect(bytes(of: target) == [1, 2, 3])
  }

  @Test func `a file that comes up meanwhile is left alone`() throws {
    let target = target
    let error = #expect(throws: DatabaseError.self) {
      try store.database.backup(to: target) { _, _ in write([1, 2, 3], to: target) }
    }
    #expect(error?.kind == .cannotOpen)
    #expect(bytes(of: target) == [1, 2, 3])
    #expect(store.folder.names.filter { $0.contains("partial") } == [])
  }

  @Test func `of two to the same place one is done`() throws {
    let database = store.database
    let target = target
    let endings = Inbox<DatabaseError.Kind?>()
    try onThreads(2) { _ in
      do {
        try database.backup(to: target) { _, _ in }
        endings.put(nil)
      } catch { endings.put((error as? DatabaseError)?.kind) }
    }
    #expect(endings.all.count { $0 == nil } == 1)
    #expect(endings.all.contains(.cannotOpen))
    #expect(try withStore(target) { try $0.checkIntegrity() } == [])
    #expect(store.folder.names.filter { $0.contains("partial") } == [])
  }

  @Test func `a copy of a damaged file is dropped`() throws {
    store.database.close()
    var file = try #require(bytes(of: store.path))
    // In the middle lie the pages of long values, which only the check of the copy follows.
    let start = file.count / 131_072 * 65_536
    file.replaceSubrange(start..<start + 65_536, with: [UInt8](repeating: 0, count: 65_536))
    write(file, to: store.path)
    let error = #expect(throws: DatabaseError.self) {
      try withStore(store.path) { try $0.backup(to: target) { _, _ in } }
    }
    #expect(error?.kind == .corrupt)
    #expect(error?.message == "the backup failed its check and was dropped")
    #expect(store.folder.names.filter { $0.hasPrefix("copy") } == [])
  }

  @Test func `a folder that is not there is refused`() throws {
    #expect(throws: DatabaseError.self) {
      try store.database.backup(to: store.folder.file("nowhere/copy.db")) { _, _ in }
    }
    try store.database.write { _ = try $0.put("a") }
  }

  @Test func `closing the store in the middle ends it and leaves nothing`() throws {
    let database = store.database
    let error = #expect(throws: DatabaseError.self) {
      try database.backup(to: target) { _, _ in database.close() }
    }
    #expect(error?.kind == .stopped)
    #expect(store.folder.names == ["store.db"])
    #expect(try withStore(store.path) { try $0.itemNames().count } == 200)
  }
}

/// Writers that go on until they are stopped.
private final class Load: Sendable {
  private let database: SQLiteDatabase
  private let isStopping = Atomic<Bool>(false)
  private let ended = Inbox<Int>()
  private let written = Inbox<Int>()

  init(_ database: SQLiteDatabase) { self.database = database }

  func start() throws {
    for number in 0..<3 {
      try startThread(name: "load") { [self] in
        var round = 0
        while !isStopping.load(ordering: .relaxed) {
          round += 1
          let name = "load \(number) \(round)"
          _ = try? database.write { try $0.put(name, content: [1, 2, 3]) }
          written.put(round)
        }
        ended.put(number)
      }
    }
    written.wait(for: 10)
  }

  func stop() {
    isStopping.store(true, ordering: .relaxed)
    ended.wait(for: 3)
  }
}
