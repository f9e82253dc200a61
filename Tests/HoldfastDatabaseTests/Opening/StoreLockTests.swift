import CSystem
import Glibc
import HoldfastDatabase
import Testing

@Suite struct StoreLockTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("store.db") }

  private func acquire(_ mode: StoreLock.Mode, _ path: String? = nil) throws -> StoreLock? {
    try StoreLock.acquire(path: path ?? self.path, mode: mode, kind: "test")
  }

  private var lockLines: [String] {
    String(decoding: bytes(of: path + ".lock") ?? [], as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  // MARK: Who holds it

  @Test func `one writes`() throws {
    let first = try acquire(.exclusive)
    #expect(first != nil)
    #expect(try acquire(.exclusive) == nil)
    #expect(try acquire(.shared) == nil)
    _ = first
  }

  @Test func `many read while nobody writes`() throws {
    let readers = [try acquire(.shared), try acquire(.shared)]
    #expect(readers.allSatisfy { $0 != nil })
    #expect(try acquire(.exclusive) == nil)
    _ = readers
  }

  @Test func `letting go lets the next one in`() throws {
    for _ in 1...3 { #expect(try acquire(.exclusive) != nil) }
    #expect(mode(of: path + ".lock") == 0o600)
  }

  @Test func `it is the same by every name of the file`() throws {
    write([], to: path)
    symlink(path, folder.file("link.db"))
    mkdir(folder.file("sub"), 0o700)
    let lock = try #require(try acquire(.exclusive, folder.file("link.db")))
    #expect(lock.storePath == realPath(of: path))
    #expect(try acquire(.exclusive) == nil)
    #expect(try acquire(.exclusive, folder.file("sub/../store.db")) == nil)
  }

  @Test func `it is the same through a link to a file that is not there yet`() throws {
    symlink("store.db", folder.file("link.db"))
    let lock = try #require(try acquire(.exclusive, folder.file("link.db")))
    #expect(lock.storePath == realPath(of: path))
    write([], to: path)
    #expect(try acquire(.exclusive) == nil)
    #expect(try acquire(.exclusive, folder.file("link.db")) == nil)
  }

  @Test func `links in a circle are an error`() {
    symlink("b.db", folder.file("a.db"))
    symlink("a.db", folder.file("b.db"))
    #expect(throws: (any Error).self) { try openStore(folder.file("a.db")) }
  }

  // MARK: What it says

  @Test func `the holder says who it is`() throws {
    let database = try openStore(path)
    defer { database.close() }
    let holder = StoreLock.holder(path: path)
    #expect(holder?.kind == "test")
    #expect(holder?.pid == getpid())
    #expect(holder?.socket == nil)
  }

  @Test func `a name stands in the file from the first moment`() throws {
    write(Array("seq 7\nstate running\nkind serve\npid 1\nsocket /gone\n".utf8), to: path + ".lock")
    let lock = try #require(try acquire(.exclusive))
    #expect(StoreLock.holder(path: path)?.pid == getpid())
    #expect(StoreLock.holder(path: path)?.socket == nil)
    #expect(lockLines.prefix(2) == ["seq 00000000000000000007", "state running"])
    _ = lock
  }

  @Test func `whoever closes a store is not named any more`() throws {
    try openStore(path).close()
    #expect(StoreLock.holder(path: path) == nil)
    #expect(lockLines == ["seq 00000000000000000000", "state clean"])
  }

  @Test func `a reader leaves the file as it is`() throws {
    let lines = ["seq 7", "state clean", "kind serve", "pid 1"]
    write(Array(lines.joined(separator: "\n").utf8), to: path + ".lock")
    _ = try #require(try acquire(.shared))
    #expect(lockLines == lines)
  }

  @Test func `the holder says where it answers`() throws {
    let lock = try #require(try acquire(.exclusive))
    let socket = "/run/user/1000/a folder/holdfast.sock"
    lock.announce(socket: socket, sequence: 5)
    #expect(StoreLock.holder(path: path)?.socket == socket)
    #expect(lockLines.first == "seq 00000000000000000005")
  }

  @Test func `where nobody ever was is nobody`() {
    #expect(StoreLock.holder(path: path) == nil)
    write([], to: path + ".lock")
    #expect(StoreLock.holder(path: path) == nil)
    write(Array("nonsense\n\nkind\npid x\n".utf8) + [0, 0xff, 0x0a], to: path + ".lock")
    #expect(StoreLock.holder(path: path) == nil)
  }

  @Test func `it follows the last number and the state`() throws {
    let database = try openStore(path)
    #expect(lockLines.prefix(2) == ["seq 00000000000000000000", "state running"])
    try database.write { _ = try $0.put("a") }
    try database.write { _ = try $0.put("b") }
    // The number follows the answer, before the next write is answered.
    try database.write { _ in }
    #expect(lockLines.prefix(2) == ["seq 00000000000000000002", "state running"])
    database.close()
    #expect(lockLines.prefix(2) == ["seq 00000000000000000002", "state clean"])
  }

  @Test func `announcing does not turn the number back`() throws {
    let lock = try #require(try acquire(.exclusive))
    let database = try SQLiteDatabase(
      configuration: SQLiteConfiguration(path: path), schema: TestSchema.schema(), lock: lock)
    try database.write { _ = try $0.put("a") }
    lock.announce(socket: "/s", sequence: 0)
    #expect(lockLines.first == "seq 00000000000000000001")
    database.close()
  }

  @Test func `a longer text is gone when a shorter one is written`() throws {
    write(Array(String(repeating: "x", count: 900).utf8), to: path + ".lock")
    let lock = try #require(try acquire(.exclusive))
    lock.announce(socket: "/s", sequence: 1)
    #expect(lockLines.count == 5)
  }

  // MARK: After an unclean stop

  /// A store as a crash leaves it, with or without its log.
  private func crash(withLog: Bool) throws {
    let original = folder.file("original.db")
    let database = try openStore(original)
    for number in 1...5 { try database.write { _ = try $0.put("\(number)") } }
    copyFile(original, to: path)
    copyFile(original + ".lock", to: path + ".lock")
    if withLog { copyFile(original + "-wal", to: path + "-wal") }
    database.close()
  }

  @Test func `a store with its log goes on`() throws {
    try crash(withLog: true)
    #expect(try withStore(path) { try $0.itemNames() } == ["1", "2", "3", "4", "5"])
  }

  @Test func `a store whose log was lost is refused and left alone`() throws {
    try withStore(folder.file("original.db")) { try $0.write { _ = try $0.put("0") } }
    try crash(withLog: false)
    let before = bytes(of: path)
    for _ in 1...2 {
      let error = #expect(throws: DatabaseError.self) { try openStore(path) }
      #expect(error?.kind == .lostWrites)
      #expect(error?.message.contains("ends at change 1, but 6 were") == true)
    }
    #expect(bytes(of: path) == before)
    #expect(lockLines[1] == "state running")
  }

  @Test func `a store that is gone with its log is not made anew`() throws {
    try crash(withLog: false)
    unlink(path)
    for _ in 1...2 {
      let error = #expect(throws: DatabaseError.self) { try openStore(path) }
      #expect(error?.kind == .lostWrites)
      #expect(!exists(path))
    }
  }

  @Test(arguments: [true, false], [true, false])
  func `a log whose store is gone or empty is kept for it`(isEmpty: Bool, knowsOfIt: Bool) throws {
    try crash(withLog: true)
    let store = try #require(bytes(of: path))
    let log = bytes(of: path + "-wal")
    if isEmpty { write([], to: path) } else { unlink(path) }
    if !knowsOfIt { unlink(path + ".lock") }
    for _ in 1...2 {
      let error = #expect(throws: DatabaseError.self) { try openStore(path) }
      #expect(error?.kind == .lostWrites)
      #expect(bytes(of: path) == (isEmpty ? [] : nil))
      #expect(bytes(of: path + "-wal") == log)
    }
    write(store, to: path)
    #expect(try withStore(path) { try $0.itemNames() } == ["1", "2", "3", "4", "5"])
  }

  @Test func `a store that was taken away after a clean stop is made anew`() throws {
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
    unlink(path)
    #expect(try withStore(path) { try $0.itemNames() } == [])
  }

  @Test func `a migration does not make up for what was lost`() throws {
    try withStore(folder.file("original.db")) { try $0.write { _ = try $0.put("0") } }
    try crash(withLog: false)
    let before = bytes(of: path)
    let many = Migration(2, "many events") { transaction in
      for number in 1...10 { try transaction.put("migrated \(number)") }
    }
    let error = #expect(throws: DatabaseError.self) {
      try openStore(path, schema: TestSchema.schema([TestSchema.first, many]))
    }
    #expect(error?.kind == .lostWrites)
    #expect(bytes(of: path) == before)
    #expect(!exists(path + ".schema-1.backup"))
  }

  @Test func `an older copy in place after a clean stop is taken`() throws {
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
    copyFile(path, to: folder.file("copy.db"))
    try withStore(path) { try $0.write { _ = try $0.put("b") } }
    copyFile(folder.file("copy.db"), to: path)
    #expect(try withStore(path) { try $0.itemNames() } == ["a"])
  }

  @Test func `the kernel frees the lock of a process that is killed`() throws {
    write([], to: path + ".lock")
    let holder = try LockingProcess(path + ".lock")
    #expect(try acquire(.exclusive) == nil)
    #expect(try acquire(.shared) == nil)
    #expect(holder.kill() == 128 + SIGKILL)
    #expect(try acquire(.exclusive) != nil)
  }
}

/// A child process that holds the lock of a file until it is killed.
private struct LockingProcess {
  private let child: pid_t

  init(_ path: String) throws {
    var input: [Int32] = [0, 0]
    var output: [Int32] = [0, 0]
    _ = holdfast_pipe(&input)
    _ = holdfast_pipe(&output)
    defer { for end in input + output { close(end) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input[0], 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    // flock becomes cat, which keeps the lock; what comes back through it says that it is held.
    let words: [String] = ["flock", "--no-fork", "--exclusive", path, "cat"]
    let arguments = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let code = posix_spawnp(
      &child, "flock", &actions, nil, arguments + [nil], holdfast_environment())
    if code != 0 { try Test.cancel("this system has no flock") }
    self.child = child
    var byte: UInt8 = 7
    Glibc.write(input[1], &byte, 1)
    _ = read(output[0], &byte, 1)
    // cat ends when its input does, so another copy of this end stays open until it is killed.
    keptOpen = dup(input[1])
  }

  private let keptOpen: Int32

  /// Kills it and gives how it ended.
  func kill() -> Int32 {
    Glibc.kill(child, SIGKILL)
    let code = holdfast_wait(child)
    close(keptOpen)
    return code
  }
}
