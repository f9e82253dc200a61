import Synchronization

@testable import holdfast

/// Keeps what is written, call by call.
final class MemorySink: ByteSink {
  private let writes = Mutex<[[UInt8]]>([])
  private let failure: Int32

  /// A sink; one with a failure takes nothing.
  init(failure: Int32 = 0) { self.failure = failure }

  func write(_ bytes: [UInt8]) -> Int32 {
    if failure == 0 { writes.withLock { $0.append(bytes) } }
    return failure
  }

  /// The number of writes.
  var count: Int { writes.withLock { $0.count } }

  /// Everything that was written.
  var bytes: [UInt8] { writes.withLock { $0.flatMap { $0 } } }

  /// Everything that was written, as text.
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
