import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

@testable import HoldfastExchange

/// A project as a snapshot of task-graph-mcp.
@Suite struct TaskGraphSnapshotTests {
  let folder = TemporaryFolder()

  private func importing(_ file: String) throws -> TestStore {
    let backing = try TestStore()
    _ = try Import(try ImportSource.detect(file), project: try ProjectName("p"))
      .run(on: backing.store)
    return backing
  }

  private func export(
    _ store: Store
  ) throws -> (text: String, report: TaskGraphSnapshotReport) {
    let taken = Handover<[UInt8]>()
    taken.set([])
    let report = try TaskGraphSnapshot(project: try ProjectName("p")) {
      taken.set((taken.value ?? []) + $0)
    }.run(on: store)
    return (String(decoding: taken.value ?? [], as: UTF8.self), report)
  }

  private func tables(_ snapshot: String) throws -> JSON {
    try #require(try JSONReader.read(Array(snapshot.utf8))["tables"])
  }

  /// Writes a snapshot of a store and reads it into another one, which must then say the same.
  @discardableResult
  private func expectComesBack(
    _ store: Store, at location: SourceLocation = #_sourceLocation
  ) throws -> TestStore {
    let first = try export(store).text
    let path = folder.file("snapshot-\(Int.random(in: 0..<1 << 40)).json")
    try writeFile(path, Array(first.utf8))
    let other = try importing(path)
    let second = try export(other.store).text
    let (a, b) = (try tables(first), try tables(second))
    for table in a.objectValue?.members ?? [] {
      #expect(table.value == b[table.key], "\(table.key)", sourceLocation: location)
    }
    #expect(first.count > 500, sourceLocation: location)
    try other.store.expectClean()
    return other
  }

  private func get(_ store: Store, _ task: String) throws -> [String: JSON] {
    let task = try store.list("task_get", [("project", "p"), ("task", .string(task))])
    return Dictionary(
      (task.objectValue?.members ?? []).filter { $0.key != "revision" }
        .map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }

  @Test func `what came from the other system goes back, and comes again`() throws {
    let database = folder.file("later.db")
    try TaskGraphFile.later(database)
    let first = try importing(database)
    let second = try expectComesBack(first.store)
    for task in ["top", "one", "two", "three"] {
      let (a, b) = (try get(first.store, task), try get(second.store, task))
      #expect(a == b, "\(task)")
    }
    let snapshot = folder.file("snapshot.json")
    try writeFile(snapshot, Array(TaskGraphFile.snapshot.utf8))
    let third = try importing(snapshot)
    let fourth = try expectComesBack(third.store)
    for task in ["a", "b"] {
      #expect(try get(third.store, task) == get(fourth.store, task), "\(task)")
    }
  }

  @Test(arguments: [1, 5]) func `what the first generation held goes into a snapshot`(
    version: Int
  ) throws {
    let database = folder.file("seed.db")
    try TaskGraphFile.seed(database, version: version)
    let first = try importing(database)
    let second = try expectComesBack(first.store)
    for task in ["root", "plan", "do", "see", "ship", "never"] {
      #expect(try get(first.store, task) == get(second.store, task), "\(task)")
    }
  }

  @Test func `rows are as that system writes them, and says what has no place`() throws {
    let backing = try TestStore()
    let store = backing.store
    try store.mutate("agent_connect", [("agent", "ada"), ("tags", ["go"])])
    func create(_ id: String, _ fields: [(String, JSON)]) throws {
      try store.mutate(
        "task_create", [("project", "p"), ("title", .string(id)), ("id", .string(id))] + fields)
    }
    try create("box", [("priority", 9), ("tags", ["ui"])])
    try create("one", [("parent", "box"), ("needed_tags", ["go"]), ("phase", "build")])
    try create("two", [("parent", "box"), ("join_mode", "also"), ("assignee", "ada")])
    try create("three", [("parent", "box"), ("due_at", "2027-01-01T00:00:00Z")])
    try create("last", [("blocked_by", [["task": "one", "on_failure": "fail"]])])
    try create("gone", [])
    let one: [(String, JSON)] = [("project", "p"), ("task", "one"), ("agent", "ada")]
    try store.mutate("task_claim", one)
    try store.mutate("task_log_cost", one + [("tokens_in", 7), ("tokens_thinking", 3)])
    for index in 0..<3 {
      try store.mutate(
        "task_attach",
        [
          ("project", "p"), ("task", "one"), ("name", .string("n\(index)")),
          ("content", .string("c\(index)")),
        ])
    }
    try store.mutate("task_detach", [("project", "p"), ("task", "one"), ("index", 1)])
    try store.mutate(
      "comment_add", [("project", "p"), ("task", "one"), ("text", "hm"), ("agent", "ada")])
    try store.mutate("task_complete", one)
    try store.mutate("task_delete", [("project", "p"), ("task", "gone")])
    try store.mutate("task_create", [("project", "p"), ("filename", "plan")])
    let (text, report) = try export(store)
    let snapshot = try JSONReader.read(Array(text.utf8))
    #expect(snapshot["schema_version"] == 3 && snapshot["export_version"] == "1.0.0")
    let tasks = snapshot["tables"]?["tasks"]?.arrayValue ?? []
    #expect(tasks.count == 7 && report.tasks == 7 && report.attachments == 2)
    func task(_ id: String) -> JSON? { tasks.first { $0["id"]?.stringValue == id } }
    #expect(task("one")?["status"] == "completed" && task("one")?["metric_0"] == 7)
    #expect(task("one")?["phase"] == "build" && task("one")?["needed_tags"] == #"["go"]"#)
    #expect(task("two")?["status"] == "assigned" && task("two")?["worker_id"] == "ada")
    #expect(task("box")?["priority"] == "9" && task("gone")?["deleted_at"]?.int64Value != nil)
    let edges = snapshot["tables"]?["dependencies"]?.arrayValue ?? []
    #expect(
      edges.map { $0["dep_type"]?.stringValue }
        == ["blocks", "contains", "contains", "contains"])
    let steps = snapshot["tables"]?["task_sequence"]?.arrayValue ?? []
    #expect(
      steps.filter { $0["task_id"] == "one" }.map { $0["status"]?.stringValue }
        == ["pending", "working", "completed"])
    let left = report.leftOut.map { "\($0.what): \($0.count)" }
    #expect(
      left.sorted() == [
        "agents: 1", "comments: 1", "dates of tasks: 1", "names of tasks: 1",
        "workflows of tasks: 1",
      ], "\(left)")
    let other = try expectComesBack(store)
    for id in ["box", "one", "two", "three", "last"] {
      let (a, b) = (try get(store, id), try get(other.store, id))
      for key in [
        "status", "parent", "sibling_order", "join_mode", "assignee", "blocked_by", "tags", "phase",
        "needed_tags", "priority_value", "tokens_in", "tokens_thinking", "title",
      ] { #expect(a[key] == b[key], "\(id) \(key)") }
    }
    #expect(try other.store.rows(Dependency.self).map(\.onFailure) == [.fail])
    let attached = try other.store.list("attachment_list", [("project", "p"), ("task", "one")])
    #expect(attached["attachments"]?.arrayValue?.map { $0["order_index"] } == [0, 2])
  }

  @Test func `what gzip has written is what was given`() throws {
    var generator = SeededGenerator(seed: 7)
    var texts: [[UInt8]] = [[], [0], Array("aaaa".utf8), [UInt8](repeating: 32, count: 700_000)]
    texts.append((0..<300_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
    texts.append((0..<300_000).map { _ in UInt8.random(in: 97...101, using: &generator) })
    texts.append(Array(TaskGraphFile.snapshot.utf8))
    for text in texts {
      var gzip = GzipWriter()
      var out: [UInt8] = []
      var rest = text[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...100_000, using: &generator)
        out += gzip.compress(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      out += gzip.finish()
      #expect(try Gzip.expand(out, max: 1 << 20) == text)
      #expect(out.count < text.count + text.count / 8 + 64)
    }
  }
}
