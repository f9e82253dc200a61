import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Rows 19 and 23 of section 16 of the task graph's contract: what comes from elsewhere, and goes there.
@Suite struct TaskGraphExchangeContract {
  let folder = TemporaryFolder()

  private func importing(
    _ file: String, into store: Store, _ mode: ImportMode = .merge, remaps: Bool = false,
    isDryRun: Bool = false
  ) throws -> ImportReport {
    var options = ImportOptions()
    options.mode = mode
    options.remapsIDs = remaps
    return try Import(
      try ImportSource.detect(file), project: try ProjectName("p"), isDryRun: isDryRun,
      options: options
    ).run(on: store)
  }

  private func export(_ store: Store) throws -> [UInt8] {
    let taken = Handover<[UInt8]>()
    taken.set([])
    _ = try Export(project: nil) { taken.set((taken.value ?? []) + $0) }.run(on: store)
    return taken.value ?? []
  }

  private func get(_ store: Store, _ task: String) throws -> JSON {
    try store.list("task_get", [("project", "p"), ("task", .string(task))])
  }

  private func steps(_ store: Store, _ task: String) throws -> [String] {
    let answer = try store.list("task_history", [("project", "p"), ("task", .string(task))])
    return (answer["history"]?.arrayValue ?? []).map { step in
      ["status", "worker_id", "reason", "timestamp", "end_timestamp"]
        .map { step[$0]?.stringValue ?? "" }.joined(separator: " ")
    }
  }

  private func expectSame(
    _ task: String, in one: Store, and other: Store, but left: Set<String>,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    func members(_ store: Store) throws -> [String: JSON] {
      var found: [String: JSON] = [:]
      for member in try get(store, task).objectValue?.members ?? []
      where !left.contains(member.key) {
        found[member.key] = member.value
      }
      return found
    }
    let (a, b) = (try members(one), try members(other))
    for key in Set(a.keys).union(b.keys).sorted() {
      #expect(a[key] == b[key], "\(task): \(key)", sourceLocation: location)
    }
  }

  @Test func `16.19 imports are fresh, replace or merge, and a snapshot comes back identical`()
    throws
  {
    let path = folder.file("tasks.db")
    try TaskGraphFile.seed(path, version: 5)
    let backing = try TestStore()
    let store = backing.store
    let live = "SELECT count(*) FROM tasks WHERE deleted_at IS NULL"
    func count() throws -> Int64? {
      try store.database.read { try $0.first(SQL(live), []) { $0.int(0) } }
    }
    #expect(try importing(path, into: store, isDryRun: true).projects.first?.tasks == 6)
    #expect(try count() == 0, "a dry run writes nothing")
    #expect(try importing(path, into: store, .fresh).projects.first?.tasks == 6)
    let again = #expect(throws: HoldfastError.self) { try importing(path, into: store, .fresh) }
    #expect(again?.code == .conflict)
    #expect(try count() == 6)
    #expect(try importing(path, into: store, .merge).addsNothing)
    #expect(try importing(path, into: store, .replace).projects.first?.tasksReplaced == 6)
    #expect(try count() == 6)
    _ = try importing(path, into: store, remaps: true)
    #expect(try count() == 12)
    for ship in try store.texts(
      "SELECT filename FROM tasks WHERE title = 'Ship' AND deleted_at IS NULL")
    {
      let task = try get(store, ship)
      let blocker = try get(store, try #require(task["blocked_by"]?.arrayValue?.first?.stringValue))
      #expect(blocker["title"] == "Root" && (ship == "ship") == (blocker["id"] == "root"))
    }
    try store.expectClean()
    // A snapshot of the later generation, there and back.
    let snapshot = folder.file("snapshot.json")
    try writeFile(snapshot, Array(TaskGraphFile.snapshot.utf8))
    let first = try TestStore()
    _ = try importing(snapshot, into: first.store)
    let a = try get(first.store, "a")
    #expect(a["priority_value"] == 7 && a["tags"] == ["t"] && a["needed_tags"] == ["n"])
    #expect(a["phase"] == "review" && a["user_metrics"] == ["metric_7": 9] && a["tokens_in"] == 1)
    try writeFile(folder.file("lines.jsonl"), try export(first.store))
    let second = try TestStore()
    _ = try Import(try ImportSource.detect(folder.file("lines.jsonl"))).run(on: second.store)
    for task in ["a", "b"] {
      try expectSame(task, in: first.store, and: second.store, but: ["revision"])
    }
    #expect(try steps(first.store, "a") == steps(second.store, "a"))
    let other = TaskGraphFile.snapshot.replacing(
      "\"schema_version\": 3", with: "\"schema_version\": 99")
    try writeFile(snapshot, Array(other.utf8))
    #expect(throws: HoldfastError.self) { try importing(snapshot, into: TestStore().store) }
  }

  @Test func `16.23 what is exported comes back to the byte, with history, deletions and media`()
    throws
  {
    let first = try TestStore()
    let store = first.store
    try store.mutate("agent_connect", [("agent", "ada")])
    for (id, fields) in [
      ("one", []), ("two", [("blocked_by", ["one"])]), ("gone", [("parent", "one")]),
    ] as [(String, [(String, JSON)])] {
      try store.mutate(
        "task_create", [("project", "p"), ("title", .string(id)), ("id", .string(id))] + fields)
    }
    let one: [(String, JSON)] = [("project", "p"), ("task", "one"), ("agent", "ada")]
    for (operation, fields) in [
      ("task_claim", []), ("task_release", [("reason", "lunch")]), ("task_claim", []),
      ("task_fail", [("reason", "no disk")]), ("task_reopen", [("reason", "disk")]),
    ] as [(String, [(String, JSON)])] { try store.mutate(operation, one + fields) }
    let media = Base64.encode([0xFF, 0x00, 0x0A])
    try store.mutate(
      "task_attach",
      [
        ("project", "p"), ("task", "one"), ("name", "shot"), ("mime", "image/png"),
        ("content", ["base64": .string(media)]),
      ])
    try store.mutate("task_delete", [("project", "p"), ("task", "gone")])
    let exported = try export(store)
    try writeFile(folder.file("lines.jsonl"), exported)
    let second = try TestStore()
    _ = try Import(try ImportSource.detect(folder.file("lines.jsonl"))).run(on: second.store)
    #expect(try export(second.store) == exported)
    // The number of the last claim is the store's own.
    try expectSame("one", in: store, and: second.store, but: ["revision", "fence"])
    #expect(try steps(second.store, "one") == steps(store, "one"))
    #expect(try steps(second.store, "one").count == 6)
    let attached = try second.store.list(
      "attachment_get", [("project", "p"), ("task", "one"), ("index", 0)])
    #expect(attached["content"] == ["base64": .string(media)])
    let restored = try second.store.mutate("task_restore", [("project", "p"), ("task", "gone")])
    #expect(restored["parent"] == "one")
    try second.store.expectClean()
    // One that fails in its last line leaves what was there.
    let before = try export(second.store)
    try writeFile(folder.file("cut.jsonl"), Array(exported.dropLast(200)))
    #expect(throws: HoldfastError.self) {
      try Import(try ImportSource.detect(folder.file("cut.jsonl"))).run(on: second.store)
    }
    #expect(try export(second.store) == before)
    let old = folder.file("old.db")
    try TaskGraphFile.seed(old, version: 1)
    let third = try TestStore()
    let report = try importing(old, into: third.store)
    #expect(report.projects.first?.dependencies == 2)
    #expect((report.projects.first?.attachments ?? 0) > 0)
    #expect(try get(third.store, "ship")["blocked_by"] == ["root"])
  }
}
