private import CSystem
private import Glibc
import HoldfastDatabase
import HoldfastModel

/// How often this disk can be asked to keep what was written.
struct DiskRate: Sendable {
  /// Writes with a sync, a second.
  let rate: Double
  /// The times of the middle and of all but one of a hundred, in milliseconds.
  let p50: Double
  let p99: Double

  private static let fileBytes = 64 * 1024 * 1024

  /// Appends to a file whose blocks are there already, with an fdatasync behind each write.
  /// - Parameters:
  ///   - bytes: The size of a write.
  ///   - folder: Where the file is made.
  ///   - seconds: How long.
  /// - Returns: The rate and the times.
  /// - Throws: ``HoldfastError`` when the disk refuses.
  static func measure(
    writing bytes: Int, in folder: ScratchFolder, seconds: Int
  ) throws(HoldfastError) -> DiskRate {
    let path = folder.file("disk")
    let descriptor = holdfast_open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw failure(errno) }
    defer {
      close(descriptor)
      unlink(path)
    }
    let filling = [UInt8](repeating: 0, count: 1024 * 1024)
    for _ in 0..<fileBytes / filling.count {
      let failure = DescriptorSink(descriptor: descriptor).write(filling)
      guard failure == 0 else { throw Self.failure(failure) }
    }
    fsync(descriptor)

    var generator = SystemRandomNumberGenerator()
    let text = (0..<bytes + 4096).map { _ in UInt8.random(in: 0...255, using: &generator) }
    var times: [UInt64] = []
    var offset = 0
    let start = monotonicNanoseconds()
    let end = start + UInt64(seconds) * 1_000_000_000
    var now = start
    while now < end {
      let written = text.withUnsafeBytes { buffer in
        pwrite(descriptor, buffer.baseAddress?.advanced(by: times.count % 4096), bytes, offset)
      }
      guard written == bytes, fdatasync(descriptor) == 0 else { throw failure(errno) }
      let after = monotonicNanoseconds()
      times.append(after - now)
      now = after
      offset = offset + 2 * bytes > fileBytes ? 0 : offset + bytes
    }
    let sorted = times.sorted()
    return DiskRate(
      rate: Double(times.count) * 1e9 / Double(now - start),
      p50: Percentile.milliseconds(sorted, 50), p99: Percentile.milliseconds(sorted, 99))
  }

  private static func failure(_ number: Int32) -> HoldfastError {
    HoldfastError(
      .internalError, "the disk cannot be measured: \(SystemFailure.sentence(number))")
  }
}

/// The place of a part of sorted times.
enum Percentile {
  /// The time, in milliseconds, that so many of a hundred do not exceed; 0 of none.
  static func milliseconds(_ sorted: [UInt64], _ percent: Int) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let rank = (sorted.count * percent + 99) / 100
    return Double(sorted[max(0, min(sorted.count, rank) - 1)]) / 1e6
  }
}
