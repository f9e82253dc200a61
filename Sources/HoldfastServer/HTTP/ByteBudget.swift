private import Synchronization

/// A number of bytes of memory that many requests share.
final class ByteBudget: Sendable {
  private let bytesMax: Int
  private let taken = Atomic(0)
  private let peak = Atomic(0)

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// The bytes that are taken now.
  var bytesTaken: Int { taken.load(ordering: .relaxed) }

  /// Takes that many bytes, unless that would be more than there are.
  func take(_ bytes: Int) -> Bool {
    let (_, after) = taken.add(bytes, ordering: .relaxed)
    if after <= bytesMax {
      peak.max(after, ordering: .relaxed)
      return true
    }
    giveBack(bytes)
    return false
  }

  /// Takes that many bytes in any case: for what cannot be refused any more.
  func takeAnyway(_ bytes: Int) {
    peak.max(taken.add(bytes, ordering: .relaxed).newValue, ordering: .relaxed)
  }

  /// The most that was taken at once since this was asked last.
  func takePeak() -> Int { peak.exchange(bytesTaken, ordering: .relaxed) }

  /// Whether nothing is left.
  var isExhausted: Bool { bytesTaken >= bytesMax }

  func giveBack(_ bytes: Int) {
    guard bytes > 0 else { return }
    taken.subtract(bytes, ordering: .relaxed)
  }
}
