import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Backup, restore, and copies made by other programs.
@Suite struct BackupTests {
  let folder = TemporaryFolder()
  var file: StoreFile { StoreFile(folder.file("taskstore.db")) }
  var copy: String { folder.file("copy.db") }

  private func fill(_ steps: Int = 200, seed: UInt64 = 1) throws {
    try file.open { store in
      var history = RandomHistory(seed: seed)
      try history.run(steps: steps, on: store)
    }
  }

  /// Runs `body` beside a writer that never rests.
  private func underLoad(_ body: (Store) throws -> Void) throws {
    try file.open { store in
      let stop = Handover<Bool>()
      let ended = Handover<Bool>()
      try startThread(name: "load") {
        var history = RandomHistory(seed: 99)
        while stop.value == nil { try? history.run(steps: 2, on: store) }
        ended.set(true)
      }
      defer {
        stop.set(true)
        _ = ended.wait()
      }
      try body(store)
    }
  }

  private func check(_ path: String) throws -> VerifyReport {
    try Verify().run(on: try Store(database: SQLiteFile(path: path, schema: StoreSchema.current)))
  }

  @Test func `a backup under load is clean, private, and opens as a store`() throws {
    try fill()
    try underLoad { store in
      let report = try Backup(to: copy).run(on: store)
      #expect(report.check.isClean)
      #expect(report.check.events >= 150)
    }
    #expect(fileMode(copy) == 0o600)
    #expect(!fileExists(copy + ".partial"))
    #expect(!fileExists(copy + "-wal"))
    #expect(try StoreFile(copy).open { try Verify().run(on: $0) }.problems == [])
  }

  @Test func `a backup never replaces a file`() throws {
    try fill(20)
    try writeFile(copy, Array("precious".utf8))
    try file.open { store in
      #expect(throws: HoldfastError.self) { try Backup(to: copy).run(on: store) }
    }
    #expect(try readFile(copy) == Array("precious".utf8))
  }

  @Test func `a backup of a damaged store is refused, and kept under another name`() throws {
    try fill(100)
    try file.damage("UPDATE tasks SET goal = 'x'")
    try file.open { store in
      let error = #expect(throws: HoldfastError.self) { try Backup(to: copy).run(on: store) }
      #expect(error?.code == .corrupt)
    }
    #expect(!fileExists(copy))
    #expect(fileExists(copy + ".damaged"))
  }

  @Test func `VACUUM INTO beside a store under load gives a clean store`() throws {
    try fill()
    try underLoad { _ in
      let foreign = try ForeignSQLite(path: file.path)
      try foreign.run("VACUUM INTO '\(copy)'")
      foreign.close()
    }
    #expect(try check(copy).problems == [])
    #expect(try StoreFile(copy).open { try Verify().run(on: $0) }.isClean)
  }

  @Test func `a plain copy of a closed store is clean`() throws {
    try fill()
    #expect(!fileExists(file.path + "-wal"))
    try writeFile(copy, try readFile(file.path))
    #expect(try check(copy).problems == [])
  }

  @Test func `a store in use is not opened as a finished file`() throws {
    try file.open { store in
      var history = RandomHistory(seed: 1)
      try history.run(steps: 20, on: store)
      #expect(throws: DatabaseError.self) {
        try SQLiteFile(path: file.path, schema: StoreSchema.current)
      }
    }
  }

  // MARK: Restore

  @Test func `a restore brings the backup back, in a new epoch`() throws {
    try fill(100)
    try file.open { _ = try Backup(to: copy).run(on: $0) }
    let before = try readFile(copy)
    try fill(100, seed: 2)
    let old = try file.open { try Verify().run(on: $0) }
    let report = try Restore(copy, to: file.path).run()
    #expect(report.epoch == 2)
    #expect(try readFile(copy) == before)
    let now = try file.open { try Verify().run(on: $0) }
    #expect(now.problems == [])
    #expect(now.events < old.events)
    #expect(now.events == report.check.events + 1)
    #expect(fileMode(file.path) == 0o600)
    // The old store is beside it, whole.
    #expect(try check(report.kept).events == old.events)
    // Once more from the same backup: the epoch is not used twice.
    #expect(try Restore(copy, to: file.path).run().epoch == 3)
    try fill(20, seed: 3)
    #expect(
      names(in: folder.path).allSatisfy { !$0.hasSuffix("-wal") && !$0.hasSuffix(".restoring") })
  }

  @Test func `a restore is refused while the store is in use`() throws {
    try fill(50)
    try file.open { store in
      _ = try Backup(to: copy).run(on: store)
      let error = #expect(throws: HoldfastError.self) { try Restore(copy, to: file.path).run() }
      #expect(error?.code == .conflict)
      #expect(error?.message.contains("in use by 'test'") == true)
    }
  }

  @Test func `a restore makes a store where there was none`() throws {
    try fill(50)
    let target = folder.file("new.db")
    let report = try Restore(file.path, to: target).run()
    #expect(report.kept == "")
    #expect(try StoreFile(target).open { try Verify().run(on: $0) }.isClean)
  }

  @Test(arguments: [
    "UPDATE tasks SET goal = 'x'", "DELETE FROM events WHERE seq = 5", "PRAGMA user_version = 999",
    "PRAGMA application_id = 1",
  ])
  func `a backup that is not whole is refused, and nothing changes`(damage: String) throws {
    try fill(100)
    try file.open { _ = try Backup(to: copy).run(on: $0) }
    try StoreFile(copy).damage(damage)
    let before = try readFile(file.path)
    #expect(throws: HoldfastError.self) { try Restore(copy, to: file.path).run() }
    #expect(try readFile(file.path) == before)
    #expect(!names(in: folder.path).contains { $0.contains("restor") })
  }

  @Test func `files that are no backup are refused`() throws {
    try fill(20)
    try writeFile(copy, Array("text".utf8))
    #expect(throws: HoldfastError.self) { try Restore(copy, to: file.path).run() }
    try writeFile(copy, [UInt8]())
    #expect(throws: HoldfastError.self) { try Restore(copy, to: file.path).run() }
    #expect(throws: HoldfastError.self) { try Restore(folder.file("no"), to: file.path).run() }
    #expect(throws: HoldfastError.self) { try Restore(file.path, to: file.path).run() }
  }

  @Test
  func `the log of a store that was not closed is kept with it, and never played into the new one`()
    throws
  {
    try fill(50)
    try file.open { _ = try Backup(to: copy).run(on: $0) }
    // As a crash leaves it: the file and a log with acknowledged writes.
    let crashed = folder.file("crashed.db")
    try file.open { store in
      var history = RandomHistory(seed: 5)
      try history.run(steps: 60, on: store)
      try writeFile(crashed, try readFile(file.path))
      try writeFile(crashed + "-wal", try readFile(file.path + "-wal"))
    }
    let report = try Restore(copy, to: crashed).run()
    let now = try StoreFile(crashed).open { try Verify().run(on: $0) }
    #expect(now.problems == [])
    #expect(now.events == report.check.events + 1)
    #expect(try check(report.kept).events > now.events)
  }

  @Test func `a log whose store is gone is kept, and never played into the new one`() throws {
    try fill(50)
    try file.open { _ = try Backup(to: copy).run(on: $0) }
    let crashed = folder.file("crashed.db")
    try file.open { store in
      var history = RandomHistory(seed: 5)
      try history.run(steps: 60, on: store)
      try writeFile(crashed + "-wal", try readFile(file.path + "-wal"))
    }
    let log = try readFile(crashed + "-wal")
    let report = try Restore(copy, to: crashed).run()
    #expect(report.kept.hasSuffix("-wal"))
    #expect(try readFile(report.kept) == log)
    #expect(try StoreFile(crashed).open { try Verify().run(on: $0) }.problems == [])
  }

  @Test func `numbers that were given out are not given out again`() throws {
    try fill(30)
    try file.open { _ = try Backup(to: copy).run(on: $0) }
    try fill(60, seed: 2)
    let old = try file.open { $0.database.health.lastSequence }
    _ = try Restore(copy, to: file.path).run()
    let restored = try file.open { store in
      let verified = try Verify().run(on: store)
      #expect(verified.problems == [])
      #expect(verified.lastSequence > old)
      return verified.lastSequence
    }
    // Also when only the lock file still knows of them.
    try fill(60, seed: 3)
    let newer = try file.open { $0.database.health.lastSequence }
    #expect(newer > restored)
    removeFile(file.path)
    _ = try Restore(copy, to: file.path).run()
    try fill(5, seed: 4)
    try file.open { store in
      #expect(try Verify().run(on: store).problems == [])
      let page = try store.list("event_list", [("after", .string("\(newer)"))])
      #expect(page["events"]?.arrayValue?.first?["type"] == "store_restored")
      #expect(page["events"]?.arrayValue?.count ?? 0 > 1)
    }
  }

  @Test func `a store that is damaged beyond reading is put aside with its log`() throws {
    try fill(50)
    try file.open { _ = try Backup(to: copy).run(on: $0) }
    let broken = folder.file("broken.db")
    try writeFile(broken, [UInt8](repeating: 0x5A, count: 40_000))
    try writeFile(broken + "-wal", [UInt8](repeating: 0x5A, count: 4000))
    let report = try Restore(copy, to: broken).run()
    #expect(report.epoch > 1_000_000)
    #expect(try readFile(report.kept).first == 0x5A)
    #expect(fileExists(report.kept + "-wal"))
    #expect(try StoreFile(broken).open { try Verify().run(on: $0) }.isClean)
  }

  @Test func `the status counts and measures`() throws {
    try fill(200)
    try file.open { store in
      let report = try StoreStatus(location: file.path).run(on: store)
      #expect(report.projects == 3)
      #expect(report.tasks.map(\.status) == ["ready"])
      #expect(report.tasks.first?.count ?? 0 > 5)
      #expect(report.signals.count >= 2)
      #expect(report.events == report.lastSequence)
      #expect(report.space.contains { $0.what == "history: every change, and the texts" })
      #expect(report.space.allSatisfy { !$0.what.isEmpty && $0.bytes > 0 })
      #expect(report.textBytes > 0)
      #expect(report.historyTextBytes ?? 0 > 0)
      let quick = try StoreStatus(location: file.path, measuresSpace: false).run(on: store)
      #expect(quick.space.isEmpty)
      #expect(quick.tasks == report.tasks)
    }
  }
}
