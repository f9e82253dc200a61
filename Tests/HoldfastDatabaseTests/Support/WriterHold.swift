import HoldfastDatabase

/// Keeps the writer busy inside a closure, so that what is queued meanwhile becomes one group.
final class WriterHold: Sendable {
  private let mayGo = Handover<Bool>()
  private let hasEnded = Handover<Bool>()

  /// Returns when the writer is held.
  init(_ database: some Database) {
    let isHeld = Handover<Bool>()
    let mayGo = mayGo
    let hasEnded = hasEnded
    database.write({ _ in
      isHeld.set(true)
      _ = mayGo.wait()
    }) { _ in hasEnded.set(true) }
    _ = isHeld.wait()
  }

  /// Lets the writer go on, and returns when it has answered the write that held it.
  func release() {
    mayGo.set(true)
    _ = hasEnded.wait()
  }
}

extension Database {
  /// Makes one group of the writes that `body` queues.
  func asOneGroup(_ body: () -> Void) {
    let hold = WriterHold(self)
    body()
    hold.release()
  }
}
