import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// The index of the search, which follows the log.
@Suite struct SearchIndexTests {
  let backing: TestStore
  var store: Store { backing.store }

  init() throws { backing = try TestStore() }

  private func create(_ count: Int, from first: Int = 0, in store: Store? = nil) throws {
    let store = store ?? self.store
    for start in stride(from: first, to: first + count, by: 500) {
      _ = try store.run(
        Work { changes in
          for number in start..<min(start + 500, first + count) {
            _ = try changes.make("t\(number)", "common word\(number) end")
          }
        })
    }
  }

  private func names(_ query: String, in store: Store? = nil) throws -> [String] {
    let answer = try (store ?? self.store).list(
      "task_search", [("project", "p"), ("q", .string(query)), ("limit", 100)])
    return answer["tasks"]?.arrayValue?.map { $0["filename"]?.stringValue ?? "" } ?? []
  }

  private func cursor() throws -> Int64 {
    try backing.database.read { try SearchBacklog.cursor($0) }
  }

  private func documents() throws -> Int64 {
    try backing.database.read {
      try $0.first("SELECT count(*) FROM search_documents") { $0.int(0) }
    }
      ?? -1
  }

  @Test func `a search far ahead of the index answers, and brings that nearer`() throws {
    try create(10_000)
    #expect(try cursor() == 0)
    #expect(try names("word9999") == ["t9999"])
    #expect(try cursor() > 0)
    #expect(try names("word1") == ["t1"])
    #expect(try names("common").count == 100)
    try store.search.catchUp()
    #expect(try documents() == 10_000)
    #expect(try cursor() == backing.database.health.lastSequence)
    #expect(try names("word5000") == ["t5000"])
  }

  @Test func `a search of a store that is tended leaves the index to that`() throws {
    store.search.tend()
    store.search.waitForTending()
    let before = try cursor()
    try create(3_000)
    #expect(try names("word2999 -end") == [])
    #expect(try names("word2999 end") == ["t2999"])
    #expect(try names("common").count == 100)
    #expect(try cursor() == before)
  }

  @Test func `a few changes are looked through, and the index stays where it is`() throws {
    try create(100)
    #expect(try names("word99") == ["t99"])
    #expect(try cursor() == 0)
  }

  @Test func `long texts bring the index nearer, however few they are`() throws {
    let text = String(repeating: "filler ", count: 30_000)
    _ = try store.run(
      Work { changes in
        for number in 0..<12 { _ = try changes.make("t\(number)", "word\(number) \(text)") }
      })
    #expect(try names("word11") == ["t11"])
    #expect(try cursor() > 0)
  }

  @Test func `what is tended follows the log`() throws {
    try create(300)
    store.search.tend()
    store.search.waitForTending()
    #expect(try documents() == 300)
    store.search.stop()
    try create(200, from: 300)
    store.search.tend()
    #expect(try documents() == 300)
    #expect(try names("word499") == ["t499"])
  }

  @Test func `an index that was dropped is made again`() throws {
    try create(20)
    try store.search.catchUp()
    for damage in [
      ["DROP TABLE search_state"], ["DROP TABLE search_documents"], ["DELETE FROM search_state"],
      TestStore.Engine.wanted == .sqlite ? ["DROP TABLE search_words"] : [],
    ] {
      for statement in damage { try backing.damage(statement) }
      #expect(try names("word7") == ["t7"], "\(damage)")
      try create(1, from: Int(backing.database.health.lastSequence))
      try store.search.catchUp()
      #expect(try names("word8") == ["t8"], "\(damage)")
    }
    #expect(try documents() == 24)
  }

  @Test func `a damaged index of words is made again`() throws {
    guard TestStore.Engine.wanted == .sqlite else { return }
    try create(200)
    try store.search.catchUp()
    try backing.damage("DELETE FROM search_words_data WHERE id > 10")
    #expect(try names("word7") == ["t7"])
    try store.search.catchUp()
    #expect(try names("common").count == 100)
    #expect(try documents() == 200)
  }

  @Test func `an index can be made again at any time`() throws {
    try create(30)
    let report = try SearchRebuild().run(on: store)
    #expect(report.tasks == 30)
    #expect(try names("word29") == ["t29"])
    #expect(try Verify().run(on: store).isClean)
  }

  @Test(arguments: [
    "DELETE FROM search_documents WHERE id = 7",
    "UPDATE search_documents SET title = 'x' WHERE id = 7",
    "UPDATE tasks SET deleted_at = 1 WHERE id = 7", "DROP TABLE search_state",
    TestStore.Engine.wanted == .sqlite
      ? "INSERT INTO search_words(search_words) VALUES ('delete-all')"
      : "UPDATE search_documents SET words = CAST('' AS tsvector)",
  ])
  func `verify finds an index that is not what the tasks say`(damage: String) throws {
    try create(30)
    try store.search.catchUp()
    try create(5, from: 30)
    #expect(try Verify().run(on: store).problems == [])
    try backing.damage(damage)
    let problems = try Verify().run(on: store).problems
    #expect(problems.contains { $0.contains("'holdfast reindex'") }, "\(damage): \(problems)")
    _ = try SearchRebuild().run(on: store)
    guard !damage.contains("UPDATE tasks") else { return }
    #expect(try Verify().run(on: store).problems == [])
  }

  @Test func `many searches and a thread may index at once`() throws {
    try create(3_000)
    TestThread.concurrently(4) { number in
      store.search.tend()
      for _ in 0..<5 {
        let found = try? names("word\(number)")
        #expect(found == ["t\(number)"])
      }
    }
    try store.search.catchUp()
    #expect(try documents() == 3_000)
    #expect(try names("word2999") == ["t2999"])
  }

  private struct Crash: Error {}

  @Test func `work that ended in the middle is gone on with`() throws {
    try create(1_500)
    #expect(throws: Crash.self) {
      try SearchRebuild().run(on: store) { if $0.done > 500 { throw Crash() } }
    }
    let reached = try cursor()
    #expect(reached > 500 && reached < backing.database.health.lastSequence)
    let another = try Store(database: backing.database)
    #expect(try names("word1499", in: another) == ["t1499"])
    try another.search.catchUp()
    #expect(try documents() == 1_500)
    #expect(try names("word3", in: another) == ["t3"])
  }

  @Test func `a file that was left in the middle of indexing is whole`() throws {
    guard TestStore.Engine.wanted == .sqlite else { return }
    try create(1_500)
    let copy = TemporaryFolder()
    try store.search.catchUp { done, _ in
      guard done > 500, !fileExists(copy.file("taskstore.db")) else { return }
      // Between two steps, as a process that is killed there would leave it.
      for end in ["", "-wal"] {
        try writeFile(
          copy.file("taskstore.db\(end)"), readFile(backing.folder.file("taskstore.db\(end)")))
      }
    }
    let path = copy.file("taskstore.db")
    let left = try Store(
      opening: SQLiteConfiguration(path: path), lock: try takeLock(path), settings: StoreSettings())
    defer { left.database.close() }
    let cursor = try left.database.read { try SearchBacklog.cursor($0) }
    #expect(cursor > 500 && cursor < left.database.health.lastSequence)
    #expect(try names("word1499", in: left) == ["t1499"])
    try left.search.catchUp()
    #expect(try names("word3", in: left) == ["t3"])
    #expect(try Verify().run(on: left).isClean)
  }

  @Test func `steps that meet other writes make room, and lose nothing`() throws {
    try create(400)
    TestThread.concurrently(3) { number in
      if number == 0 {
        for _ in 0..<50 { store.search.tend() }
      } else {
        for write in 0..<100 { try? create(1, from: 1_000 * number + write) }
      }
    }
    store.search.stop()
    try store.search.catchUp()
    #expect(try documents() == 600)
    for word in ["word399", "word1099", "word2099"] { #expect(try names(word).count == 1) }
  }
}

extension Changes {
  /// Makes a task of project `p` with a text.
  fileprivate func make(_ name: String, _ text: String) throws -> Int64 {
    let project = try projectKeyForWriting(ProjectName("p"))
    return try record(.taskCreated, project: project) { event in
      var task = TaskEntry(project: project, filename: try TaskFilename(name), status: .ready)
      task.revision = event.sequence
      event.set(TaskText(Array(text.utf8)), of: &task)
      task.id = try event.insert(task)
      event.task = task.id
      return task.id
    }
  }
}
