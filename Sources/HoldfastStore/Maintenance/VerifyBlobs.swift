internal import HoldfastDatabase
internal import HoldfastModel

/// Compares the contents of attachments with their hashes, and with what refers to them.
final class VerifyBlobs {
  private let database: any Database
  private let findings: VerifyFindings
  private let progress: @Sendable (StoreProgress) throws -> Void
  private var done = 0

  private static let blobs: SQL = """
    SELECT id, hash, bytes, content,
      (SELECT 1 FROM attachments WHERE attachments.hash = blobs.hash AND attachments.hash <> '' LIMIT 1)
    FROM blobs WHERE id > ?1 ORDER BY id
    """
  private static let attachments: SQL = """
    SELECT attachments.id, attachments.bytes, blobs.bytes
    FROM attachments LEFT JOIN blobs ON blobs.hash = attachments.hash
    WHERE attachments.id > ?1 AND attachments.hash <> '' ORDER BY attachments.id
    """

  init(
    database: any Database, findings: VerifyFindings,
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) {
    self.database = database
    self.findings = findings
    self.progress = progress
  }

  func run() throws {
    try walk(Self.blobs, check(blob:))
    try walk(Self.attachments, check(attachment:))
  }

  /// Goes through the rows of a statement by their keys, in short reads.
  private func walk(_ sql: SQL, _ check: (any Row) -> Void) throws {
    var last: Int64 = 0
    var isDone = false
    while !isDone {
      isDone = try database.read { view in
        try view.query(sql, [.int(last)]) { row in
          last = row.int(0)
          done += 1
          check(row)
          return !view.stepIsOver
        }
      }
      try progress(StoreProgress("comparing attachments", unit: "rows", done: done))
    }
  }

  private func check(blob row: any Row) {
    let name = "Content \(row.int(0))"
    let (hash, length) = row.withBytes(3) { (Blob.hash(of: $0), $0.count) }
    if hash != row.text(1) || Int64(length) != row.int(2) {
      findings.add("\(name) of attachments is not what its hash says.")
    }
    if row.isNull(4) { findings.add("\(name) of attachments is kept, but nothing refers to it.") }
  }

  private func check(attachment row: any Row) {
    if row.isNull(2) {
      findings.add("Attachment \(row.int(0)) refers to content that is not there.")
    } else if row.int(1) != row.int(2) {
      findings.add(
        "Attachment \(row.int(0)) says that its content has \(row.int(1)) bytes, not "
          + "\(row.int(2)).")
    }
  }
}
