/// How long a read may go on.
///
/// What counts is the time that its thread has worked, so that nobody is refused because the machine
/// or its disk is busy with others. Time itself has a bound, too, because the log grows meanwhile.
struct ReadLimit {
  private let workMax: UInt64
  private let end: UInt64
  /// The thread's time at the first look, from which on its work counts.
  private var workedBefore: UInt64?

  /// How many times as long as it may work a read may last.
  static let waitingFactor: UInt64 = 8

  /// - Parameters:
  ///   - workMax: How long the thread may work, in nanoseconds.
  ///   - now: The monotonic clock.
  init(workMax: UInt64, now: UInt64) {
    self.workMax = workMax
    end = now + Self.waitingFactor * workMax
  }

  /// Whether the read must end.
  ///
  /// - Parameters:
  ///   - now: The monotonic clock.
  ///   - worked: The processor time of the thread.
  mutating func isOver(now: UInt64, worked: UInt64) -> Bool {
    guard let workedBefore else {
      // Short reads come to no look, so they do not pay for asking the kernel at their start.
      workedBefore = worked
      return now > end
    }
    return now > end || worked - workedBefore > workMax
  }
}
