import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Synchronization
import Testing

/// Copies of whole stores between places, on the same engine and on the other one.
@Suite struct MigrateTests {
  let folder = TemporaryFolder()

  /// The engines of a source and a target.
  enum Way: CaseIterable {
    case fileToServer, serverToFile, fileToFile, serverToServer

    var startsInFile: Bool { self == .fileToServer || self == .fileToFile }
    var endsInFile: Bool { self == .serverToFile || self == .fileToFile }
  }

  private func place(_ name: String, inFile: Bool) throws -> StorePlace {
    inFile
      ? .file(SQLiteConfiguration(path: folder.file(name)))
      : .postgresql(try PostgreSQLCluster.shared.emptyDatabase())
  }

  /// A place with a random history in it, and what a history alone does not have.
  private func source(inFile: Bool, seed: UInt64 = 1, steps: Int = 300) throws -> StorePlace {
    let source = try place("source.db", inFile: inFile)
    try source.withStore { store in
      var history = RandomHistory(seed: seed)
      try history.run(steps: steps, on: store)
      try store.mutate("task_create", [("project", "p0"), ("filename", "Zeile\u{301}")])
      let statuses: JSON = [
        ["name": "todo", "category": "open"], ["name": "doing", "category": "active"],
        ["name": "shipped", "category": "done"],
      ]
      try store.mutate(
        "workflow_define", [("project", "p0"), ("workflow", "train"), ("statuses", statuses)])
      try store.mutate(
        "task_create",
        [("project", "p0"), ("title", "t"), ("workflow", "train"), ("status", "shipped")])
      _ = try store.run(
        Work { changes in
          let project = try changes.projectKeyForWriting(ProjectName("p0"))
          try changes.record(.taskCreated, project: project) { event in
            var task = TaskEntry(
              project: project, filename: try TaskFilename("bytes"), status: .ready)
            task.revision = event.sequence
            event.set(TaskText([0, 0xFF, 0xFE, 0, 0x80, 10]), of: &task)
            task.id = try event.insert(task)
            event.task = task.id
          }
        })
      try store.makeSignals(3)
      let claim = try store.mutate("signal_claim", [("project", "p"), ("claimed_by", "ada")])
      #expect(claim != .null)
      try store.database.write { transaction in
        try transaction.execute(
          "INSERT INTO idempotency(key, request, at, status, answer) VALUES (?1, ?2, 7, 201, ?3)",
          [.bytes([0, 1, 0xFF]), .bytes([2]), .bytes([0, 0, 0x28, 0xB5])])
      }
    }
    return source
  }

  @Test func `of two copies into one database at once the second is refused`() throws {
    let source = try source(inFile: true, steps: 20)
    let server = try PostgreSQLCluster.shared.emptyDatabase()
    let first = try PostgreSQLDatabase(
      configuration: server, schema: StoreSchema.current.unfinished)
    let refusal = #expect(throws: HoldfastError.self) {
      try migrate(source, .postgresql(server))
    }
    #expect(
      refusal?.message.hasPrefix("target: another 'holdfast migrate' is copying") == true,
      "\(refusal?.message ?? "")")
    #expect(refusal?.code == .unavailable)
    first.close()
    #expect(try migrate(source, .postgresql(server)).check.isClean)
  }

  @Test(arguments: Way.allCases, [1, 2] as [UInt64])
  func `a copy is the same in every row and goes on where its source ended`(
    way: Way, seed: UInt64
  ) throws {
    let source = try source(inFile: way.startsInFile, seed: seed)
    let target = try place("target.db", inFile: way.endsInFile)
    let report = try migrate(source, target)
    let before = try source.withStore { try Content($0) }
    let after = try target.withStore { try Content($0) }
    #expect(before.rows["events"]?.isEmpty == false && before.rows["idempotency"]?.count == 1)
    #expect(before.leaseTime > 0 || before.leaseWall > 0)
    #expect(before.difference(from: after) == nil)
    #expect(report.check.isClean && report.check.events == before.rows["events"]?.count)

    // New rows get new numbers.
    try target.withStore { store in
      var history = RandomHistory(seed: 9)
      try history.run(steps: 100, on: store)
      #expect(try Verify().run(on: store).problems == [])
      #expect(try Verify().run(on: store).lastSequence > report.check.lastSequence)
    }
  }

  @Test func `a store comes back from the other engine as it went`() throws {
    let source = try source(inFile: true)
    let server = try place("", inFile: false)
    let back = try place("back.db", inFile: true)
    try migrate(source, server)
    try migrate(server, back)
    let difference = try source.withStore { try Content($0) }
      .difference(from: back.withStore { try Content($0) })
    #expect(difference == nil)
  }

  @Test func `long texts go in steps`() throws {
    let source = try place("source.db", inFile: true)
    let text = String(repeating: "0123456789abcdef", count: 100_000)
    try source.withStore { store in
      for number in 0..<8 {
        try store.mutate(
          "task_create",
          [("project", "p"), ("filename", .string("t\(number)")), ("content", .string(text))])
      }
    }
    let target = try place("", inFile: false)
    let steps = Inbox()
    try migrate(source, target) { steps.add($0) }
    #expect(steps.count(of: "copying events") >= 3)
    let difference = try source.withStore { try Content($0) }
      .difference(from: target.withStore { try Content($0) })
    #expect(difference == nil)
  }

  @Test(arguments: Way.allCases)
  func `an interrupted copy is no store, and starts over`(way: Way) throws {
    struct Interrupted: Error {}
    let source = try source(inFile: way.startsInFile)
    let target = try place("target.db", inFile: way.endsInFile)
    for phase in ["copying tasks", "copying events", "comparing tasks"] {
      #expect(throws: Interrupted.self) {
        try migrate(source, target) { if $0.phase == phase { throw Interrupted() } }
      }
      let refusal = #expect(throws: HoldfastError.self) { try target.withStore { _ in } }
      #expect(refusal?.message.contains("unfinished copy of a store") == true, "\(phase)")
    }
    // What the source got meanwhile comes along.
    try source.withStore {
      _ = try $0.mutate("task_create", [("project", "p0"), ("filename", "new")])
    }
    try migrate(source, target)
    let difference = try source.withStore { try Content($0) }
      .difference(from: target.withStore { try Content($0) })
    #expect(difference == nil)
  }

  @Test(arguments: [true, false])
  func `an unfinished copy of another store is left alone`(inFile: Bool) throws {
    struct Interrupted: Error {}
    let target = try place("target.db", inFile: inFile)
    let source = try source(inFile: true)
    #expect(throws: Interrupted.self) {
      try migrate(source, target) { if $0.phase == "copying tasks" { throw Interrupted() } }
    }
    let other = try place("other.db", inFile: true)
    try other.withStore { _ in }
    let refusal = #expect(throws: HoldfastError.self) { try migrate(other, target) }
    #expect(refusal?.message.contains("unfinished copy of another store") == true)
    try migrate(source, target)
  }

  @Test(arguments: [true, false])
  func `a target that holds a store is refused and stays as it is`(inFile: Bool) throws {
    let source = try source(inFile: true)
    let target = try place("target.db", inFile: inFile)
    try target.withStore {
      _ = try $0.mutate("task_create", [("project", "q"), ("filename", "mine")])
    }
    let before = try target.withStore { try Content($0) }
    let refusal = #expect(throws: HoldfastError.self) { try migrate(source, target) }
    #expect(refusal?.code == .conflict)
    #expect(refusal?.message == "target: there is a store already; a copy needs a place of its own")
    let difference = before.difference(from: try target.withStore { try Content($0) })
    #expect(difference == nil)
  }

  @Test func `a target of another program is refused`() throws {
    let source = try source(inFile: true)
    let foreign = try ForeignSQLite(path: folder.file("foreign.db"))
    try foreign.run("CREATE TABLE theirs(a)")
    foreign.close()
    let file = StorePlace.file(SQLiteConfiguration(path: folder.file("foreign.db")))
    #expect(throws: HoldfastError.self) { try migrate(source, file) }
    let database = try PostgreSQLCluster.shared.emptyDatabase()
    try PostgreSQLCluster.shared.run("CREATE TABLE theirs(a int)", in: database.url)
    let refusal = #expect(throws: HoldfastError.self) { try migrate(source, .postgresql(database)) }
    #expect(refusal?.message.contains("tables of another program") == true)
  }

  @Test func `a source that is not there makes nothing`() throws {
    let source = try place("none.db", inFile: true)
    let target = try place("target.db", inFile: true)
    let refusal = #expect(throws: HoldfastError.self) { try migrate(source, target) }
    #expect(refusal?.code == .notFound)
    for name in ["none.db", "target.db"] { #expect(access(folder.file(name), F_OK) != 0) }
  }

  @Test func `a file that somebody uses is refused`() throws {
    let source = try source(inFile: true)
    let lock = try takeLock(folder.file("source.db"))
    let refusal = #expect(throws: HoldfastError.self) {
      _ = try Migrate(from: source, to: try place("target.db", inFile: true)).run()
    }
    #expect(refusal?.message.contains("in use by 'test'") == true)
    withExtendedLifetime(lock) {}
  }

  @Test func `a source that is written meanwhile is noticed`() throws {
    let source = try source(inFile: false)
    let target = try place("target.db", inFile: true)
    let written = Handover<Bool>()
    let refusal = #expect(throws: HoldfastError.self) {
      try migrate(source, target) { progress in
        guard progress.phase == "copying idempotency", written.value == nil else { return }
        written.set(true)
        try source.withStore {
          _ = try $0.mutate("task_create", [("project", "p0"), ("filename", "late")])
        }
      }
    }
    #expect(refusal?.code == .conflict || refusal?.code == .corrupt)
    #expect(throws: HoldfastError.self) { try target.withStore { _ in } }
    try migrate(source, target)
    #expect(try target.withStore { try Verify().run(on: $0) }.isClean)
  }

  @Test func `a text that PostgreSQL cannot keep is named`() throws {
    let source = try source(inFile: true)
    try StoreFile(folder.file("source.db")).damage(
      "UPDATE signals SET payload = 'a' || char(0) WHERE id = (SELECT max(id) FROM signals)")
    let refusal = #expect(throws: HoldfastError.self) {
      try migrate(source, try place("", inFile: false))
    }
    #expect(refusal?.message.contains("of signals has a zero byte in a text") == true)
  }

  @Test(arguments: [true, false])
  func `every table of a store is copied but the index of the search`(inFile: Bool) throws {
    let tables = try place("all.db", inFile: inFile).withStore { store in
      try store.database.read { try $0.ownTables() }
    }
    let report = try migrate(try source(inFile: true), try place("copy.db", inFile: true))
    #expect(Set(tables) == Set(report.tables.map(\.name)))
  }

  @Test(arguments: Way.allCases)
  func `what was copied is found by a search`(way: Way) throws {
    let source = try source(inFile: way.startsInFile)
    try source.withStore { store in
      try store.mutate(
        "task_create",
        [("project", "p0"), ("filename", "login"), ("content", "the words of a page")])
      _ = try SearchRebuild().run(on: store)
    }
    let target = try place("copy.db", inFile: way.endsInFile)
    try migrate(source, target)
    try target.withStore { store in
      let answer = try store.list("task_search", [("project", "p0"), ("q", "\"the words\"")])
      #expect(answer["tasks"]?.arrayValue?.map { $0["filename"] } == ["login"])
      #expect(try SearchRebuild().run(on: store).tasks > 10)
    }
  }

  /// Migrates; a lock that a child of another test holds a copy of is waited for.
  @discardableResult
  private func migrate(
    _ source: StorePlace, _ target: StorePlace,
    progress: @escaping @Sendable (StoreProgress) throws -> Void = { _ in }
  ) throws -> MigrateReport {
    for place in [source, target] {
      if case .file(let configuration) = place { _ = try takeLock(configuration.path) }
    }
    return try Migrate(from: source, to: target).run(progress: progress)
  }
}

extension StorePlace {
  /// Opens the store for the length of `body`.
  fileprivate func withStore<R>(_ body: (Store) throws -> R) throws -> R {
    let store: Store
    switch self {
    case .file(let configuration):
      store = try Store(
        opening: configuration, lock: try takeLock(configuration.path), settings: StoreSettings())
    case .postgresql(let configuration):
      store = try Store(opening: configuration, settings: StoreSettings())
    }
    defer { store.database.close() }
    return try body(store)
  }
}

extension ReadTransaction {
  /// All tables but the engine's own and those that are made again from the others.
  fileprivate func ownTables() throws -> [String] {
    try all(dialect.tables) { $0.text(0) }.filter { !$0.hasPrefix("search_") }
  }
}

/// All rows of all tables, and the lease clock.
private struct Content {
  var rows: [String: [[SQLValue]]] = [:]
  let leaseTime: Int64
  let leaseWall: Int64

  init(_ store: Store) throws {
    var found: [String: [[SQLValue]]] = [:]
    let lease = try store.database.read { view in
      for table in try view.ownTables() {
        let columns = try view.all(view.dialect.columns, [.text(table)]) { $0.text(0) }
        let list = columns.joined(separator: ", ")
        found[table] = try view.all(SQL("SELECT \(list) FROM \(table) ORDER BY 1"), []) { row in
          (0..<row.columnCount).map { row.value($0) }
        }
      }
      return try view.dialect.leaseClock(view)
    }
    rows = found
    (leaseTime, leaseWall) = (lease.time, lease.wall)
  }

  /// The first thing in which two differ; nil when they are the same.
  func difference(from other: Content) -> String? {
    guard Set(rows.keys) == Set(other.rows.keys) else { return "tables" }
    for (name, mine) in rows.sorted(by: { $0.key < $1.key }) where mine != other.rows[name] {
      return "\(name): \(mine.count) rows and \(other.rows[name]?.count ?? 0)"
    }
    if (leaseTime, leaseWall) != (other.leaseTime, other.leaseWall) { return "lease clock" }
    return nil
  }
}

/// The steps that were reported.
private final class Inbox: Sendable {
  private let steps = Mutex<[String]>([])

  func add(_ step: StoreProgress) { steps.withLock { $0.append(step.phase) } }
  func count(of phase: String) -> Int { steps.withLock { $0.count { $0 == phase } } }
}
