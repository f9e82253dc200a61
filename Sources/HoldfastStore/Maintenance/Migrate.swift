internal import HoldfastDatabase
public import HoldfastModel

/// Copies a whole store from one place to another, on the same engine or another one: every row of
/// every table with its numbers, times and bytes, the store's key and epoch, and its lease clock.
///
/// Nobody may use either place meanwhile. The target has another mark than a store until everything is
/// there and checked, so nobody takes it for one; a copy that was interrupted starts over when it is
/// run again.
public struct Migrate: Sendable {
  public let source: StorePlace
  public let target: StorePlace

  public init(from source: StorePlace, to target: StorePlace) {
    self.source = source
    self.target = target
  }

  private static let kind = "migrate"

  /// Does the work and blocks until the target is a store, on disk.
  ///
  /// - Parameter progress: Called often, on the calling thread; what it throws ends the work.
  /// - Returns: What was copied.
  /// - Throws: ``HoldfastError`` when a place cannot be used, the source changes meanwhile or the copy is
  ///   not the same. The source is never changed.
  public func run(progress: @escaping @Sendable (StoreProgress) throws -> Void = { _ in }) throws
    -> MigrateReport
  {
    let from = try naming("source") {
      try source.checkIsThere()
      return try source.open(StoreSchema.current, kind: Self.kind)
    }
    defer { from.close() }
    let stamp = try naming("source") {
      // A store that this program cannot write is one that it does not know in full.
      try from.write { _ in }
      // Gives the store its key, if it never had one.
      _ = try Store(database: from)
      return try Stamp(from)
    }
    let to = try naming("target") {
      try target.open(StoreSchema.current.unfinished, kind: Self.kind)
    }
    defer { to.close() }
    return try translatingErrors {
      try makeRoom(for: stamp, in: to)
      let counts = try copy(from, to, progress)
      let check = try check(to, counts, stamp, progress)
      guard try Stamp(from) == stamp else {
        throw HoldfastError(
          .conflict,
          "the source was written meanwhile: stop its servers, then migrate again; the target is "
            + "left unfinished")
      }
      let lease = try from.read { try $0.dialect.leaseClock($0) }
      try to.write {
        try $0.finishCopy(lease: lease, tables: CopiedTable.numbered, schema: StoreSchema.current)
      }
      return MigrateReport(tables: counts, check: check)
    }
  }

  /// Says which of the two places an error is about.
  private func naming<R>(_ place: String, _ body: () throws -> R) throws -> R {
    do {
      return try translatingErrors(body)
    } catch var error as HoldfastError {
      error.message = "\(place): \(error.message)"
      throw error
    }
  }

  // MARK: Steps

  /// Refuses an unfinished copy of another store, and empties one of this store.
  private func makeRoom(for stamp: Stamp, in target: any Database) throws {
    if let found = try target.read({ try $0.first(Stamp.storeKey) { $0.bytes(0) } }) {
      guard found == stamp.key else {
        throw HoldfastError(
          .conflict, "target: there is an unfinished copy of another store; choose another place")
      }
    }
    try target.write { transaction in
      for statement in transaction.dialect.emptying(CopiedTable.names) {
        try transaction.execute(statement, [])
      }
    }
  }

  private func copy(
    _ source: any Database, _ target: any Database,
    _ progress: (StoreProgress) throws -> Void
  ) throws -> [TableCount] {
    try CopiedTable.names.map { name in
      let table = try source.read { try CopiedTable(name, in: $0) }
      let total = try table.count(in: source)
      let rows = try table.copy(from: source, to: target) {
        try progress(StoreProgress("copying \(name)", unit: "rows", done: $0, total: total))
      }
      guard try table.count(in: target) == total, rows == total else {
        throw HoldfastError(
          .corrupt, "\(rows) of \(total) rows of \(name) are in the target: it is left unfinished")
      }
      return TableCount(name: name, rows: total)
    }
  }

  /// Checks the copy as a store, and that it counts what the source counts.
  private func check(
    _ target: any Database, _ counts: [TableCount], _ stamp: Stamp,
    _ progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) throws -> VerifyReport {
    let report = try Verify().run(on: Store(database: target), progress: progress)
    guard report.isClean else {
      var refusal = report.refusal(of: "the copy")
      refusal.message += " It is left unfinished; check the source with 'holdfast verify'."
      throw refusal
    }
    let found = report.tables + [TableCount(name: "events", rows: report.events)]
    guard found.allSatisfy(counts.contains), report.lastSequence == stamp.lastSequence else {
      throw HoldfastError(
        .corrupt, "the copy does not count what the source counts: it is left unfinished")
    }
    return report
  }
}

/// By what a store is known, and what moves with every change of it.
private struct Stamp: Equatable {
  let key: [UInt8]
  let epoch: Int64
  let lastSequence: Int64
  /// An answer is also kept for what changed nothing.
  let lastAnswer: Int64
  /// An agent may be heard of without an event.
  let lastHeartbeat: Int64

  static let storeKey: SQL = "SELECT key FROM store WHERE id = 1"
  private static let all: SQL = """
    SELECT key, epoch, coalesce((SELECT max(seq) FROM events), 0),
      coalesce((SELECT max(id) FROM idempotency), 0),
      coalesce((SELECT max(seen_at) FROM heartbeats), 0)
    FROM store WHERE id = 1
    """

  init(_ database: any Database) throws {
    let found = try database.read { view in
      try view.first(Self.all) { ($0.bytes(0), $0.int(1), $0.int(2), $0.int(3), $0.int(4)) }
    }
    guard let found else { throw HoldfastError(.corrupt, "the store has no key of its ids") }
    (key, epoch, lastSequence, lastAnswer, lastHeartbeat) = found
  }
}

/// A store that was copied.
public struct MigrateReport: Output {
  /// How many rows of each table were copied.
  public let tables: [TableCount]
  public let check: VerifyReport

  public static var placeholder: MigrateReport { MigrateReport(tables: [], check: .placeholder) }

  public func write(_ out: inout ObjectWriter) {
    out.list("tables", tables, "How many rows of each table were copied.")
    out.object("verify", check, "The check of the copy.")
  }
}
