import CSystem
import Glibc
import HoldfastDatabase
import Testing

@Suite struct OpeningTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("store.db") }

  /// The reason for which the file is refused.
  private func refusal(_ schema: DatabaseSchema = TestSchema.schema()) -> DatabaseError.Kind? {
    #expect(throws: DatabaseError.self) { _ = try openStore(path, schema: schema) }?.kind
  }

  @Test func `a new store is a database of ours`() throws {
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
    let foreign = try ForeignConnection(path)
    #expect(try foreign.run("PRAGMA application_id") == ["\(TestSchema.applicationID)"])
    #expect(try foreign.run("PRAGMA user_version") == ["1"])
    #expect(try foreign.run("PRAGMA page_size") == ["8192"])
    #expect(try foreign.run("PRAGMA journal_mode") == ["wal"])
    #expect(try foreign.run("SELECT name FROM items") == ["a"])
  }

  @Test func `only the owner may read any of the files`() throws {
    let before = umask(0o022)
    defer { umask(before) }
    let path = folder.file("deep/deeper/store.db")
    try withStore(path) { database in
      try database.write { _ = try $0.put("a") }
      _ = try database.itemNames()
      try database.backup(to: folder.file("copy.db")) { _, _ in }
      for name in ["", "-wal", "-shm", ".lock"] { #expect(mode(of: path + name) == 0o600) }
    }
    #expect(mode(of: folder.file("copy.db")) == 0o600)
    #expect(mode(of: folder.file("deep")) == 0o700)
    #expect(mode(of: folder.file("deep/deeper")) == 0o700)
  }

  @Test func `a clean stop leaves the one file with everything in it`() throws {
    try withStore(path) { database in
      for number in 1...20 { try database.write { _ = try $0.put("\(number)") } }
    }
    #expect(folder.names == ["store.db", "store.db.lock"])
    copyFile(path, to: folder.file("copy.db"))
    let (names, problems, last) = try withStore(folder.file("copy.db")) { copy in
      (try copy.itemNames(), try copy.checkIntegrity(), copy.health.lastSequence)
    }
    #expect(names == (1...20).map(String.init))
    #expect(problems == [])
    #expect(last == 20)
  }

  @Test func `a file of no size becomes a store`() throws {
    write([], to: path)
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
  }

  @Test func `a set-up that was cut off is done again`() throws {
    // What a crash leaves between the switch to the log and the first step of the schema.
    try ForeignConnection.makeDatabase(
      path, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; CREATE TABLE t(a); DROP TABLE t")
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
  }

  @Test(arguments: ["DELETE", "WAL"])
  func `a database of another program is refused and left alone`(journal: String) throws {
    try ForeignConnection.makeDatabase(
      path, "PRAGMA journal_mode=\(journal); CREATE TABLE t(a); INSERT INTO t VALUES (1)")
    let before = bytes(of: path)
    #expect(refusal() == .foreignFile)
    #expect(bytes(of: path) == before)
    #expect(folder.names == ["store.db", "store.db.lock"])
  }

  @Test func `the log of another program is not copied into its file`() throws {
    let original = folder.file("original.db")
    let foreign = try ForeignConnection(original)
    try foreign.run("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)")
    copyFile(original, to: path)
    copyFile(original + "-wal", to: path + "-wal")
    let before = (bytes(of: path), bytes(of: path + "-wal"))
    #expect(refusal() == .foreignFile)
    #expect(bytes(of: path) == before.0)
    #expect(bytes(of: path + "-wal") == before.1)
    #expect(try ForeignConnection(path).run("SELECT a FROM t") == ["1"])
  }

  @Test(arguments: [
    Array("This is a text, and not a database at all.".utf8),
    [UInt8](repeating: 0, count: 100), [UInt8](repeating: 0xff, count: 20_000),
    Array("SQLite format 3\0".utf8),
  ])
  func `a file of another kind is refused and left alone`(content: [UInt8]) {
    write(content, to: path)
    #expect([.foreignFile, .corrupt].contains(refusal()))
    #expect(bytes(of: path) == content)
  }

  @Test func `a damaged store is refused and left alone`() throws {
    try withStore(path) { database in
      for number in 1...50 { try database.write { _ = try $0.put("\(number)") } }
    }
    var content = try #require(bytes(of: path))
    // The page with the schema, behind the file's header.
    content.replaceSubrange(100..<8192, with: repeatElement(0xaa, count: 8092))
    write(content, to: path)
    #expect(refusal() == .corrupt)
    #expect(bytes(of: path) == content)
  }

  @Test func `a store that was cut short is refused and left alone`() throws {
    try withStore(path) { database in
      try database.write { _ = try $0.put("a", content: [UInt8](repeating: 1, count: 100_000)) }
    }
    let content = Array(try #require(bytes(of: path)).prefix(5 * 8192 + 100))
    write(content, to: path)
    #expect(refusal() == .corrupt)
    #expect(bytes(of: path) == content)
  }

  @Test func `damage inside a table is found by the check`() throws {
    try withStore(path) { database in
      for number in 1...500 { try database.write { _ = try $0.put("item \(number)") } }
    }
    var content = try #require(bytes(of: path))
    let last = content.count - 8192
    content.replaceSubrange(last..<(last + 4000), with: repeatElement(0x55, count: 4000))
    write(content, to: path)
    let problems = try withStore(path) { database in
      do {
        return try database.checkIntegrity()
      } catch let error as DatabaseError where error.kind == .corrupt {
        return [error.detail]
      }
    }
    #expect(!problems.isEmpty)
  }

  @Test func `a store of a newer version is only read`() throws {
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
    try ForeignConnection.makeDatabase(path, "PRAGMA user_version=2")
    let before = bytes(of: path)
    try withStore(path) { database in
      let names = try database.itemNames()
      #expect(names == ["a"])
      #expect(writeRefusal(database) == .newerSchema)
      #expect(throws: DatabaseError.self) {
        try database.backup(to: folder.file("copy.db")) { _, _ in }
      }
      #expect(!database.health.isWriting)
      #expect(database.health.lastSequence == 1)
      database.endWaits()
    }
    #expect(bytes(of: path) == before)
    let refusal = #expect(throws: DatabaseError.self) {
      try SQLiteFile(path: path, schema: TestSchema.schema())
    }
    #expect(refusal?.kind == .newerSchema)
  }

  @Test func `the log of a newer store is read and not copied into its file`() throws {
    let original = folder.file("original.db")
    let newer = Migration(2, "newer") { try $0.execute("CREATE TABLE newer(a)", []) }
    let database = try openStore(original, schema: TestSchema.schema([TestSchema.first, newer]))
    try database.write { _ = try $0.put("a") }
    copyFile(original, to: path)
    copyFile(original + "-wal", to: path + "-wal")
    database.close()
    let before = (bytes(of: path), bytes(of: path + "-wal"))
    try withStore(path) { database in
      let names = try database.itemNames()
      #expect(names == ["a"])
      #expect(writeRefusal(database) == .newerSchema)
    }
    #expect(bytes(of: path) == before.0)
    #expect(bytes(of: path + "-wal") == before.1)
  }

  private func writeRefusal(_ database: SQLiteDatabase) -> DatabaseError.Kind? {
    #expect(throws: DatabaseError.self) { try database.write { _ = try $0.put("b") } }?.kind
  }

  @Test func `a folder in place of the file is refused`() {
    mkdir(path, 0o700)
    #expect(refusal() == .cannotOpen)
  }

  @Test func `a file that cannot be written is refused`() throws {
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
    let before = bytes(of: path)
    let protected = try Protected(path)
    #expect(refusal() == .readOnly)
    #expect(bytes(of: path) == before)
    _ = protected
  }

  @Test func `a folder that cannot be written is refused`() throws {
    let protected = try Protected(folder.path)
    #expect(refusal() == .readOnly)
    _ = protected
  }

  @Test func `a store that was refused can be opened when the reason is gone`() throws {
    write(Array("text".utf8), to: path)
    #expect(refusal() == .foreignFile)
    unlink(path)
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
  }

  @Test func `health says what is there`() throws {
    let health = try withStore(path) { database in
      try database.write { _ = try $0.put("a") }
      return database.health
    }
    #expect(health.engine.hasPrefix("SQLite 3."))
    #expect(health.isWriting)
    #expect(health.writerStopReason == nil)
    #expect(health.lastSequence == 1)
    #expect(health.walBytes > 0)
    #expect(health.walBytesWritten > 0)
    #expect(health.fileBytes > 0)
  }

  @Test func `space is told by table`() throws {
    let space = try withStore(path) { database in
      try database.write { _ = try $0.put("a", content: [UInt8](repeating: 1, count: 200_000)) }
      return try database.spaceByTable()
    }
    #expect(space.first?.name == "items")
    #expect(try #require(space.first?.bytes) > 200_000)
    #expect(space.map(\.name).contains("log"))
  }
}

/// A file or folder that cannot be written, not even by root.
private final class Protected {
  private let path: String
  private let isImmutable: Bool

  /// - Throws: a cancellation of the test where the system has no way to do it.
  init(_ path: String) throws {
    self.path = path
    isImmutable = geteuid() == 0
    if !isImmutable {
      chmod(path, 0o500)
    } else if !Self.setFlags(path, immutableFlag) {
      try Test.cancel("this file system has no immutable files")
    }
  }

  deinit {
    if isImmutable { _ = Self.setFlags(path, 0) } else { chmod(path, 0o700) }
  }

  // https://man7.org/linux/man-pages/man2/FS_IOC_SETFLAGS.2const.html
  private static func setFlags(_ path: String, _ flags: Int32) -> Bool {
    let descriptor = holdfast_open(path, O_RDONLY, 0)
    defer { close(descriptor) }
    var flags = flags
    return ioctl(descriptor, 0x4008_6602, &flags) == 0
  }
}

private let immutableFlag: Int32 = 0x10
