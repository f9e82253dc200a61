internal import HoldfastDatabase
internal import HoldfastModel

extension Store {
  /// Queues a mutation as a door sends it.
  func submit<M: Mutation>(
    _ mutation: M, request: WriteRequest,
    _ completion: @escaping @Sendable (Result<Reply, any Error>) -> Void
  ) {
    submit(
      Replying(mutation: mutation, idempotency: request.idempotency), caller: request.caller
    ) { result in
      completion(result.map { $0?.reply ?? .nothing })
    }
  }

  /// Runs a listing that may take its time, on a thread for such reads; all of it is kept.
  ///
  /// One that waits for its first element keeps no thread meanwhile.
  func submit<L: Listing>(
    _ listing: L, completion: @escaping @Sendable (Result<Reply, any Error>) -> Void
  ) {
    let milliseconds = UInt64(max(listing.waitMilliseconds, 0))
    submit(listing, until: monotonicNanoseconds() + milliseconds * 1_000_000, completion)
  }

  /// Where answers come from afar, another process may commit and end before it says so.
  private static let silenceMax: UInt64 = 1_000_000_000

  private func submit<L: Listing>(
    _ listing: L, until deadline: UInt64,
    _ completion: @escaping @Sendable (Result<Reply, any Error>) -> Void
  ) {
    heavyReads.run { [self] in
      let mark = database.commits.mark
      var found: [L.Element] = []
      let end: ListEnd
      do {
        end = try run(listing) { found.append($0) }
      } catch {
        return completion(.failure(error))
      }
      let now = monotonicNanoseconds()
      guard found.isEmpty, now < deadline, !database.commits.hasEnded else {
        let elements = found
        return completion(
          .success(
            .answer(ReplyInfo(revision: end.revision, nextCursor: end.nextCursor)) { out in
              out.beginList(L.listName)
              for element in elements { out.value(element) }
              out.endList(end)
            }))
      }
      let left = deadline - now
      database.commits.wait(
        since: mark, nanoseconds: database.queuesReads ? min(left, Self.silenceMax) : left
      ) { [self] in submit(listing, until: deadline, completion) }
    }
  }
}

extension Reply {
  static func of<A: Output>(_ answer: A) -> Reply {
    .answer(ReplyInfo(revision: answer.revision, download: answer.download)) { $0.value(answer) }
  }
}

/// A mutation as a door runs it: it answers with a reply, and with a key it is done once, however
/// often it is asked for.
///
/// The answer becomes a reply on the spot: it goes through many hands, and a task's fields are
/// costly to copy.
private struct Replying<M: Mutation>: Mutation {
  static var name: String { M.name }
  static var summary: String { M.summary }
  static var access: Access { M.access }

  let mutation: M
  /// For a request that may be repeated without being done twice.
  let idempotency: IdempotentRequest?

  init(mutation: M, idempotency: IdempotentRequest?) {
    self.mutation = mutation
    self.idempotency = idempotency
  }

  init(reading fields: inout Fields) throws(HoldfastError) {
    throw HoldfastError(.internalError, "an operation of a door is not read from a request")
  }

  /// As it was asked for; only who has an answer already gets it at once.
  var waiting: Waiting? {
    var waiting = mutation.waiting
    if let idempotency {
      waiting?.name = idempotency.name
      waiting?.isRepeat = { try $0.isRecorded(idempotency) }
    }
    return waiting
  }

  func check() throws(HoldfastError) { try mutation.check() }

  func prepare() throws -> M.Prepared { try mutation.prepare() }

  func prepare(over store: Store) throws -> M.Prepared { try mutation.prepare(over: store) }

  static var actsBesideStore: Bool { M.actsBesideStore }

  func ended(
    _ prepared: M.Prepared, _ result: Result<ReplyAnswer?, any Error>
  ) throws {
    // One that was done before has no answer here.
    try mutation.ended(prepared, result.map { $0?.answer as? M.Answer })
  }

  func run(
    _ prepared: M.Prepared, in changes: Changes
  ) throws -> WriteVerdict<ReplyAnswer> {
    if let idempotency, let recorded = try changes.recordedAnswer(idempotency) {
      return .done(ReplyAnswer(reply: .recorded(recorded)))
    }
    switch try mutation.run(prepared, in: changes) {
    case .wait: return .wait
    case .done(let answer):
      if let idempotency { try changes.record(answer, for: idempotency) }
      return .done(ReplyAnswer(reply: .of(answer), answer: M.actsBesideStore ? answer : nil))
    }
  }
}

private struct ReplyAnswer: Output {
  let reply: Reply
  /// The answer itself, where something beside the store follows from it.
  var answer: (any Sendable)?
  static var placeholder: ReplyAnswer { ReplyAnswer(reply: .nothing) }
  func write(_ out: inout ObjectWriter) {}
}
