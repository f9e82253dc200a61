internal import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// An operation without its type, as the doors hold it.
public struct OperationEntry: Sendable {
  public let name: String
  public let summary: String
  public let access: Access
  /// Whether it changes the store.
  public let isMutation: Bool
  /// Whether it may refuse with a conflict.
  public let mayConflict: Bool
  /// What the operation reads from a request.
  public let input: @Sendable () -> ObjectSchema
  /// What it answers with, in that shape.
  public let output: @Sendable (ObjectWriter.Shape) -> OutputSchema
  /// Reads a request and makes it ready to run.
  public let prepare: @Sendable (Store, inout Fields) throws(HoldfastError) -> PreparedRun

  /// What an answer looks like.
  public enum OutputSchema: Sendable {
    case object(ObjectSchema)
    /// Natively an object with the list under that name.
    case list(name: String, element: ObjectSchema)
    /// A list of texts; natively it would be a list of objects.
    case texts
  }

  public static func query<Q: Query>(_ type: Q.Type) -> OperationEntry {
    OperationEntry(
      type, isMutation: false, mayConflict: Q.mayConflict,
      { .object(ObjectWriter.describe(Q.Answer.self, shape: $0)) }
    ) { store, operation in
      .read(
        PreparedRead(
          begin: {
            { out in
              let answer = try store.run(operation)
              out.value(answer)
              return ReplyInfo(revision: answer.revision, download: answer.download)
            }
          },
          submit: { completion in store.submit(operation) { completion($0.map(Reply.of)) } }))
    }
  }

  public static func report<R: Report>(_ type: R.Type) -> OperationEntry {
    OperationEntry(
      type, isMutation: false, mayConflict: false,
      { .object(ObjectWriter.describe(R.Answer.self, shape: $0)) }
    ) { store, operation in
      .read(
        PreparedRead(
          begin: {
            { out in
              let answer = try store.run(operation)
              out.value(answer)
              return ReplyInfo()
            }
          },
          submit: { completion in
            store.heavyReads.run {
              completion(Result { Reply.of(try store.run(operation)) })
            }
          }, isHeavy: true))
    }
  }

  public static func listing<L: Listing>(_ type: L.Type) -> OperationEntry {
    OperationEntry(
      type, isMutation: false, mayConflict: false,
      { shape in
        if L.Element.placeholder.text(in: shape) != nil { return .texts }
        return .list(
          name: "\(L.listName)", element: ObjectWriter.describe(L.Element.self, shape: shape))
      }
    ) { store, operation in
      .read(
        PreparedRead(
          mayGoAhead: operation.hasPlainEnd,
          begin: {
            if operation.waitMilliseconds > 0 { return waiting(for: operation, in: store) }
            var begun: ListWalk<L.Element>?
            return { out in
              let walk = try begun ?? store.walk(operation)
              if begun == nil {
                out.beginList(L.listName)
                begun = walk
              }
              guard let end = try translatingErrors({ try walk.step { out.value($0) } }) else {
                return nil
              }
              return out.endList(end)
            }
          },
          submit: submission(of: operation, to: store),
          isHeavy: L.isHeavy || operation.waitMilliseconds > 0))
    }
  }

  /// Blocks the calling thread while the list waits.
  private static func waiting<L: Listing>(for listing: L, in store: Store) -> PreparedRead.Step {
    { out in
      let ended = Handover<Result<Reply, any Error>>()
      store.submit(listing) { ended.set($0) }
      guard case .answer(let info, let write) = try ended.wait().get() else { return ReplyInfo() }
      write(&out)
      return info
    }
  }

  private static func submission<L: Listing>(
    of listing: L, to store: Store
  ) -> PreparedRead.Submit? {
    guard L.isHeavy || listing.waitMilliseconds > 0 else { return nil }
    return { completion in store.submit(listing, completion: completion) }
  }

  public static func mutation<M: Mutation>(_ type: M.Type) -> OperationEntry {
    OperationEntry(
      type, isMutation: true, mayConflict: true,
      { .object(ObjectWriter.describe(M.Answer.self, shape: $0)) }
    ) { store, operation in
      .write { request, completion in store.submit(operation, request: request, completion) }
    }
  }

  private init<O: Operation>(
    _ type: O.Type, isMutation: Bool, mayConflict: Bool,
    _ output: @escaping @Sendable (ObjectWriter.Shape) -> OutputSchema,
    _ run: @escaping @Sendable (Store, O) -> PreparedRun
  ) {
    name = O.name
    summary = O.summary
    access = O.access
    self.isMutation = isMutation
    self.mayConflict = mayConflict
    self.output = output
    input = {
      Fields.describe(O.name) { (fields: inout Fields) throws(HoldfastError) in
        _ = try O(reading: &fields)
      }
    }
    prepare = { (store: Store, fields: inout Fields) throws(HoldfastError) in
      let operation: O
      do throws(HoldfastError) {
        operation = try O(reading: &fields)
      } catch {
        // A misspelt field is what is wrong, not the one that is missing therefore.
        try Self.refuseUnknown(fields, of: O.self)
        throw error
      }
      if let agent = fields.callingAgent { store.hear(agent) }
      try Self.refuseUnknown(fields, of: O.self)
      try operation.check()
      return run(store, operation)
    }
  }

  private static func refuseUnknown<O: Operation>(_ fields: Fields, of type: O.Type)
    throws(HoldfastError)
  {
    let unread = fields.unknownKeys
    guard !unread.isEmpty else { return }
    let schema = Fields.describe(O.name) { (fields: inout Fields) throws(HoldfastError) in
      _ = try O(reading: &fields)
    }
    let known = schema.fields.map(\.name)
    guard let unknown = unread.first(where: { !known.contains($0) }) else { return }
    let hint =
      EditDistance.nearest(unknown, among: known).map { "; did you mean \"\($0)\"?" }
      ?? "; it knows \(known.joined(separator: ", "))"
    throw HoldfastError(
      .unknownField, "\(O.name) has no field \"\(unknown)\"\(hint)",
      details: [("field", .string(unknown))])
  }
}

extension ObjectWriter {
  /// Begins the answer of a listing.
  mutating func beginList(_ name: StaticString) {
    if shape == .native {
      beginObject()
      key(name)
    }
    beginArray()
  }

  /// Ends the answer of a listing, and gives what is to be said about it.
  @discardableResult
  mutating func endList(_ end: ListEnd) -> ReplyInfo {
    endArray()
    if shape == .native {
      field("has_more", end.nextCursor != nil, "Whether there are more.")
      field("next_cursor", unlessEmpty: end.nextCursor, "Where the next page starts.")
      field(
        "total", unlessNil: end.total, "How many there are on all pages, where that was asked for.")
      endObject()
    }
    return ReplyInfo(revision: end.revision, nextCursor: end.nextCursor)
  }
}

/// An operation that has read its request.
public enum PreparedRun: Sendable {
  /// Runs on the calling thread and writes its answer.
  case read(PreparedRead)
  /// Queues the write; the completion comes on the writer's thread.
  case write(
    @Sendable (WriteRequest, @escaping @Sendable (Result<Reply, any Error>) -> Void) -> Void)
}

/// A read that is ready to run.
public struct PreparedRead: Sendable {
  /// Writes some of the answer; gives what to say about it once all of it is written, nil before.
  public typealias Step = (inout ObjectWriter) throws -> ReplyInfo?
  public typealias Submit =
    @Sendable (@escaping @Sendable (Result<Reply, any Error>) -> Void) -> Void

  /// Whether nothing is said at the end, so that the first steps may be sent ahead of the last ones.
  public let mayGoAhead: Bool
  /// Begins the read.
  public let begin: @Sendable () -> Step
  /// Makes the whole read, as a write is made; nil for one that goes in steps.
  public let submit: Submit?
  /// Whether it may take longer than a thread that answers should be kept: then it is submitted.
  public let isHeavy: Bool

  init(
    mayGoAhead: Bool = false, begin: @escaping @Sendable () -> Step,
    submit: Submit? = nil, isHeavy: Bool = false
  ) {
    self.mayGoAhead = mayGoAhead
    self.begin = begin
    self.submit = submit
    self.isHeavy = isHeavy
  }

  /// Writes the whole answer.
  public func callAsFunction(_ out: inout ObjectWriter) throws -> ReplyInfo {
    let step = begin()
    while true {
      if let info = try step(&out) { return info }
    }
  }
}

/// What a door says about an answer beside its body.
public struct ReplyInfo: Sendable {
  /// The revision of the task in the answer: its `ETag`.
  public var revision: Int64?
  /// Where the next page of a list starts.
  public var nextCursor: String?
  /// How raw bytes are to be saved.
  public var download: Download?

  public init(
    revision: Int64? = nil, nextCursor: String? = nil, download: Download? = nil
  ) {
    self.revision = revision
    self.nextCursor = nextCursor
    self.download = download
  }
}

/// How a write ended.
public enum Reply: Sendable {
  /// Done; the body is written where there is time for it.
  case answer(ReplyInfo, write: @Sendable (inout ObjectWriter) -> Void)
  /// It waited, and there was nothing to give.
  case nothing
  /// The answer of the first request with the same idempotency key.
  case recorded(RecordedAnswer)
}

extension Reply {
  /// The answer as native JSON; nil when there was nothing to give.
  ///
  /// - Throws: ``HoldfastError`` when a recorded answer is damaged.
  public func json() throws -> JSON? {
    switch self {
    case .nothing: return nil
    case .recorded(let recorded):
      return recorded.status == 204 ? nil : try Self.json(try recorded.body())
    case .answer(_, let write):
      var out = ObjectWriter(shape: .native)
      write(&out)
      return try Self.json(out.bytes)
    }
  }

  /// An answer that was written natively.
  public static func json(_ bytes: [UInt8]) throws -> JSON {
    do {
      return try JSONReader.read(bytes)
    } catch {
      throw HoldfastError(.internalError, "the operation's own answer is not JSON")
    }
  }
}

/// Under which conditions a write runs.
public struct WriteRequest: Sendable {
  public var caller: Caller
  /// For a request that may be repeated without being done twice.
  public var idempotency: IdempotentRequest?

  public init(caller: Caller, idempotency: IdempotentRequest? = nil) {
    self.caller = caller
    self.idempotency = idempotency
  }
}
