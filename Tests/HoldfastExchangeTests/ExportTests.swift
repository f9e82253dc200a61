import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Export, and its way back.
@Suite struct ExportTests {
  let folder = TemporaryFolder()

  /// A text that is no name, and has no place in an index of PostgreSQL.
  private static let long = (0..<600).map { String($0 * 7919 % 99_991, radix: 36) }.joined()

  private func filled() throws -> TestStore {
    let backing = try TestStore()
    _ = try KasmosFile.full(folder.file("kasmos.db"))
    _ = try Import(.database(folder.file("kasmos.db"))).run(on: backing.store)
    _ = try backing.store.run(
      Work { changes in
        let project = try changes.projectKeyForWriting(ProjectName("näme \u{1}\"x/y"))
        try changes.record(.taskCreated, project: project) { event in
          var task = TaskEntry(
            project: project, filename: try TaskFilename("e\u{301}"), status: .done)
          task.createdAt = Timestamp(nanoseconds: 1)
          task.verification.at = Timestamp(nanoseconds: -1_500_000_001)
          task.pullRequest.createAttempts = .max
          event.set(TaskText([0xFF, 0x00, 0x61]), of: &task)
          task.revision = event.sequence
          task.id = try event.insert(task)
          event.task = task.id
          event.note = EventNote("made", detail: JSONObject([("agent_type", "coder")]))
          try event.insert(
            SubtaskRow(
              task: task.id, subtask: Subtask(number: .min, title: "<t>", status: "odd status")))
          var review = PRReview(task: task.id, reviewID: 7)
          review.body = "line\nline"
          try event.insert(review)
        }
        try changes.record(.projectChanged, project: project) { event in
          var alias = Project(name: try ProjectName("other name"), createdAt: changes.now)
          alias.aliasOf = project
          try event.insert(alias)
        }
        for _ in 0..<2 {
          try changes.record(.signalCreated, project: project) { event in
            try event.insert(
              Signal(
                project: project, task: nil, planFile: "e\u{301}", type: "plan_start",
                payload: "{\"a\": 1.0}", createdAt: Timestamp(nanoseconds: 42)))
          }
        }
      })
    return backing
  }

  /// A store in which agents worked, and from which tasks were deleted.
  private func worked() throws -> TestStore {
    let backing = try TestStore()
    let store = backing.store
    func task(_ name: String, _ members: [(String, JSON)] = []) throws {
      let own: [(String, JSON)] = [
        ("project", "p"), ("filename", .string(name)), ("title", .string(name)),
      ]
      try store.mutate("task_create", own + members)
    }
    try store.mutate("agent_connect", [("agent", "ada"), ("name", "Ada"), ("tags", ["x", "y"])])
    try store.mutate("agent_connect", [("agent", "idle"), ("max_claims", 2)])
    try task("one", [("priority", 9), ("tags", ["t"]), ("needed_tags", ["x"])])
    try task("two", [("blocked_by", ["one"])])
    try task("box", [("id", "b1")])
    try task("gone", [("parent", "box"), ("id", "g1")])
    try task("gone-too", [("blocked_by", ["gone"])])
    for (blocker, type) in [("one", "duplicate"), ("one", "see-also"), ("one", "relates-to")] {
      try store.mutate(
        "dependency_add",
        [("project", "p"), ("blocker", .string(blocker)), ("task", "two"), ("type", .string(type))])
    }
    let one: [(String, JSON)] = [("project", "p"), ("task", "one"), ("agent", "ada")]
    try store.mutate("task_claim", one)
    try store.mutate(
      "task_log_cost",
      one + [("tokens_in", 7), ("cost_usd", "0.000001"), ("user_metrics", ["lines": 3])])
    try store.mutate("task_log_time", one + [("duration_ms", 1500)])
    try store.mutate("task_progress", one + [("percent", 40), ("message", "half")])
    try store.mutate("output_append", one + [("text", "it ran"), ("type", "stderr")])
    let comment: [(String, JSON)] = [("project", "p"), ("task", "one"), ("author", "ada")]
    try store.mutate("comment_add", comment + [("text", "first")])
    try store.mutate("comment_add", comment + [("text", "second")])
    try store.mutate("comment_edit", comment + [("id", 1), ("text", "changed")])
    try store.mutate("comment_delete", comment + [("id", 2)])
    try store.mutate(
      "lock_take", [("project", "p"), ("agent", "ada"), ("paths", ["a/b", "c"]), ("task", "one")])
    for name in ["box", "gone-too"] {
      try store.mutate(
        "task_delete", [("project", "p"), ("task", .string(name)), ("cascade", true)])
    }
    try task("gone")
    try store.mutate("task_delete", [("project", "p"), ("task", "gone")])
    try task("gone", [("blocked_by", ["two"])])
    return backing
  }

  @Test func `what agents did comes back equal to the byte, deleted tasks too`() throws {
    let first = try worked()
    let exported = try first.store.exported()
    let text = String(decoding: exported, as: UTF8.self)
    for words in [
      #""type":"agent""#, #""type":"lock""#, #""costs":["#, #""comments":["#, #""output":["#,
      #""deleted_at":"#, #""parent_deleted_at""#, #""blocker_deleted_at""#,
    ] where words != #""parent_deleted_at""# {
      #expect(text.contains(words), "\(words)")
    }
    let second = try TestStore()
    let report = try second.store.importing(exported, by: folder)
    #expect(report.notes == [])
    #expect(try second.store.exported() == exported)
    try second.store.expectClean()
    #expect(try second.store.importing(exported, by: folder).addsNothing)
    let stats = try second.store.list("stats", [("project", "p"), ("agent", "ada")])
    #expect(stats["tokens"]?["in"] == 7)
    let locks = try second.store.list("lock_list", [("project", "p")])["locks"]?.arrayValue
    #expect(locks?.compactMap { $0["agent"]?.stringValue } == ["ada", "ada"])
    try second.store.mutate("task_delete", [("project", "p"), ("task", "gone")])
    try second.store.mutate("task_restore", [("project", "p"), ("task", "b1")])
    let restored = try second.store.list("task_get", [("project", "p"), ("task", "gone")])
    #expect(restored["id"] == "g1")
    #expect(restored["parent"] == "b1")
    try second.store.expectClean()
  }

  @Test func `an export comes back equal to the byte`() throws {
    let first = try filled()
    let exported = try first.store.exported()
    let second = try TestStore()
    let report = try second.store.importing(exported, by: folder)
    #expect(report.notes.allSatisfy { $0.contains("taken over as failed") })
    #expect(try second.store.exported() == exported)
    try second.store.expectClean()
    #expect(try second.store.importing(exported, by: folder).addsNothing)
    let task = try second.store.task("e\u{301}", in: "näme \u{1}\"x/y")
    #expect(try second.store.content(of: task) == [0xFF, 0x00, 0x61])
    #expect(task.verification.at?.nanoseconds == -1_500_000_001)
  }

  @Test func `attachments come back to the byte, and their places stay taken`() throws {
    let first = try TestStore()
    let target: [(String, JSON)] = [("project", "p"), ("task", "a")]
    try first.store.mutate("task_create", [("project", "p"), ("filename", "a")])
    let binary = Base64.encode([0xFF, 0x00, 0x61])
    for (name, content) in [
      ("text", "ünï\n"), ("gone", "x"), ("same", "ünï\n"), ("empty", ""),
      ("binary", ["base64": .string(binary)]),
    ] as [(String, JSON)] {
      try first.store.mutate(
        "task_attach", target + [("name", .string(name)), ("content", content), ("type", "t")])
    }
    try first.store.mutate("task_detach", target + [("index", 1)])
    let exported = try first.store.exported()
    let second = try TestStore()
    #expect(try second.store.importing(exported, by: folder).projects.first?.attachments == 4)
    #expect(try second.store.exported() == exported)
    try second.store.expectClean()
    #expect(try second.store.importing(exported, by: folder).addsNothing)
    let list = try second.store.list("attachment_list", target + [("content", true)])
    #expect(
      list["attachments"]?.arrayValue?.map { $0["content"] }
        == ["ünï\n", "ünï\n", "", ["base64": .string(binary)]])
    let next = try second.store.mutate(
      "task_attach", target + [("name", "n"), ("content", "y")])
    #expect(next["order_index"] == 5)
    let damaged = String(decoding: exported, as: UTF8.self).replacing(
      "\"content\":\"\"", with: "\"content\":\"x\"")
    #expect(throws: HoldfastError.self) {
      try TestStore().store.importing(Array(damaged.utf8), by: folder)
    }
  }

  @Test
  func `a path that winds comes in straight, and no file of the project becomes ours to delete`()
    throws
  {
    let first = try TestStore()
    let target: [(String, JSON)] = [("project", "p"), ("task", "t")]
    try first.store.mutate("task_create", [("project", "p"), ("filename", "t")])
    try first.store.mutate("task_attach", target + [("name", "x"), ("content", "x")])
    let exported = String(decoding: try first.store.exported(), as: UTF8.self).replacing(
      "\"type\":\"attachment\",",
      with: "\"type\":\"attachment\",\"file_path\":\".task-graph/media/../../src/a.swift\","
        + "\"is_media\":1,")
    let second = try TestStore()
    _ = try second.store.importing(Array(exported.utf8), by: folder)
    let rows = try second.store.rows(Attachment.self, "WHERE name = 'x'")
    #expect(rows.map(\.filePath) == ["src/a.swift"])
    #expect(rows.map(\.isMedia) == [false])
  }

  @Test func `an alias whose name is taken is left out with a word`() throws {
    let first = try filled()
    let second = try TestStore()
    _ = try second.store.run(
      Work { changes in
        _ = try changes.projectKeyForWriting(ProjectName("other name"))
      })
    let report = try second.store.importing(try first.store.exported(), by: folder)
    #expect(
      report.notes.contains("alias other name was left out: another project has that name"))
    #expect(report.projects.allSatisfy { $0.aliases == 0 })
    try second.store.expectClean()
  }

  @Test func `large events are exported and come back`() throws {
    // As in a server; debug builds are slow.
    let first = try TestStore { $0.readMax = 250_000_000 }
    try first.store.makeSignals(2500, payload: String(repeating: "\n", count: 600))
    let exported = try first.store.exported()
    #expect(try first.store.importing(exported, by: folder).addsNothing)
    #expect(exported.split(separator: UInt8(ascii: "\n")).count == 1 + 1 + 2500 + 2501 + 1)
  }

  @Test func `steps of one row export the same`() throws {
    let first = try filled()
    let second = try TestStore { $0.stepMax = 0 }
    _ = try second.store.importing(try first.store.exported(), by: folder)
    #expect(try second.store.exported() == (try first.store.exported()))
  }

  @Test func `large signals are written in transactions of their own`() throws {
    let first = try TestStore()
    try first.store.makeSignals(10, payload: String(repeating: "x", count: 600_000))
    let second = try TestStore()
    _ = try second.store.importing(try first.store.exported(), by: folder)
    #expect(try second.store.rows(Signal.self).count == 10)
    #expect(second.database.health.groups >= 10)
  }

  /// An export of this many tasks, a transaction more than one.
  private func tasks(_ count: Int) -> [UInt8] {
    let lines = (0..<count).map {
      #"{"type":"task","project":"p","filename":"t\#($0)","status":"ready","content":"theirs"}"#
    }
    let all =
      [#"{"type":"holdfast_export","version":1}"#] + lines
      + [#"{"type":"end","lines":\#(count + 1)}"#, ""]
    return Array(all.joined(separator: "\n").utf8)
  }

  @Test func `a task that is made while an import runs stays as it is`() throws {
    let path = folder.file("export.jsonl")
    try writeFile(path, tasks(300))
    let backing = try TestStore()
    _ = try Import(try ImportSource.detect(path)).run(on: backing.store) { progress in
      guard progress.done == 200 else { return }
      try backing.store.mutate(
        "task_create", [("project", "p"), ("filename", "t299"), ("content", "ours")])
    }
    let names = try backing.store.texts("SELECT filename FROM tasks")
    #expect(names.count == 300)
    let task = try backing.store.task("t299", in: "p")
    #expect(try backing.store.content(of: task) == Array("ours".utf8))
  }

  @Test func `two imports into one project at once are refused`() throws {
    let path = folder.file("export.jsonl")
    try writeFile(path, tasks(300))
    let backing = try TestStore()
    let error = #expect(throws: HoldfastError.self) {
      _ = try Import(try ImportSource.detect(path)).run(on: backing.store) { progress in
        guard progress.done == 200 else { return }
        _ = try Import(try ImportSource.detect(path)).run(on: backing.store)
      }
    }
    #expect(error?.code == .conflict)
    #expect(error?.message.hasPrefix("another import writes to project p") == true)
    #expect(try backing.store.texts("SELECT filename FROM tasks").count == 300)
  }

  @Test func `an export that counts other lines is refused`() throws {
    let text = String(decoding: tasks(2), as: UTF8.self).replacing(
      "\"lines\":3", with: "\"lines\":4")
    let backing = try TestStore()
    let error = #expect(throws: HoldfastError.self) {
      try backing.store.importing(Array(text.utf8), by: folder)
    }
    #expect(error?.message.contains("it counts other lines than there are") == true)
    #expect(backing.database.health.lastSequence == 0)
  }

  @Test func `a project that is there gets the settings that it lacks`() throws {
    func line(_ members: String) -> [UInt8] {
      Array(
        """
        {"type":"holdfast_export","version":1}
        {"type":"project","project":"p","name":"p",\(members)}
        {"type":"end","lines":2}

        """.utf8)
    }
    let backing = try TestStore()
    try backing.store.mutate("task_create", [("project", "p"), ("filename", "a")])
    let full = line(#""identity":"abc","config":"a = 1""#)
    let report = try backing.store.importing(full, by: folder)
    #expect(report.projects.first?.settings == 2)
    #expect(report.notes == [])
    let project = try #require(try backing.store.rows(Project.self).first)
    #expect(project.identity == "abc")
    #expect(project.config == "a = 1")
    #expect(try backing.store.importing(full, by: folder).addsNothing)
    let other = try backing.store.importing(
      line(#""identity":"def","config":"b = 1","accepts_any_status":1"#), by: folder)
    #expect(other.addsNothing)
    #expect(
      other.notes == [
        "project p keeps its own identity and config and vocabulary, which the source has otherwise"
      ])
    #expect(try backing.store.rows(Project.self).first?.values == project.values)
    try backing.store.expectClean()
  }

  @Test func `two equal signals stay two`() throws {
    let first = try filled()
    let exported = try first.store.exported()
    let second = try TestStore()
    _ = try second.store.importing(exported, by: folder)
    #expect(try second.store.rows(Signal.self).filter { $0.createdAt.nanoseconds == 42 }.count == 2)
  }

  @Test func `each line is one object, the last one counts the others`() throws {
    let first = try filled()
    let text = String(decoding: try first.store.exported(), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines.first == #"{"type":"holdfast_export","version":2}"#)
    #expect(lines.last == #"{"type":"end","lines":\#(lines.count - 1)}"#)
    for line in lines { #expect((try? JSONReader.read(Array(line.utf8)))?["type"] != nil) }
  }

  @Test func `one project is written alone`() throws {
    let first = try filled()
    let text = String(decoding: try first.store.exported(project: "other"), as: UTF8.self)
    #expect(text.contains(#""project":"other""#))
    #expect(!text.contains(#""project":"kas""#))
    #expect(throws: HoldfastError.self) { try first.store.exported(project: "none") }
  }

  @Test func `an empty store is exported and imported`() throws {
    let empty = try TestStore()
    #expect(try empty.store.importing(try empty.store.exported(), by: folder).addsNothing)
  }

  @Test func `a cut export is refused at every line`() throws {
    let first = try filled()
    let exported = try first.store.exported()
    let target = try TestStore()
    let ends = exported.indices.filter { exported[$0] == UInt8(ascii: "\n") }
    for end in ends.dropLast() {
      #expect(throws: HoldfastError.self) {
        try target.store.importing(Array(exported[...end]), by: folder)
      }
      #expect(throws: HoldfastError.self) {
        try target.store.importing(Array(exported[..<(end - 3)]), by: folder)
      }
    }
    #expect(target.database.health.lastSequence == 0)
  }

  @Test(arguments: [
    #"{"type":"task","project":"p"}"#, #"{"type":"task","project":"p","filename":5}"#,
    #"{"type":"task","project":"p","filename":"a","status":"ready","created_at":"x"}"#,
    #"{"type":"task","project":"p","filename":"a","status":"ready","review_cycle":"1"}"#,
    #"{"type":"task","project":"p","filename":"a","status":"ready","content_base64":"?"}"#,
    #"{"type":"task","project":"p","filename":"a","status":"ready","priority":-9223372036854775808}"#,
    #"{"type":"task","project":"p","filename":"a","status":"ready","active_ms":9223372036854775807}"#,
    #"{"type":"task","project":"p","filename":"a","status":"ready","points":-3}"#,
    #"{"type":"task","project":"p","filename":"a","status":"ready","tokens_in":-1}"#,
    #"{"type":"attachment","project":"p","task":"a","name":"x","bytes":-1,"order_index":0}"#,
    #"{"type":"attachment","project":"p","task":"a","name":"x","order_index":9223372036854775807}"#,
    #"{"type":"attachment","project":"p","task":"a","name":"x","order_index":0,"file_path":"../x"}"#,
    #"{"type":"task","filename":"a"}"#, #"{"type":"topic","project":"p","name":" "}"#,
    #"{"type":"signal","project":"p"}"#, #"{"type":"audit_event","project":"p"}"#, "[]", "nonsense",
    #"{"type":"task","project":"","filename":"a","status":"ready"}"#,
    #"{"type":"signal","project":"p","signal_type":"plan_start","plan_file":"\#(long)"}"#,
    #"{"type":"signal","project":"p","signal_type":"\#(long)"}"#,
  ])
  func `a damaged line is named`(line: String) throws {
    let text = """
      {"type":"holdfast_export","version":1}
      \(line)
      {"type":"end","lines":2}

      """
    let target = try TestStore()
    let error = #expect(throws: HoldfastError.self) {
      try target.store.importing(Array(text.utf8), by: folder)
    }
    #expect(error?.message.hasPrefix("line 2 of the export is damaged:") == true)
    #expect(target.database.health.lastSequence == 0)
  }
}
