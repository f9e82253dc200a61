import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Import of kasmos databases.
@Suite struct KasmosImportTests {
  let folder = TemporaryFolder()
  let backing: TestStore
  var store: Store { backing.store }
  var path: String { folder.file("source.db") }

  init() throws { backing = try TestStore() }

  @discardableResult
  private func run(_ path: String? = nil, project: String? = nil, dry: Bool = false) throws
    -> ImportReport
  {
    let source = try ImportSource.detect(path ?? self.path)
    let name = try project.map { try ProjectName($0) }
    return try Import(source, project: name, isDryRun: dry).run(on: store)
  }

  @Test func `everything of a database is taken over`() throws {
    _ = try KasmosFile.full(path)
    let report = try run()
    let counts = try #require(report.projects.first { $0.project.text == "kas" })
    #expect(counts.isNew)
    #expect(counts.tasks == 2)
    #expect(counts.subtasks == 3)
    #expect(counts.reviews == 1)
    #expect(counts.topics == 1)
    #expect(counts.signals == 4)
    #expect(counts.auditEvents == 1)
    #expect(report.projects.map(\.project.text) == ["kas", "other"])

    let alpha = try store.task("alpha")
    #expect(alpha.status == .implementing)
    #expect(alpha.description == "First")
    #expect(alpha.topic == "core")
    #expect(alpha.goal == "G")
    #expect(alpha.reviewCycle == 3)
    #expect(alpha.executionState.phase == "wave_running")
    #expect(try alpha.createdAt == Timestamp("2026-01-02T03:04:05.123456789Z"))
    #expect(try alpha.phaseTimes.planning == Timestamp("2026-01-02T03:04:05.5Z"))
    #expect(alpha.phaseTimes.done == nil)
    #expect(try store.content(of: alpha) == Array("# Alpha".utf8))
    #expect(try store.subtasks(of: alpha).map(\.status) == ["done", "pending"])
    let review = try #require(try store.rows(PRReview.self).first)
    #expect(review.reviewID == .max)
    #expect(review.reactionPosted)
    #expect(try store.task("beta").status == .done)
    #expect(try store.subtasks(of: store.task("beta")).count == 1)
    #expect(try store.task("alpha", in: "other").status == .ready)
    try store.expectClean()
  }

  @Test func `signals go on where they can`() throws {
    _ = try KasmosFile.full(path)
    let report = try run()
    let signals = try store.rows(Signal.self)
    #expect(signals.map(\.status) == [.pending, .pending, .done, .failed])
    #expect(signals[0].type == "implement_finished")
    #expect(signals[0].payload == #"{"body":"text"}"#)
    #expect(signals[1].claimedBy == "")
    #expect(signals[2].planFile == "beta")
    #expect(signals[2].claimedBy == "w")
    #expect(signals[2].result == "ok")
    #expect(signals[3].result.hasPrefix("unknown signal type \"odd\""))
    #expect(try signals[0].task == store.task("alpha").id)
    #expect(report.notes.contains { $0.contains("taken over as failed") })
  }

  @Test func `a second import adds nothing and says so`() throws {
    _ = try KasmosFile.full(path)
    #expect(try !run().addsNothing)
    let before = store.database.health.lastSequence
    let second = try run()
    #expect(second.addsNothing)
    #expect(second.projects.first?.tasksPresent == 2)
    #expect(second.projects.first?.signalsPresent == 4)
    #expect(second.projects.first?.auditEventsPresent == 1)
    #expect(store.database.health.lastSequence == before)
  }

  @Test func `a dry run writes nothing and counts the same`() throws {
    _ = try KasmosFile.full(path)
    let dry = try run(dry: true)
    #expect(store.database.health.lastSequence == 0)
    let real = try run()
    #expect(dry.projects == real.projects)
    #expect(dry.isDryRun)
  }

  @Test func `equal signals of two databases are one`() throws {
    _ = try KasmosFile.full(path)
    try run()
    let local = folder.file("local.db")
    _ = try KasmosFile.full(local)
    try KasmosFile(path: local).run(
      """
      INSERT INTO signals(project, plan_file, signal_type, created_at)
      VALUES ('kas', 'alpha.md', 'plan-start', '2026-02-01T00:00:00Z'),
        ('kas', 'alpha', 'plan_start', '2026-02-01T01:00:00+01:00')
      """)
    let report = try run(local)
    #expect(report.projects.first?.signals == 1)
    #expect(report.projects.first?.signalsPresent == 5)
  }

  @Test func `an imported signal wakes who waits under another name of the project`() throws {
    _ = try KasmosFile.full(path)
    try store.mutate("task_create", [("project", "kas"), ("filename", "x")])
    try store.mutate("project_alias", [("project", "kas"), ("alias", "other-name")])
    let end = Handover<Result<SignalAnswer?, any Error>>()
    var fields = Fields([("project", "other-name"), ("wait_ms", 30_000)])
    store.submit(try SignalClaim(reading: &fields), caller: Caller()) { end.set($0) }
    #expect(eventually { store.database.health.parked == 1 })
    try run()
    #expect(try end.wait().get() != nil)
  }

  @Test func `a task that comes with an import gets the signals that wait for it`() throws {
    _ = try KasmosFile.full(path)
    for type in ["plan_start", "implement_start"] {
      try store.mutate(
        "signal_create",
        [("project", "kas"), ("plan_file", "alpha"), ("signal_type", .string(type))])
    }
    try store.mutate("signal_claim", [("project", "kas")])
    try run()
    let signals = try store.rows(Signal.self, "WHERE id < 3 ORDER BY id")
    #expect(signals.map(\.status) == [.processing, .pending])
    #expect(try signals.map(\.task) == [store.task("alpha").id, store.task("alpha").id])
    try store.expectClean()
  }

  @Test func `a row whose stripped name is taken is left alone, with what belongs to it`() throws {
    let file = KasmosFile(path: path)
    try file.run(
      KasmosFile.tasks + KasmosFile.others + """
        INSERT INTO tasks(project, filename, description) VALUES
          ('kas', 'plan.md', 'old'), ('kas', 'plan', 'new');
        INSERT INTO subtasks(project, plan_filename, task_number, title) VALUES
          ('kas', 'plan.md', 1, 'old'), ('kas', 'plan', 1, 'new');
        """)
    let report = try run()
    #expect(try store.task("plan").description == "new")
    #expect(try store.subtasks(of: store.task("plan")).map(\.title) == ["new"])
    #expect(report.notes.contains { $0.contains("task \"plan.md\" of project kas was left alone") })
  }

  @Test func `a task that is in the store is left alone`() throws {
    _ = try KasmosFile.full(path)
    try run()
    try KasmosFile(path: path).run("UPDATE tasks SET description = 'changed' WHERE id = 1")
    try run()
    #expect(try store.task("alpha").description == "First")
  }

  @Test func `an older database has its tasks in plans`() throws {
    try KasmosFile(path: path).run(
      """
      CREATE TABLE plans (id INTEGER PRIMARY KEY, project TEXT, filename TEXT, status TEXT,
        description TEXT, branch TEXT, topic TEXT, created_at TEXT, implemented TEXT);
      INSERT INTO plans VALUES (1, 'kas', '2026-02-21-x.md', 'ready', 'd', 'b', '', 1767323045, 'i');
      """)
    try run()
    let task = try store.task("2026-02-21-x")
    #expect(task.implemented == "i")
    #expect(try task.createdAt == Timestamp("2026-01-02T03:04:05Z"))
  }

  @Test func `a database without projects needs one`() throws {
    try KasmosFile(path: path).run(
      """
      CREATE TABLE plans (filename TEXT, status TEXT);
      INSERT INTO plans VALUES ('x', 'ready');
      """)
    #expect(throws: HoldfastError.self) { try run() }
    try run(project: "mine")
    #expect(try store.task("x", in: "mine").status == .ready)
  }

  @Test func `one project of several can be taken alone`() throws {
    _ = try KasmosFile.full(path)
    #expect(try run(project: "other").projects.map(\.project.text) == ["other"])
  }

  @Test func `an unknown status makes a new project accept it`() throws {
    try KasmosFile(path: path).run(
      KasmosFile.tasks
        + "INSERT INTO tasks(project, filename, status) VALUES ('kas', 'a', 'icebox')")
    let report = try run()
    #expect(try store.task("a").status.text == "icebox")
    #expect(try store.rows(Project.self).first?.acceptsAnyStatus == true)
    #expect(report.notes.contains { $0.contains("accepts any status") })
    try store.expectClean()
  }

  @Test func `an unknown status is left out of a project that does not accept it`() throws {
    _ = try store.run(Work { _ = try $0.projectKeyForWriting(ProjectName("kas")) })
    try KasmosFile(path: path).run(
      KasmosFile.tasks
        + "INSERT INTO tasks(project, filename, status) VALUES ('kas', 'a', 'icebox')")
    let report = try run()
    #expect(report.projects.first?.tasks == 0)
    #expect(report.notes.contains { $0.contains("no status \"icebox\"") })
  }

  @Test func `what has no place is noted`() throws {
    try KasmosFile(path: path).run(
      KasmosFile.tasks + """
        ALTER TABLE tasks ADD COLUMN mystery TEXT;
        CREATE TABLE linear_triggers (id INTEGER PRIMARY KEY);
        INSERT INTO linear_triggers VALUES (1), (2);
        CREATE VIEW signals AS SELECT * FROM tasks;
        INSERT INTO tasks(project, filename, mystery) VALUES ('kas', 'a', 'x');
        """)
    let notes = try run().notes
    #expect(notes.contains { $0.contains("column tasks.mystery") })
    #expect(notes.contains { $0.contains("table linear_triggers") && $0.contains("2 rows") })
  }

  @Test func `content keeps every byte`() throws {
    try KasmosFile(path: path).run(KasmosFile.tasks)
    let content: [UInt8] = [0, 255, 10, 13, 0xC3, 0x28]
    try KasmosFile(path: path).run(
      "INSERT INTO tasks(project, filename, content) VALUES ('kas', 'a', ?1)", [.bytes(content)])
    try run()
    #expect(try store.content(of: store.task("a")) == content)
    try store.expectClean()
  }

  @Test func `wrong types, nulls and bad text are bent or left out, and noted`() throws {
    try KasmosFile(path: path).run(
      """
      CREATE TABLE tasks (project, filename, status, description, created_at, review_cycle, done_at,
        content);
      CREATE TABLE subtasks (project, plan_filename, task_number, title, status);
      """)
    let rows: [[SQLValue]] = [
      [
        .text("kas"), .text("a"), .null, .int(5), .text("yesterday"), .text("many"), .int(-1),
        .null,
      ],
      [.text("kas"), .bytes([0xFF, 0xFE]), .null, .null, .null, .null, .null, .null],
      [.text("kas"), .text("  .md "), .null, .null, .null, .null, .null, .null],
      [.text("kas"), .null, .null, .null, .null, .null, .null, .null],
      [.bytes([0x6B, 0xFF]), .text("b"), .null, .null, .null, .null, .null, .null],
      [
        .text("kas"), .text("c"), .text("ready"), .bytes([0x61, 0xFF, 0x00, 0x62]), .null, .int(-7),
        .int(99_999_999_999_999_999), .int(12),
      ],
    ]
    for row in rows {
      try KasmosFile(path: path).run(
        "INSERT INTO tasks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", row)
    }
    try KasmosFile(path: path).run(
      """
      INSERT INTO subtasks VALUES ('kas', 'a', 1, NULL, NULL), ('kas', 'a', 1, 'again', 'done'),
        ('kas', 'nobody', 1, '', ''), (NULL, NULL, NULL, NULL, NULL), ('kas', 'a', 'x', 'y', 'z')
      """)
    let report = try run(project: "kas")
    #expect(report.projects.first?.tasks == 2)
    let a = try store.task("a")
    #expect(a.description == "5")
    #expect(a.reviewCycle == 0)
    let c = try store.task("c")
    #expect(c.description == "a\u{FFFD}\u{FFFD}b")
    #expect(c.reviewCycle == 0)
    #expect(report.notes.contains("task c: review_cycle was -7 and became 0"))
    #expect(try store.content(of: c) == Array("12".utf8))
    #expect(try store.subtasks(of: a).map(\.number) == [0, 1])
    #expect(report.notes.count >= 7)
    try store.expectClean()
  }

  @Test func `files that are no kasmos database are refused`() throws {
    try writeFile(path, Array("just text".utf8))
    #expect(throws: HoldfastError.self) { try run() }
    try writeFile(path, Array("SQLite format 3\0garbage".utf8))
    #expect(throws: HoldfastError.self) { try run() }
    try writeFile(path, Array("SQLite format 3\0".utf8) + [UInt8](repeating: 7, count: 5000))
    #expect(throws: HoldfastError.self) { try run() }
    #expect(throws: HoldfastError.self) { try run(folder.file("nothing")) }
    let foreign = folder.file("foreign.db")
    try KasmosFile(path: foreign).run("CREATE TABLE things (a)")
    #expect(throws: HoldfastError.self) { try run(foreign) }
    #expect(store.database.health.lastSequence == 0)
  }

  @Test func `a cut database is refused`() throws {
    let file = try KasmosFile.full(path)
    try file.run("UPDATE tasks SET content = hex(zeroblob(100000)) WHERE id = 1")
    let bytes = try readFile(path)
    try writeFile(path, Array(bytes.prefix(bytes.count / 2)))
    #expect(throws: HoldfastError.self) { try run() }
    #expect(store.database.health.lastSequence == 0)
  }

  @Test func `the source is not changed, not even beside it`() throws {
    let file = try KasmosFile.full(path)
    try file.run("PRAGMA journal_mode=WAL")
    let before = try readFile(path)
    setFileMode(path, 0o400)
    setFileMode(folder.path, 0o500)
    defer { setFileMode(folder.path, 0o700) }
    try run()
    #expect(try readFile(path) == before)
    #expect(names(in: folder.path) == ["source.db"])
    #expect(try store.task("alpha").status == .implementing)
  }

  @Test func `a database in use is read with its log`() throws {
    _ = try KasmosFile.full(path)
    let owner = try ForeignSQLite(path: path)
    defer { owner.close() }
    try owner.run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0")
    try owner.run("INSERT INTO tasks(project, filename) VALUES ('kas', 'in the log')")
    let before = (try readFile(path), try readFile(path + "-wal"))
    try run()
    #expect(try store.task("in the log").status == .ready)
    #expect(try readFile(path) == before.0)
    #expect(try readFile(path + "-wal") == before.1)
  }

  @Test func `a large database is written in several transactions`() throws {
    try KasmosFile(path: path).run(
      KasmosFile.tasks + KasmosFile.others + """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
        INSERT INTO tasks(project, filename, content) SELECT 'kas', 'task ' || i, 'text ' || i FROM n;
        """)
    let report = try run()
    #expect(report.projects.first?.tasks == 1500)
    #expect(store.database.health.groups >= 8)
    try store.expectClean()
  }

  @Test func `an imported line of the audit trail shows what it was`() throws {
    _ = try KasmosFile.full(path)
    try run()
    let lines = try #require(try store.audit("kas"))
    #expect(lines.count == 1)
    let line = lines.first?.objectValue?.members.dropFirst().map { $0.value }
    #expect(
      line == [
        "wave_started", "2026-01-07T00:00:00.5Z", "kas", "alpha", "", "coder", 2, 0, "wave 2",
        #"{"x":1}"#, "warn",
      ])
    try store.expectClean()
  }
}
