import CSQLite
import Glibc
import HoldfastDatabase
import Testing

@Suite struct URITests {
  @Test(arguments: ["plain.db", "100%41?mode=ro#x &+.db", "\u{E9}e\u{301} \u{1F600}?\u{301}.db"])
  func `a file is reached whatever its name, with two slashes too`(name: String) throws {
    let folder = TemporaryFolder()
    let path = "/" + folder.file(name)
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI
    let code = sqlite3_open_v2(
      SQLiteURI.text(path: path, isImmutable: false), &handle, flags, nil)
    defer { sqlite3_close_v2(handle) }
    try #require(code == SQLITE_OK)
    #expect(sqlite3_exec(handle, "CREATE TABLE t(x)", nil, nil, nil) == SQLITE_OK)
    #expect(access(path, F_OK) == 0)
  }
}
