import HoldfastExchange
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Import of `plan-state.json` and of signal files.
@Suite struct FilesImportTests {
  let folder = TemporaryFolder()
  let backing: TestStore
  var store: Store { backing.store }

  init() throws { backing = try TestStore() }

  private func run(_ path: String, project: String? = "kas") throws -> ImportReport {
    let name = try project.map { try ProjectName($0) }
    return try Import(try ImportSource.detect(path), project: name).run(on: store)
  }

  @Test func `a plan state is taken over`() throws {
    let path = folder.file("plan-state.json")
    try writeFile(
      path,
      """
      {"plans":{"2026-x.md":{"status":"in_progress","description":"D","branch":"b","topic":"t",
        "created_at":"2026-01-02T03:04:05Z","implemented":"yes","odd":1},
        "y":{}, "":{}, "z":3}, "topics":{"t":{"created_at":"2026-01-01T00:00:00Z"}," ":{}}}
      """)
    let report = try run(path)
    #expect(report.projects.first?.tasks == 2)
    #expect(report.projects.first?.topics == 1)
    let task = try store.task("2026-x")
    #expect(task.status == .implementing)
    #expect(task.implemented == "yes")
    #expect(try task.createdAt == Timestamp("2026-01-02T03:04:05Z"))
    #expect(report.notes.count == 4)
    #expect(try run(path).addsNothing)
    try store.expectClean()
  }

  @Test func `a plan state needs a project`() throws {
    let path = folder.file("plan-state.json")
    try writeFile(path, #"{"plans":{}}"#)
    #expect(throws: HoldfastError.self) { try run(path, project: nil) }
  }

  @Test(arguments: ["{", "{}", "[1]", "{\"plans\":[]}", ""])
  func `what is no plan state is refused`(text: String) throws {
    let path = folder.file("plan-state.json")
    try writeFile(path, text)
    #expect(throws: HoldfastError.self) { try run(path) }
  }

  @Test func `signal files become signals`() throws {
    let signals = folder.file("repo/.kasmos/signals")
    try writeFile(signals + "/staging/planner-finished-auth.md", "done")
    try writeFile(signals + "/staging/implement-wave-2-auth", "")
    try writeFile(signals + "/processing/implement-task-finished-w1-t3-auth", "x")
    try writeFile(signals + "/failed/review-changes-auth", "fix it")
    try writeFile(signals + "/failed/review-changes-auth.reason", "no such plan\n")
    try writeFile(signals + "/staging/something-else", "")
    let report = try run(folder.file("repo"))
    #expect(report.projects.first?.signals == 4)
    let found = try store.rows(Signal.self).sorted { $0.type < $1.type }
    #expect(
      found.map(\.type) == [
        "implement_task_finished", "implement_wave", "planner_finished", "review_changes_requested",
      ])
    #expect(found.map(\.status) == [.pending, .pending, .pending, .failed])
    #expect(found[0].payload == #"{"wave_number":1,"task_number":3}"#)
    #expect(found[2].payload == #"{"body":"done"}"#)
    #expect(found[3].result == "no such plan")
    #expect(found.allSatisfy { $0.planFile == "auth" })
    #expect(
      report.notes == ["signal file something-else was left out: its name says no known signal"])
    #expect(try run(folder.file("repo/.kasmos")).addsNothing)
    #expect(fileExists(signals + "/staging/implement-wave-2-auth"))
    try store.expectClean()
  }

  @Test func `signals of one moment that differ are all taken over, once`() throws {
    let signals = folder.file("repo/.kasmos/signals/staging")
    for number in 1...3 {
      let path = "\(signals)/implement-task-finished-w1-t\(number)-auth"
      try writeFile(path, "")
      setChangeTime(path, seconds: 1_700_000_000)
    }
    #expect(try run(folder.file("repo")).projects.first?.signals == 3)
    #expect(Set(try store.rows(Signal.self).map(\.payload)).count == 3)
    let again = try run(folder.file("repo"))
    #expect(again.addsNothing)
    #expect(again.projects.first?.signalsPresent == 3)
  }

  @Test func `a folder without signals is refused`() throws {
    #expect(throws: HoldfastError.self) { try run(folder.path) }
  }
}
