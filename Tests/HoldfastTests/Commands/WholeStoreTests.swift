import HoldfastJSON
import HoldfastTesting
import Testing

/// Commands that span the store, and where the store may be.
@Suite struct WholeStoreTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  /// An export of a store with the projects `one` and `two`, of which `two` is also called `alias`.
  private func exported() throws -> String {
    for project in ["one", "two"] {
      #expect(try home.run("task", "create", "t-\(project)", "--project", project).code == 0)
    }
    #expect(try home.run("project", "alias", "two", "alias").code == 0)
    let path = home.folder.file("all.jsonl")
    #expect(try home.run("export", "--all", "--output", path).code == 0)
    return path
  }

  @Test func `an export of several projects is imported whole`() throws {
    let path = try exported()
    let other = try TestHome(on: .wanted)
    let imported = try other.run("import", path)
    #expect(imported.code == 0 && imported.output.contains("one: 1 task"), "\(imported)")
    #expect(imported.output.contains("two: 1 task, 1 alias"), "\(imported)")
    #expect(try other.run("project", "list").printed("one\ntwo\n"))
    #expect(try other.run("task", "list", "--project", "alias").output.contains(" t-two "))
    #expect(try other.run("import", path).printed("one: nothing new\ntwo: nothing new\n"))
    #expect(try other.run("verify").code == 0)
  }

  @Test func `of an export one project is imported when it is named`() throws {
    let path = try exported()
    let other = try TestHome(on: .wanted)
    #expect(try other.run("import", path, "--project", "two").code == 0)
    #expect(try other.run("project", "list").printed("two\n"))
    let refused = try other.run("import", path, "--project", "three")
    #expect(refused.code == 3 && refused.output.isEmpty)
    #expect(refused.errors.contains("belongs to project three; it holds: \"one\", \"two\""))
  }

  @Test func `what names no project is imported into the current one`() throws {
    let path = home.folder.file("plan-state.json")
    try writeFile(path, #"{"plans":{"x":{"status":"ready"}}}"#)
    #expect(try home.run("import", path).output.hasPrefix("p: 1 task"))
    #expect(try home.run("import", path, "--project", "q").output.hasPrefix("q: 1 task"))
  }

  @Test(.disabled(if: PostgreSQLCluster.isWanted, "a backup is a file"))
  func `a store is restored, not imported`() throws {
    #expect(try home.run("task", "create", "t").code == 0)
    let path = home.folder.file("monday.db")
    #expect(try home.run("backup", path).code == 0)
    let refused = try home.run("import", path)
    #expect(refused.code == 2)
    #expect(refused.errors.contains("is a Holdfast store: use restore, or export it"))
  }

  @Test(.disabled(if: PostgreSQLCluster.isWanted, "there is a database"))
  func `nothing is told of a store that is not there`() throws {
    let copy = home.folder.file("copy")
    for words in [["backup", copy], ["verify"], ["status"], ["export", "--output", copy]] {
      for place in [[], ["--store", "typo.db"]] {
        let result = try home.run(words + place)
        #expect(result.code == 3 && result.output.isEmpty, "\(words): \(result)")
        #expect(result.errors.contains("there is no store /"))
      }
    }
    for path in [copy, home.folder.file("typo.db"), home.storePath] { #expect(!fileExists(path)) }
  }

  @Test(.disabled(if: PostgreSQLCluster.isWanted, "it is about files"))
  func `only the folder of the usual store is made`() throws {
    for place in ["http//x", "none/x.db"] {
      for words in [["task", "list"], ["import", "none"]] {
        let result = try home.run(words + ["--store", place])
        #expect(result.code == 3, "\(words): \(result)")
        #expect(result.errors.contains("there is no folder"))
      }
    }
    #expect(!fileExists(home.folder.file("http")) && !fileExists(home.folder.file("none")))
    #expect(try home.run("task", "list").printed(""))
    #expect(fileMode(home.folder.file(".config/holdfast")) == 0o700)
  }

  @Test func `damage has an exit code`() throws {
    #expect(try home.run("task", "create", "t").code == 0)
    #expect(try home.run("verify").code == 0)
    try home.damage("UPDATE tasks SET description = 'another'")
    let verified = try home.run("verify")
    #expect(verified.code != 0 && verified.output.hasSuffix("damaged\n"), "\(verified)")
  }

  @Test func `an export that fails leaves no file in the way`() throws {
    #expect(try home.run("task", "create", "t").code == 0)
    let path = home.folder.file("e.jsonl")
    #expect(try home.run("export", "--project", "none", "--output", path).code == 3)
    let names = try ChildProcess.run(["ls", home.folder.path]).output
    #expect(!names.contains("e.jsonl"))
    #expect(try home.run("export", "--output", path).printed("exported to \(path)\n"))
    #expect(fileMode(path) == 0o600)
    let again = try home.run("export", "--output", path)
    #expect(again.code == 4 && again.errors.contains("File exists"))
    let without = try home.run("export", "--output", home.folder.file("none/e.jsonl"))
    #expect(without.code != 0 && without.errors.contains("cannot be written"))
  }
}
