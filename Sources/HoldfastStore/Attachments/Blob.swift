internal import CSodium
package import HoldfastDatabase
internal import HoldfastModel

/// Content by its hash, kept once however many attachments refer to it.
///
/// It stands apart from the log: the hash in the log says what it is, so nothing else has to.
package struct Blob: Record {
  package var id: Int64 = 0
  package let hash: String
  package let content: [UInt8]

  package init(_ content: [UInt8]) {
    hash = content.withUnsafeBytes { Self.hash(of: $0) }
    self.content = content
  }

  /// BLAKE2b with 32 bytes, in base64.
  static func hash(of content: UnsafeRawBufferPointer) -> String {
    var hash = [UInt8](repeating: 0, count: 32)
    crypto_generichash(
      &hash, hash.count, content.baseAddress?.assumingMemoryBound(to: UInt8.self),
      UInt64(content.count), nil, 0)
    return Base64.encode(hash)
  }

  package static let table = Table(
    "blobs", [("hash", .null), ("bytes", .null), ("content", .null)])

  package init(row: any Row) {
    id = row.int(0)
    hash = row.text(1)
    content = row.bytes(3)
  }

  package var values: [SQLValue] { [.text(hash), .int(Int64(content.count)), .bytes(content)] }
}

extension StoreView {
  private static let blobContent: SQL = "SELECT content FROM blobs WHERE hash = ?1"

  /// The content of that hash; nil when it is not there.
  package func content(ofHash hash: String) throws -> [UInt8]? {
    try reading.first(Self.blobContent, [.text(hash)]) { $0.bytes(0) }
  }
}

extension Changes {
  private static let isKept: SQL = "SELECT 1 FROM blobs WHERE hash = ?1"
  private static let isReferredTo: SQL = """
    SELECT 1 FROM attachments WHERE hash = ?1 AND hash <> '' LIMIT 1
    """
  private static let drop: SQL = "DELETE FROM blobs WHERE hash = ?1"

  /// Keeps content, unless the same is there already.
  package func keep(_ blob: Blob) throws {
    guard !(try transaction.exists(Self.isKept, [.text(blob.hash)])) else { return }
    var blob = blob
    blob.id = try memory.nextKey(of: Blob.table, in: transaction)
    try write(apart: blob, over: nil)
  }

  /// Frees content that nothing refers to any more.
  func free(hash: String) throws {
    guard !hash.isEmpty, !(try transaction.exists(Self.isReferredTo, [.text(hash)])) else { return }
    try transaction.execute(Self.drop, [.text(hash)])
  }
}
