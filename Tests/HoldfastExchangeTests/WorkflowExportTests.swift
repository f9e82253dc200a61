import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Workflows of projects' own, and tasks that have one, on the way to another store.
@Suite struct WorkflowExportTests {
  let folder = TemporaryFolder()

  private func define(_ open: JSON, in store: Store) throws {
    let statuses: JSON = [
      ["name": open, "category": "open", "aliases": ["next", "backlog"]],
      ["name": "doing", "category": "active", "moves": [open, "shipped"]],
      ["name": "shipped", "category": "done", "moves": []],
      ["name": "dropped", "category": "cancelled"],
    ]
    try store.mutate(
      "workflow_define", [("project", "p"), ("workflow", "train"), ("statuses", statuses)])
  }

  private func worked() throws -> TestStore {
    let backing = try TestStore()
    let store = backing.store
    try define("todo", in: store)
    try store.mutate("agent_connect", [("agent", "ada")])
    for (name, status) in [("held", "todo"), ("over", "shipped"), ("gone", "dropped")] {
      try store.mutate(
        "task_create",
        [
          ("project", "p"), ("filename", .string(name)), ("title", .string(name)),
          ("workflow", "train"), ("status", .string(status)),
        ])
    }
    try store.mutate("task_claim", [("project", "p"), ("task", "held"), ("agent", "ada")])
    try store.mutate("task_delete", [("project", "p"), ("task", "gone")])
    return backing
  }

  @Test func `they come back equal to the byte`() throws {
    let first = try worked()
    let exported = try first.store.exported()
    let second = try TestStore()
    let report = try second.store.importing(exported, by: folder)
    #expect(report.notes == [])
    #expect(report.projects.first?.workflows == 1)
    #expect(try second.store.exported() == exported)
    #expect(try second.store.importing(exported, by: folder).addsNothing)
    let held = try second.store.list("task_get", [("project", "p"), ("task", "held")])
    #expect(held["status"] == "todo")
    try second.store.expectClean()
  }

  @Test func `a project keeps its own workflow, and gets no task that does not fit in it`() throws {
    let first = try worked()
    let exported = try first.store.exported()
    let second = try TestStore()
    try define("ready", in: second.store)
    let report = try second.store.importing(exported, by: folder)
    #expect(
      report.notes == [
        "project p keeps its own workflow \"train\", which the source has otherwise",
        "task held was left out: its status \"todo\" is not the same in the workflow \"train\" of project p",
      ])
    let gone = try second.store.mutate("task_restore", [("project", "p"), ("task", "gone")])
    #expect(gone["category"] == "cancelled")
    try second.store.expectClean()
  }

  @Test func `a task whose workflow is not there is refused with its line`() throws {
    let first = try worked()
    let orphans = String(decoding: try first.store.exported(), as: UTF8.self).replacing(
      #""name":"train","#, with: #""name":"tram","#)
    let second = try TestStore()
    let refusal = #expect(throws: HoldfastError.self) {
      try second.store.importing(Array(orphans.utf8), by: folder)
    }
    #expect(refusal?.message.contains("its workflow \"train\" did not come before") == true)
  }
}
