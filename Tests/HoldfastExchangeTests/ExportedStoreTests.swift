import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// What an export brings into another store.
@Suite struct ExportedStoreTests {
  let folder = TemporaryFolder()

  @Test func `agents come in where there is no project`() throws {
    let first = try TestStore()
    try first.store.mutate("agent_connect", [("agent", "ada"), ("tags", ["x"])])
    let exported = try first.store.exported()
    let second = try TestStore()
    let report = try second.store.importing(exported, by: folder)
    #expect(report.agents == 1 && !report.addsNothing)
    #expect(try second.store.exported() == exported)
    #expect(try second.store.importing(exported, by: folder).addsNothing)
    #expect(try Verify().run(on: second.store).isClean)
  }

  @Test func `a task keeps its id where that is free, and else the import says so`() throws {
    func ids(_ store: Store) throws -> [String: String] {
      let tasks = try store.list("task_list", [("project", "p")])["tasks"]?.arrayValue ?? []
      return Dictionary(
        tasks.map { ($0["filename"]?.stringValue ?? "", $0["id"]?.stringValue ?? "") },
        uniquingKeysWith: { $1 })
    }
    let first = try TestStore()
    for name in ["a", "b", "c"] {
      try first.store.mutate("task_create", [("project", "p"), ("filename", .string(name))])
    }
    let known = try ids(first.store)
    let exported = try first.store.exported()
    let second = try TestStore()
    try second.store.mutate(
      "task_create", [("project", "q"), ("title", "T"), ("id", .string(known["b"] ?? ""))])
    let report = try second.store.importing(exported, by: folder)
    let there = try ids(second.store)
    for name in known.keys {
      let isTold = report.notes.contains {
        $0.hasPrefix("task \(name) has a new id: \(known[name] ?? "")")
      }
      #expect((there[name] != known[name]) == isTold, "\(name): \(report.notes)")
    }
    #expect(there["b"] != known["b"])
    #expect(try second.store.importing(exported, by: folder).addsNothing)
  }
}
