internal import CSodium
internal import CZstd
internal import HoldfastDatabase
public import HoldfastModel

/// A write that its client may send again: the same key with the same request gives the first
/// answer again.
public struct IdempotentRequest: Sendable {
  /// The hash of the key within its scope: the caller and the project.
  let key: [UInt8]
  /// The key as the client gave it.
  let name: String
  /// The hash of everything else that the request says.
  let request: [UInt8]
  /// Whose wire format the answer has.
  let shape: ObjectWriter.Shape
  /// The answer as the door sends it, which is kept with the write.
  let render: @Sendable (ReplyInfo?, ((inout ObjectWriter) -> Void)?) -> RecordedAnswer

  /// The same for all doors, so that a key that was sent to one of them is known at the others.
  ///
  /// - Parameters:
  ///   - key: The client's key; equal keys of other callers or projects are other keys.
  ///   - actor: Who asks.
  ///   - project: The project it is about; empty for the whole store.
  ///   - method: The method of the request. With the three that follow it is all that makes two
  ///     requests the same.
  ///   - target: Its path and query, as they were sent.
  ///   - body: Its body, as it was sent.
  ///   - ifMatch: Its condition; empty without one.
  ///   - shape: Whose wire format the answer has.
  ///   - render: Gives the answer as it is sent; without a writer there is nothing to give.
  public init(
    key: String, actor: String, project: String, method: String, target: [UInt8], body: [UInt8],
    ifMatch: String = "", shape: ObjectWriter.Shape,
    render: @escaping @Sendable (ReplyInfo?, ((inout ObjectWriter) -> Void)?) -> RecordedAnswer
  ) {
    name = key
    self.key = Self.hash([Array("\(actor)\n\(project)".utf8), Array(key.utf8)])
    request = Self.hash([Array(method.utf8), target, body, Array(ifMatch.utf8)])
    self.shape = shape
    self.render = render
  }

  /// BLAKE2b over the parts, each with its length before it, so that no two lists of parts run
  /// together.
  private static func hash(_ parts: [[UInt8]]) -> [UInt8] {
    var input: [UInt8] = []
    input.reserveCapacity(parts.reduce(0) { $0 + 8 + $1.count })
    for part in parts {
      withUnsafeBytes(of: UInt64(part.count).littleEndian) { input.append(contentsOf: $0) }
      input += part
    }
    var hash = [UInt8](repeating: 0, count: 32)
    crypto_generichash(&hash, hash.count, input, UInt64(input.count), nil, 0)
    return hash
  }
}

/// An answer as it was sent the first time.
public struct RecordedAnswer: Sendable {
  public let status: Int
  public let revision: Int64?
  /// The body, without its task's text where ``text`` has that; compressed once it was kept.
  let bytes: [UInt8]
  /// What the body leaves out.
  var text: Text?

  /// The text of a task, which the history has already, and its place in the body.
  struct Text {
    let place: Int
    let content: [UInt8]
    let shape: ObjectWriter.Shape
  }

  public init(status: Int, revision: Int64?, body: [UInt8]) {
    self.status = status
    self.revision = revision
    bytes = body
  }

  /// The whole body; made anew each time, which takes long for a long one.
  ///
  /// - Throws: ``HoldfastError`` when what was kept is damaged.
  public func body() throws -> [UInt8] {
    let bytes = try Compression.decompress(bytes)
    guard let text, text.place <= bytes.count else { return bytes }
    return bytes[..<text.place] + ObjectWriter.rendered(text: text.content, shape: text.shape)
      + bytes[text.place...]
  }
}

extension StoreView {
  fileprivate static let find: SQL = """
    SELECT i.at, i.request, i.status, i.revision, i.answer, i.text_place, events.content
    FROM idempotency i LEFT JOIN events ON events.seq = i.text WHERE i.key = ?1
    """
  private static let isThere: SQL = "SELECT 1 FROM idempotency WHERE key = ?1 AND at >= ?2"

  /// How long an answer is kept, in nanoseconds: a day.
  fileprivate static let kept: Int64 = 86_400_000_000_000

  /// Whether the key of this request was used already.
  func isRecorded(_ request: IdempotentRequest) throws -> Bool {
    try reading.exists(Self.isThere, [.bytes(request.key), .int(reading.now - Self.kept)])
  }
}

extension Changes {
  /// The first answer to this request, when it was done already.
  func recordedAnswer(_ request: IdempotentRequest) throws -> RecordedAnswer? {
    guard !memory.facts.contains(.isUnused(request.key)) else { return nil }
    var answer: RecordedAnswer?
    try transaction.ask(Self.find, [.bytes(request.key)]) { row in
      guard row.int(0) >= now.nanoseconds - Self.kept else { return }
      guard row.bytes(1) == request.request else {
        throw HoldfastError(
          .idempotencyMismatch,
          "this Idempotency-Key was used for another request: use a new key for a new request")
      }
      var found = RecordedAnswer(
        status: Int(row.int(2)), revision: row.optionalInt(3), body: row.bytes(4))
      found.text = row.optionalInt(5).map {
        RecordedAnswer.Text(place: Int($0), content: row.bytes(6), shape: request.shape)
      }
      answer = found
    }
    if answer == nil { memory.facts.insert(.isUnused(request.key)) }
    return answer
  }

  private static let insert: SQL = """
    INSERT INTO idempotency(key, request, at, status, revision, answer, text, text_place)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    """
  // Rows come in the order of time, so the oldest have the smallest numbers. An answer under this key
  // would have been found, were it not too old.
  private static let purge: SQL = """
    DELETE FROM idempotency
    WHERE (id IN (SELECT id FROM idempotency ORDER BY id LIMIT 2) AND at < ?1) OR key = ?2
    """

  /// Keeps the answer in the same transaction as what it answers.
  ///
  /// The text of a task is not kept twice: the answer says in which event it is.
  func record<A: Output>(_ answer: A, for request: IdempotentRequest) throws {
    var place: Int?
    let kept = request.render(ReplyInfo(revision: answer.revision)) { out in
      out.leavesOutText = answer.textEvent != nil
      out.value(answer)
      place = out.textPlace
    }
    memory.facts.remove(.isUnused(request.key))
    try transaction.execute(Self.purge, [.int(now.nanoseconds - Self.kept), .bytes(request.key)])
    try transaction.execute(
      Self.insert,
      [
        .bytes(request.key), .bytes(request.request), .int(now.nanoseconds),
        .int(Int64(kept.status)), .optional(kept.revision),
        .bytes(Compression.compress(kept.bytes)),
        .optional(place == nil ? nil : answer.textEvent), .optional(place.map { Int64($0) }),
      ])
  }
}

/// Zstandard (RFC 8878) for kept answers.
///
/// On the writer's thread, because an answer is known there first; a long one takes less time to
/// compress than to write as it is: 1 ms for 1.3 MB.
enum Compression {
  /// Shorter ones are kept as they are; JSON never starts like a frame.
  ///
  /// A frame takes 12 µs of the writer's time, however short it is.
  private static let lengthMin = 4096
  private static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]

  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= lengthMin else { return bytes }
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&frame, frame.count, bytes, bytes.count, 1)
    guard ZSTD_isError(count) == 0, count < bytes.count else { return bytes }
    return Array(frame[..<count])
  }

  static func decompress(_ bytes: [UInt8]) throws -> [UInt8] {
    guard bytes.starts(with: magic) else { return bytes }
    let size = ZSTD_getFrameContentSize(bytes, bytes.count)
    // Our own frames carry their size, which is that of an answer in memory.
    guard size <= Int32.max else {
      throw HoldfastError(.corrupt, "a kept answer is damaged")
    }
    var content = [UInt8](repeating: 0, count: Int(size))
    let count = ZSTD_decompress(&content, content.count, bytes, bytes.count)
    guard ZSTD_isError(count) == 0, count == content.count else {
      throw HoldfastError(.corrupt, "a kept answer is damaged")
    }
    return content
  }
}
