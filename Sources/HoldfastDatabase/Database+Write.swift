private import Synchronization

extension Database {
  /// Queues a write that answers with a value.
  ///
  /// - Parameters:
  ///   - body: Runs on the writer's thread, perhaps more than once; when it fails, it alone is undone.
  ///   - completion: Called once, on the writer's thread, after the commit: keep it short.
  public func write<T: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> T,
    completion: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    write(waiting: nil, { .done(try body($0)) }) { result in
      completion(result.flatMap { $0.map(Result.success) ?? .failure(WaitEnded()) })
    }
  }

  /// Queues a write that may wait until there is something to give.
  ///
  /// - Parameters:
  ///   - wait: For what, and how long; nil for not at all.
  ///   - body: Runs as in the form without a wait, and says whether there is something to give.
  ///   - completion: Gets nil when the wait ended with nothing.
  public func write<T: Sendable>(
    waiting wait: WriteWait?,
    _ body: @escaping @Sendable (any WriteTransaction) throws -> WriteVerdict<T>,
    completion: @escaping @Sendable (Result<T?, any Error>) -> Void
  ) {
    let answer = Answer<T>()
    submit(
      PendingWrite(
        wait: wait,
        run: { transaction in
          switch try body(transaction) {
          case .done(let value):
            answer.value.withLock { $0 = value }
            return .done
          case .wait:
            return .wait
          }
        },
        finish: { error in
          switch error {
          case nil: completion(.success(answer.value.withLock { $0 }))
          case is WaitEnded: completion(.success(nil))
          case .some(let error): completion(.failure(error))
          }
        }))
  }

  /// Makes a read that answers with a value.
  ///
  /// - Parameters:
  ///   - body: Has no effect; it may run more than once.
  ///   - completion: Called once, perhaps on another thread: keep it short.
  public func read<T: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> T,
    completion: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    let answer = Answer<T>()
    submit(
      PendingRead(
        run: { transaction in
          let value = try body(transaction)
          answer.value.withLock { $0 = value }
        },
        finish: { error in
          if let value = answer.value.withLock({ $0 }), error == nil {
            completion(.success(value))
          } else {
            completion(
              .failure(error ?? DatabaseError(.misuse, "a read has ended without an answer")))
          }
        }))
  }

  /// Queues a write and blocks the calling thread until it is on disk.
  ///
  /// For commands and tests. A server's threads use the form with a completion.
  public func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T)
    throws -> T
  {
    let answer = Handover<Result<T, any Error>>()
    write(body) { answer.set($0) }
    return try answer.wait().get()
  }

  /// Runs a write and suspends until it is on disk.
  public func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T)
    async throws -> T
  {
    try await withCheckedThrowingContinuation { continuation in
      write(body) { continuation.resume(with: $0) }
    }
  }
}

/// What a write's closure gave last, until its group is on disk.
private final class Answer<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
