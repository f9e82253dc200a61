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
    #expect(report.tasksLeftOut == 1)
    try second.store.expectClean()
  }

  private func replacing(_ bytes: [UInt8], in store: Store) throws -> ImportReport {
    let path = folder.file("export.jsonl")
    try writeFile(path, bytes)
    var options = ImportOptions()
    options.mode = .replace
    return try Import(try ImportSource.detect(path), options: options).run(on: store)
  }

  @Test func `who replaces tasks gets all of them, with their workflow`() throws {
    let first = try worked()
    let exported = try first.store.exported()
    let second = try TestStore()
    try define("ready", in: second.store)
    try second.store.mutate(
      "task_create",
      [("project", "p"), ("filename", "old"), ("title", "Old"), ("workflow", "train")])
    let report = try replacing(exported, in: second.store)
    #expect(report.tasksLeftOut == 0)
    #expect(report.projects.first?.tasks == 3)
    #expect(report.projects.first?.workflows == 1)
    #expect(
      report.notes == [
        "the workflow \"train\" of project p is the source's from now on, and keeps \"ready\" for tasks "
          + "that are deleted"
      ])
    let held = try second.store.list("task_get", [("project", "p"), ("task", "held")])
    #expect(held["status"] == "todo")
    // What went can come back, in the status that it had.
    let old = try second.store.mutate("task_restore", [("project", "p"), ("task", "old")])
    #expect(old["status"] == "ready" && old["category"] == "open")
    try second.store.expectClean()
    let again = try replacing(exported, in: second.store)
    #expect(again.tasksLeftOut == 0 && again.projects.first?.workflows == 0)
  }

  @Test func `a replacement that would change what deleted tasks mean is refused whole`() throws {
    let first = try worked()
    let exported = try first.store.exported()
    let second = try TestStore()
    let statuses: JSON = [
      ["name": "todo", "category": "open"], ["name": "doing", "category": "active"],
      ["name": "shipped", "category": "failed"], ["name": "over", "category": "done"],
    ]
    try second.store.mutate(
      "workflow_define", [("project", "p"), ("workflow", "train"), ("statuses", statuses)])
    try second.store.mutate(
      "task_create",
      [
        ("project", "p"), ("filename", "mine"), ("title", "Mine"), ("workflow", "train"),
        ("status", "shipped"),
      ])
    let before = try second.store.exported()
    let refusal = #expect(throws: HoldfastError.self) {
      try replacing(exported, in: second.store)
    }
    #expect(refusal?.code == .conflict)
    #expect(refusal?.message.contains("\"shipped\"") == true, "\(refusal?.message ?? "")")
    #expect(try second.store.exported() == before)
  }

  @Test func `who replaces plans gets those with words of another system, too`() throws {
    let first = try TestStore()
    try first.store.mutate(
      "project_set_vocabulary", [("project", "p"), ("accepts_any_status", true)])
    try first.store.mutate(
      "task_create", [("project", "p"), ("filename", "plan"), ("status", "limbo")])
    let second = try TestStore()
    try second.store.mutate("task_create", [("project", "p"), ("filename", "mine")])
    let report = try replacing(try first.store.exported(), in: second.store)
    #expect(report.tasksLeftOut == 0)
    let plan = try second.store.list("task_get", [("project", "p"), ("task", "plan")])
    #expect(plan["status"] == "limbo")
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
