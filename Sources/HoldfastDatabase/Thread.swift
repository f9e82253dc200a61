internal import CSystem
private import Glibc

/// Starts a thread of its own for blocking work, which must not hold up the cooperative pool.
///
/// - Parameters:
///   - name: At most 15 bytes are shown by the system.
///   - body: What runs on it.
/// - Throws: ``DatabaseError`` when the system has no more threads.
public func startThread(name: String, _ body: @escaping @Sendable () -> Void) throws {
  let start = Unmanaged.passRetained(ThreadStart(body: body))
  let code = holdfast_start_thread(name, 8 * 1024 * 1024, threadMain, start.toOpaque())
  guard code == 0 else {
    start.release()
    throw DatabaseError(
      .cannotOpen, "the system refused another thread: try again in a second",
      detail: String(cString: strerror(code)))
  }
}

private final class ThreadStart: Sendable {
  let body: @Sendable () -> Void

  init(body: @escaping @Sendable () -> Void) {
    self.body = body
  }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().body()
  return nil
}
