import Glibc
import HoldfastJSON
import HoldfastTesting
import Testing

/// What commands say of a file that is no store.
@Suite struct OpeningErrorTests {
  let home = TestHome()

  private func refusal(_ words: String...) throws -> (code: String, error: String, exit: Int32) {
    let result = try home.run(words + ["--json"])
    let json = try JSONReader.read(Array(result.errors.utf8))
    return (json["code"]?.stringValue ?? "", json["error"]?.stringValue ?? "", result.code)
  }

  /// It names the path, begins like all errors, and shows nothing of the engine.
  private func check(_ error: String, _ path: String) {
    #expect(error.hasPrefix("\(path): "), "\(error)")
    #expect(!error.contains("SQLite") && !error.hasSuffix("."), "\(error)")
    let words = error.dropFirst(path.utf8.count + 2)
    #expect(words.first?.isLowercase == true, "\(error)")
  }

  @Test func `a file that is no database is corrupt`() throws {
    let path = home.folder.file("t.db")
    try writeFile(path, [UInt8](repeating: 0x5a, count: 40_000))
    let refusal = try refusal("task", "list", "--store", path)
    #expect(refusal.code == "corrupt_store" && refusal.exit == 1)
    check(refusal.error, path)
    let serve = try self.refusal("serve", "--port", "0", "--db", path)
    #expect(serve.code == "corrupt_store" && serve.exit == 1)
    check(serve.error, path)
  }

  @Test func `a folder cannot be opened`() throws {
    let path = home.folder.file("folder")
    mkdir(path, 0o700)
    let refusal = try refusal("task", "list", "--store", path)
    #expect(refusal.code == "unavailable" && refusal.exit == 5)
    check(refusal.error, path)
  }

  @Test func `a store of a newer version is read only`() throws {
    #expect(try home.run("task", "create", "t").code == 0)
    try StoreFile(home.storePath).damage("PRAGMA user_version = 999")
    let refusal = try refusal("task", "create", "u")
    #expect(refusal.code == "read_only" && refusal.exit == 1)
    #expect(refusal.error.hasPrefix("the store has schema 999, "))
  }

  @Test func `a backup or an import that is not there is not found`() throws {
    #expect(try home.run("task", "create", "t").code == 0)
    for command in ["restore", "import"] {
      let refusal = try refusal(command, "nothing.db")
      #expect(refusal.exit == 3, "\(command): \(refusal.error)")
    }
  }

  @Test func `what is no backup is said of the backup`() throws {
    #expect(try home.run("task", "create", "t").code == 0)
    let folder = try refusal("restore", home.folder.path)
    #expect(folder.error == "\(home.folder.path) is no file, and so no backup")
    #expect(try home.run("backup", "whole.db").code == 0)
    let whole = try readFile(home.folder.file("whole.db"))
    try writeFile(home.folder.file("cut.db"), Array(whole.prefix(whole.count / 2)))
    let cut = try refusal("restore", home.folder.file("cut.db"))
    #expect(cut.code == "corrupt_store")
    #expect(cut.error.contains(home.folder.file("cut.db")), "\(cut.error)")
    #expect(!cut.error.contains("holdfast restore"), "\(cut.error)")
  }
}
