import Glibc
import HoldfastDatabase
import Testing

/// The last step of putting another file in a store's place, and what it does when it cannot.
@Suite struct ReplacementTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("store.db") }
  private var kept: String { folder.file("kept.db") }
  private let store = Array("damaged".utf8)
  private let log = Array("its log".utf8)

  init() throws {
    write(store, to: path)
    write(log, to: path + "-wal")
    try withStore(folder.file("new.db")) { try $0.write { _ = try $0.put("new") } }
  }

  private func staged() throws -> (SQLiteReplacement, copy: String) {
    let lock = try #require(try StoreLock.acquire(path: path, mode: .exclusive, kind: "test"))
    let replacement = SQLiteReplacement(lock: lock)
    return (replacement, try replacement.stage(folder.file("new.db")) { _, _ in })
  }

  private func put(_ replacement: SQLiteReplacement) throws -> String? {
    replacement.settle()
    return try replacement.put(keepingAs: kept, lastSequence: 1)
  }

  /// Nothing was changed.
  private func expectUntouched() {
    #expect(bytes(of: path) == store)
    #expect(bytes(of: path + "-wal") == log)
    #expect(!exists(kept))
  }

  @Test func `a store that cannot be read is kept with its log`() throws {
    #expect(try put(try staged().0) == kept)
    #expect(bytes(of: kept) == store)
    #expect(bytes(of: kept + "-wal") == log)
    #expect(try withStore(path) { try $0.itemNames() } == ["new"])
  }

  @Test func `a log without its store is kept alone`() throws {
    unlink(path)
    #expect(try put(try staged().0) == kept + "-wal")
    #expect(bytes(of: kept + "-wal") == log)
    #expect(!exists(kept))
    #expect(try withStore(path) { try $0.itemNames() } == ["new"])
  }

  @Test func `an empty store does not lose its log`() throws {
    write([], to: path)
    #expect(try put(try staged().0) == kept)
    #expect(bytes(of: kept + "-wal") == log)
    #expect(try withStore(path) { try $0.itemNames() } == ["new"])
  }

  @Test func `where nothing was, nothing is kept`() throws {
    unlink(path)
    unlink(path + "-wal")
    #expect(try put(try staged().0) == nil)
    #expect(try withStore(path) { try $0.itemNames() } == ["new"])
  }

  @Test func `a log that cannot be put aside leaves all as it was`() throws {
    // No file takes the place of a folder.
    mkdir(kept + "-wal", 0o700)
    let replacement = try staged().0
    #expect(throws: DatabaseError.self) { try put(replacement) }
    expectUntouched()
  }

  @Test func `a copy that cannot take the place leaves all as it was`() throws {
    let (replacement, copy) = try staged()
    unlink(copy)
    let error = #expect(throws: DatabaseError.self) { try put(replacement) }
    #expect(error?.message.contains("nothing was changed") == true)
    expectUntouched()
    #expect(!exists(kept + "-wal"))
  }
}
