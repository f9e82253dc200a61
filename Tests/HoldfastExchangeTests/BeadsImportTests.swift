import Glibc
import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Issues of Beads become tasks of the task graph.
@Suite struct BeadsImportTests {
  let folder = TemporaryFolder()

  private func importing(_ path: String, into store: Store, isDryRun: Bool = false) throws
    -> ImportReport
  {
    try Import(
      try ImportSource.detect(path), project: try ProjectName("p"), isDryRun: isDryRun
    ).run(on: store)
  }

  private func importing(_ lines: [String], into store: Store) throws -> ImportReport {
    let path = folder.file("issues.jsonl")
    try writeFile(path, Array(lines.joined(separator: "\n").utf8))
    return try importing(path, into: store)
  }

  private func get(_ store: Store, _ task: String) throws -> JSON {
    try store.list("task_get", [("project", "p"), ("task", .string(task))])
  }

  @Test func `an issue keeps its id, its text, its times and its edges`() throws {
    let backing = try TestStore()
    let report = try importing(
      [
        #"{"id":"bd-1","title":"Epic","issue_type":"epic","status":"open","priority":1}"#,
        #"{"id":"bd-2","title":"Do","description":"d","notes":"n","issue_type":"task","#
          + #""status":"closed","priority":0,"created_at":"2026-01-02T03:04:05Z","#
          + #""closed_at":"2026-01-03T03:04:05Z","close_reason":"done","labels":["a"],"#
          + #""dependencies":[{"issue_id":"bd-2","depends_on_id":"bd-1","type":"parent-child"}]}"#,
        #"{"id":"bd-3","title":"Then","issue_type":"task","status":"in_progress","priority":4,"#
          + #""dependencies":[{"depends_on_id":"bd-2","type":"blocks"},"#
          + #"{"depends_on_id":"bd-9","type":"blocks"},{"depends_on_id":"bd-1","type":"tracks"}]}"#,
      ], into: backing.store)
    #expect(report.notes.count == 2, "\(report.notes)")
    #expect(report.notes.contains { $0.contains("bd-9") })
    let done = try get(backing.store, "bd-2")
    #expect(done["status"] == "completed")
    #expect(done["completed_at"] == "2026-01-03T03:04:05Z")
    #expect(done["created_at"] == "2026-01-02T03:04:05Z")
    #expect(done["reason"] == "done")
    #expect(done["priority_value"] == 10)
    #expect(done["phase"] == "task")
    #expect(done["tags"] == ["a"])
    #expect(done["parent"] == "bd-1")
    #expect(done["content"] == "d\n\n## Notes\n\nn")
    let open = try get(backing.store, "bd-3")
    #expect(open["status"] == "pending")
    #expect(open["blocked_by"] == nil)
    let again = try importing(folder.file("issues.jsonl"), into: backing.store)
    #expect(again.projects.first?.tasks == 0)
  }

  private static let issues: String? = ["../shared/data/beads/issues.jsonl"].first {
    access($0, R_OK) == 0
  }

  /// An issue as the file has it, computed without any of our code.
  private struct Issue {
    var isOpen = false
    var parent: String?
    var blockers: [String] = []
  }

  private func read(_ path: String) throws -> [String: Issue] {
    var issues: [String: Issue] = [:]
    for line in try readFile(path).split(separator: UInt8(ascii: "\n")) {
      let json = try JSONReader.read(Array(line))
      var issue = Issue(isOpen: json["status"] != "closed")
      for edge in json["dependencies"]?.arrayValue ?? [] {
        let other = edge["depends_on_id"]?.stringValue ?? ""
        if edge["type"] == "blocks" { issue.blockers.append(other) }
        if edge["type"] == "parent-child" { issue.parent = other }
      }
      issues[json["id"]?.stringValue ?? ""] = issue
    }
    return issues
  }

  /// What can be started: open, no open child, and neither it nor what contains it waits.
  private func ready(_ issues: [String: Issue]) -> Set<String> {
    var withOpenChild: Set<String> = []
    for issue in issues.values where issue.isOpen {
      if let parent = issue.parent { withOpenChild.insert(parent) }
    }
    func waits(_ id: String) -> Bool {
      guard let issue = issues[id] else { return false }
      if issue.blockers.contains(where: { issues[$0]?.isOpen == true }) { return true }
      return issue.parent.map(waits) ?? false
    }
    return Set(
      issues.filter { $0.value.isOpen && !withOpenChild.contains($0.key) && !waits($0.key) }.keys)
  }

  private func readyInStore(_ store: Store) throws -> Set<String> {
    let tasks = try store.list("task_ready", [("project", "p"), ("limit", 1000)])["tasks"]
    return Set(tasks?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? [])
  }

  @Test(.enabled(if: BeadsImportTests.issues != nil, "the issues of Beads are not here"))
  func
    `the issues of Beads come in whole, and all that can be done is done in the order of readiness`()
    throws
  {
    let path = try #require(Self.issues)
    let backing = try TestStore()
    let store = backing.store
    let dry = try importing(path, into: store, isDryRun: true)
    #expect(dry.projects.first?.tasks == 704)
    #expect(try readyInStore(store) == [])
    let report = try importing(path, into: store)
    #expect(report.projects.first?.tasks == 704)
    let dangling = report.notes.filter { $0.contains("is not there") }
    #expect(dangling.count == 26)
    let counts = try backing.database.read { view in
      try [
        "SELECT count(*) FROM dependencies WHERE type = 'blocks'",
        "SELECT count(*) FROM tasks WHERE parent IS NOT NULL",
      ].map { sql in try view.first(SQL(sql)) { $0.int(0) } }
    }
    #expect(counts == [356, 354])
    var issues = try read(path)
    var steps = 0
    // All that is ready is done, then what that made ready, until nothing is.
    while true {
      let ready = try readyInStore(store)
      #expect(ready == self.ready(issues))
      if ready.isEmpty { break }
      for next in ready.sorted() {
        try store.mutate("task_complete", [("project", "p"), ("task", .string(next))])
        issues[next]?.isOpen = false
        steps += 1
      }
    }
    #expect(steps == 301)
    #expect(issues.values.allSatisfy { !$0.isOpen })
    let verified = try Verify().run(on: store) { _ in }
    #expect(verified.problems == [])
  }

  @Test func `an export carries the graph, and its import gives the same export`() throws {
    let first = try TestStore()
    try first.store.mutate(
      "task_create_tree",
      [
        ("project", "p"),
        (
          "tree",
          [
            "title": "root", "id": "root", "sibling_policy": "release",
            "children": [
              ["title": "a", "id": "a", "priority": 9, "tags": ["x", "y"]],
              [
                "title": "b", "id": "b", "join_mode": "also", "needed_tags": ["z"],
                "blocked_by": [["task": "a", "on_failure": "fail"]], "points": 3,
              ],
              ["title": "c", "id": "c", "defer_until": "2100-01-01T00:00:00Z"],
            ],
          ]
        ),
      ])
    try first.store.mutate("agent_connect", [("agent", "ada")])
    try first.store.mutate("task_claim", [("project", "p"), ("agent", "ada")])
    let exported = try first.store.exported()
    let second = try TestStore()
    _ = try second.store.importing(exported, by: folder)
    #expect(try second.store.exported() == exported)
    let claimed = try get(second.store, "a")
    #expect(claimed["status"] == "pending")
    #expect(claimed["owner_agent"] == nil)
    #expect(try get(second.store, "b")["blocked_by"] == ["a"])
    #expect(try get(second.store, "c")["parent"] == "root")
    let third = try TestStore()
    _ = try third.store.importing(try second.store.exported(), by: folder)
    #expect(try third.store.exported() == second.store.exported())
    #expect(try Verify().run(on: second.store) { _ in }.problems == [])
  }
}
