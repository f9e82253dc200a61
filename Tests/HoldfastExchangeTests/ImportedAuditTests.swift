import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// The audit trail of a store that was imported, beside what happens in it afterwards.
@Suite struct ImportedAuditTests {
  let folder = TemporaryFolder()
  let clock = TestClock()
  let backing: TestStore
  var store: Store { backing.store }

  init() throws {
    let clock = clock
    backing = try TestStore { clock.install(in: &$0) }
    // The clock begins at 2027-01-15T08:00:00Z.
    try importing(
      [
        #"{"type":"project","project":"p","name":"p"}"#,
        #"{"type":"task","project":"p","filename":"a","status":"ready"}"#,
        audit("plan_created", "2026-01-01T00:00:00Z", "a"),
        audit("wave_started", "2026-01-03T00:00:00Z", "gone"),
        audit("plan_transition", "2026-01-02T00:00:00.5Z", "a"),
        audit("agent_spawned", "2028-01-01T00:00:00Z", "a", #","instance_title":"w""#),
      ], into: store)
    try store.mutate("task_rename", [("project", "p"), ("task", "a"), ("new_filename", "b")])
    clock.advance(seconds: 1)
    try store.mutate(
      "task_status_set", [("project", "p"), ("task", "b"), ("target", "planning")])
    try store.mutate("task_status_set", [("project", "p"), ("task", "b"), ("target", "cancelled")])
  }

  private func audit(_ kind: String, _ time: String, _ file: String, _ more: String = "") -> String
  {
    #"{"type":"audit_event","project":"p","kind":"\#(kind)","timestamp":"\#(time)","#
      + #""task_file":"\#(file)"\#(more)}"#
  }

  @discardableResult
  private func importing(_ lines: [String], into store: Store) throws -> ImportReport {
    let path = folder.file("export.jsonl")
    let all =
      [#"{"type":"holdfast_export","version":1}"#] + lines
      + [#"{"type":"end","lines":\#(lines.count + 1)}"#, ""]
    try writeFile(path, Array(all.joined(separator: "\n").utf8))
    return try Import(try ImportSource.detect(path)).run(on: store)
  }

  private func kinds(_ members: [(String, JSON)]) throws -> [String] {
    try store.audit("p", members)?.compactMap { $0["kind"]?.stringValue } ?? []
  }

  @Test(
    arguments: [
      (
        [],
        [
          "agent_spawned", "plan_cancelled", "plan_transition", "task_renamed", "wave_started",
          "plan_transition", "plan_created",
        ]
      ),
      ([("kind", ["plan_transition"])], ["plan_transition", "plan_transition"]),
      ([("kind", ["wave_started", "plan_cancelled"])], ["plan_cancelled", "wave_started"]),
      (
        [("kind", ["imported"])],
        ["imported", "imported", "imported", "imported", "imported", "imported"]
      ),
      (
        [("after", "2027-01-15T08:00:00Z")], ["agent_spawned", "plan_cancelled", "plan_transition"]
      ),
      ([("before", "2026-01-03T00:00:00Z")], ["plan_transition", "plan_created"]),
      (
        [("after", "2026-01-02T00:00:00.5Z"), ("before", "2027-01-15T08:00:01Z")],
        ["task_renamed", "wave_started"]
      ),
      ([("task", ["gone"])], ["wave_started"]),
      (
        [("task", ["b"])],
        [
          "agent_spawned", "plan_cancelled", "plan_transition", "task_renamed", "plan_transition",
          "plan_created",
        ]
      ),
      ([("task", ["a"])], []),
      ([("instance", ["w"])], ["agent_spawned"]),
    ] as [([(String, JSON)], [String])])
  func `imported lines stand in their own time`(members: [(String, JSON)], expected: [String])
    throws
  {
    #expect(try kinds(members) == expected)
  }

  @Test(arguments: [1, 2, 3] as [Int64])
  func `pages go through both, each line once`(limit: Int64) throws {
    var found: [JSON] = []
    var cursor: JSON?
    repeat {
      var members: [(String, JSON)] = [("project", "p"), ("limit", .number(JSONNumber(limit)))]
      if let cursor { members.append(("cursor", cursor)) }
      let page = try store.list("audit_list", members)
      found += page["events"]?.arrayValue ?? []
      cursor = page["next_cursor"]
    } while cursor != nil
    #expect(found == (try store.audit("p")))
  }

  @Test func `a line shows its task by the name of today`() throws {
    let names = try store.audit("p")?.compactMap { $0["task_file"]?.stringValue }
    #expect(names == ["b", "b", "b", "b", "gone", "b", "b"])
  }

  @Test func `an export shows the same trail in another store`() throws {
    let taken = Handover<[UInt8]>()
    taken.set([])
    _ = try Export { taken.set((taken.value ?? []) + $0) }.run(on: store)
    try writeFile(folder.file("export.jsonl"), taken.value ?? [])
    let source = try ImportSource.detect(folder.file("export.jsonl"))
    let other = try TestStore()
    _ = try Import(source).run(on: other.store)
    for members in [[], [("kind", ["plan_transition"])], [("task", ["b"])], [("task", ["gone"])]]
      as [[(String, JSON)]]
    {
      let first = try #require(try store.audit("p", members)).map(withoutID)
      #expect(!first.isEmpty)
      #expect(try other.store.audit("p", members)?.map(withoutID) == first)
    }
    try other.store.expectClean()
    // Each store knows all of it: nothing comes twice.
    #expect(try Import(source).run(on: other.store).addsNothing)
    #expect(try Import(source).run(on: store).addsNothing)
  }

  private func withoutID(_ event: JSON) -> [JSON] {
    event.objectValue?.members.filter { $0.key != "id" }.map(\.value) ?? []
  }
}
