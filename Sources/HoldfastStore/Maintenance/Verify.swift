internal import HoldfastDatabase
internal import HoldfastModel

/// Checks the whole store: that its rows are what the log says, that everything a row refers to is
/// there, that what is kept about the readiness of tasks and for the search follows from them, and the
/// engine's own structures.
///
/// Right beside a server under load: what is compared is read in one moment's view, and the log up to
/// that moment is folded first. Rows that still seem to differ are folded once more, from the whole
/// log, before anything is said about them.
public struct Verify: StoreOperation {
  public static let name = "verify"
  public static let summary = "Checks that every row is what its history says, and the file itself."
  public static let access = Access.read

  /// How many problems are listed; the others are counted.
  public let problemsMax: Int

  /// The project whose folder somebody has looked into, and what is in its media folder.
  var project: ProjectName?
  var media: [String] = []

  public init(problemsMax: Int = 100) {
    self.problemsMax = problemsMax
  }

  public func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void)
    throws
    -> VerifyReport
  {
    let findings = VerifyFindings(problemsMax: problemsMax)
    try translatingErrors {
      try findings.surviving("the log") {
        try VerifyLog(database: store.database, findings: findings, progress: progress).run()
      }
      try findings.surviving("the tasks") {
        try VerifyTasks(database: store.database, findings: findings, progress: progress).run()
      }
      try findings.surviving("what is ready") {
        try VerifyReadiness(store: store, findings: findings, progress: progress).run()
      }
      try findings.surviving("attachments") {
        try VerifyBlobs(database: store.database, findings: findings, progress: progress).run()
      }
      try findings.surviving("media files") {
        try project.map { findings.found(mediaLeft: try mediaLeft(in: $0, store)) }
      }
      try findings.surviving("the index of the search") {
        try VerifySearch(database: store.database, findings: findings, progress: progress).run()
      }
      try findings.surviving("the log") {
        try VerifySuspects(database: store.database, findings: findings, progress: progress).run()
      }
      try progress(StoreProgress("checking the file", unit: "files", done: 0, total: 1))
      try findings.surviving("the file") {
        for line in try store.database.checkIntegrity() {
          findings.add("The database's structure is damaged: \(line)")
        }
        findings.leftOut(try store.database.uncheckedIntegrity)
      }
      try progress(StoreProgress("checking the file", unit: "files", done: 1, total: 1))
    }
    return findings.report
  }
}

extension Verify {
  private static let isUsed: SQL = """
    SELECT 1 FROM attachments JOIN tasks ON tasks.id = attachments.task
    WHERE tasks.project = ?1 AND attachments.file_path = ?2 AND attachments.detached_at IS NULL LIMIT 1
    """

  /// The files that no attachment has: a crash beside an attachment that was being made leaves one.
  private func mediaLeft(in project: ProjectName, _ store: Store) throws -> [String] {
    let key = try store.view { try $0.projectKey(project) } ?? 0
    var left: [String] = []
    for start in stride(from: 0, to: media.count, by: 500) {
      let some = media[start..<min(start + 500, media.count)]
      left += try store.view { view in
        try some.filter { try !view.reading.exists(Self.isUsed, [.int(key), .text($0)]) }
      }
    }
    return left
  }
}

/// What a check has found so far; used by one thread.
final class VerifyFindings {
  private let problemsMax: Int
  private(set) var report = VerifyReport()
  /// Rows that did not match at first sight.
  var suspects: Set<Fold.RowKey> = []
  private var counts = [Int](repeating: 0, count: Tables.logged.count)

  init(problemsMax: Int) {
    self.problemsMax = problemsMax
    report.tables = Tables.logged.map { TableCount(name: $0.name, rows: 0) }
  }

  func add(_ problem: String) {
    if report.problems.count < problemsMax {
      report.problems.append(problem)
    } else {
      report.problemsLeftOut += 1
    }
  }

  func found(mediaLeft files: [String]) { report.mediaLeft = files }

  func leftOut(_ part: String?) { report.unchecked += part.map { [$0] } ?? [] }

  func counted(rows: Int, of table: Int) { report.tables[table].rows += rows }

  func read(events: Int, through sequence: Int64) {
    report.events += events
    report.lastSequence = max(report.lastSequence, sequence)
  }

  /// Goes on after damage that makes a part of the store unreadable: that is a finding.
  func surviving(_ part: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as DatabaseError where error.kind == .corrupt || error.kind == .io {
      add("Reading \(part) failed: \(error)")
    }
  }
}
