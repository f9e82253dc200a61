import HoldfastJSON
import HoldfastTesting
import Testing

/// The commands that span the store, and those that show the settings.
@Suite struct StoreCommandTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private func serving(_ place: Place) throws -> TestService? {
    place == .server ? try home.serve() : nil
  }

  @Test(arguments: Place.allCases)
  func `status counts what is there and sums up what is small`(place: Place) throws {
    let service = try serving(place)
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "a", "--content", "12345").code == 0)
    #expect(try home.run("task", "create", "b").code == 0)
    #expect(try home.run("signal", "emit", "plan_start", "a").code == 0)
    let status = try home.run("status")
    let lines = status.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(status.code == 0 && status.errors.isEmpty)
    let engine = home.isOnFile ? "SQLite 3." : "PostgreSQL 1"
    #expect(lines[0].hasPrefix("store     \(home.store) (\(engine)"))
    #expect(lines[1].hasPrefix("size      ") && lines[1].hasSuffix(" of log") == home.isOnFile)
    #expect(
      lines[2...6] == [
        "projects  1", "tasks     2 ready", "signals   1 pending", "events    4",
        "texts     5 bytes, earlier ones 0 bytes",
      ], "\(status.output)")
    // A new store has a page for each of thirty tables and indexes.
    #expect(lines.count < 14, "\(status.output)")
    #expect(lines.contains { $0.contains(" small tables and indexes ") }, "\(status.output)")
    let json = try home.run("status", "--json").json
    #expect((json?["space"]?.arrayValue?.count ?? 0) > 20)
    #expect(json?["tasks"]?.arrayValue == [["status": "ready", "count": 2]])
  }

  @Test func `status names what takes much space`() throws {
    // A text that does not get smaller by being packed.
    var random = SeededGenerator(seed: 1)
    let text = String(
      decoding: (0..<200_000).map { _ in UInt8(33 + random.next() % 90) }, as: UTF8.self)
    #expect(try home.run("task", "create", "a").code == 0)
    #expect(try home.run("task", "update-content", "a", input: text).code == 0)
    let lines = try home.run("status").output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("history: every change, and the texts  ") })
  }

  @Test func `debug shows the configuration as JSON, the store's path, and where values come from`()
    throws
  {
    let none = try home.run("debug")
    #expect(none.code == 0 && none.errors.isEmpty)
    #expect(none.output.hasPrefix("Config: none\n{\n"))
    #expect(none.output.contains("\nDatabase: \(home.store)\n"))
    _ = try ChildProcess.run(["mkdir", "-p", home.folder.file(".config/holdfast")])
    let file = home.folder.file(".config/holdfast/config.toml")
    _ = try ChildProcess.run(["sh", "-c", "echo 'port = 7999' > \(file)"])
    let some = try home.run("debug")
    #expect(some.output.hasPrefix("Config: \(file)\n"))
    let lines = some.output.split(separator: "\n")
    let object = lines.drop { $0 != "{" }.prefix { $0 != "}" } + ["}"]
    let json = try JSONReader.read(Array(object.joined(separator: "\n").utf8))
    #expect(json["port"] == 7999 && json["project"] == "p")
    let sources = lines.filter { $0.hasPrefix("port ") }
    #expect(sources.count == 1 && sources[0].hasSuffix(file), "\(some.output)")
    #expect(try home.run("config", "port").printed("7999\n"))
    #expect(try home.run("config", "prot").errors.contains(#"did you mean "port"?"#))
  }

  @Test(arguments: Place.allCases)
  func `a store is copied, checked, exported and read in again`(place: Place) throws {
    let service = try serving(place)
    defer { service?.process.signal(15) }
    #expect(try home.run("task", "create", "t", "--content", "# T\n").code == 0)
    let verified = try home.run("verify")
    #expect(verified.code == 0 && verified.output.hasPrefix("clean: "), "\(verified)")
    #expect(try home.run("check").output == verified.output)
    if home.isOnFile {
      let copy = home.folder.file("copy.db")
      let backup = try home.run("backup", copy)
      #expect(backup.output.hasPrefix("backed up to \(copy) ("), "\(backup)")
      #expect(backup.output.hasSuffix(", verified)\n"))
      #expect(try home.run("task", "show", "t", "--store", copy).printed("# T\n"))
      #expect(try home.run("backup", copy).code != 0)
    }
    let lines = try home.run("export").output
    #expect(lines.contains(#""filename":"t""#))
    let file = home.folder.file("p.jsonl")
    #expect(try home.run("export", "--output", file).printed("exported to \(file)\n"))
    #expect(try ChildProcess.run(["cat", file]).output == lines)
    let target = try home.anotherStore("new.db")
    let imported = try home.run("import", file, "--store", target)
    #expect(imported.output.hasPrefix("p: 1 task"), "\(imported)")
    #expect(try home.run("task", "show", "t", "--store", target).printed("# T\n"))
    #expect(try home.run("import", file, "--store", target).output == "p: nothing new\n")
  }

  @Test(.disabled(if: PostgreSQLCluster.isWanted, "pg_restore does that there"))
  func `a backup is put in the place of the store, which is kept`() throws {
    #expect(try home.run("task", "create", "old").code == 0)
    let copy = home.folder.file("copy.db")
    #expect(try home.run("backup", copy).code == 0)
    #expect(try home.run("task", "create", "new").code == 0)
    let restored = try home.run("restore", copy)
    #expect(
      restored.code == 0 && restored.output.hasPrefix("restored \(home.storePath) from \(copy)\n"))
    #expect(restored.output.contains("\nthe file before it is "))
    #expect(try home.run("task", "list", "--json").json?["tasks"]?.arrayValue?.count == 1)
    #expect(try home.run("restore", home.folder.file("none.db")).code != 0)
  }
}
