internal import HoldfastDatabase
internal import HoldfastModel

extension Store {
  /// Runs a query and hands over its answer.
  func rendering<Q: Query>(_ query: Q, _ body: (Q.Answer) -> ReplyInfo) throws -> ReplyInfo {
    body(try run(query))
  }

  /// Queues a mutation as a door sends it.
  func submit<M: Mutation>(
    _ mutation: M, request: WriteRequest,
    _ completion: @escaping @Sendable (Result<Reply, any Error>) -> Void
  ) {
    guard let idempotency = request.idempotency else {
      submit(mutation, caller: request.caller) { result in
        completion(result.map { $0.map(Reply.of) ?? .nothing })
      }
      return
    }
    submit(Repeatable(mutation: mutation, request: idempotency), caller: request.caller) { result in
      completion(result.map { $0?.reply ?? .nothing })
    }
  }
}

extension Reply {
  static func of<A: Output>(_ answer: A) -> Reply {
    .answer(ReplyInfo(revision: answer.revision)) { $0.value(answer) }
  }
}

/// A mutation that is done once, however often it is asked for with the same key.
private struct Repeatable<M: Mutation>: Mutation {
  static var name: String { M.name }
  static var summary: String { M.summary }
  static var access: Access { M.access }

  let mutation: M
  let request: IdempotentRequest

  init(mutation: M, request: IdempotentRequest) {
    self.mutation = mutation
    self.request = request
  }

  init(reading fields: inout Fields) throws(HoldfastError) {
    throw HoldfastError(.internalError, "a repeatable operation is not read from a request")
  }

  /// As it was asked for; only who has an answer already gets it at once.
  var waiting: Waiting? {
    var waiting = mutation.waiting
    waiting?.isRepeat = { [request] in try $0.isRecorded(request) }
    return waiting
  }

  func prepare() throws -> M.Prepared { try mutation.prepare() }

  func prepare(over store: Store) throws -> M.Prepared { try mutation.prepare(over: store) }

  func run(_ prepared: M.Prepared, in changes: Changes) throws -> WriteVerdict<RepeatableAnswer> {
    if let recorded = try changes.recordedAnswer(request) {
      return .done(RepeatableAnswer(reply: .recorded(recorded)))
    }
    switch try mutation.run(prepared, in: changes) {
    case .wait: return .wait
    case .done(let answer):
      try changes.record(answer, for: request)
      return .done(RepeatableAnswer(reply: .of(answer)))
    }
  }
}

private struct RepeatableAnswer: Output {
  let reply: Reply
  static var placeholder: RepeatableAnswer { RepeatableAnswer(reply: .nothing) }
  func write(_ out: inout ObjectWriter) {}
}
