private import Synchronization

/// Names requests, so that an answer can be found in the log.
///
/// Made ids are 13 letters and digits: short enough to live inside a `String` without memory of its
/// own. They differ within a run of the server, and most likely between runs.
final class RequestIDs: Sendable {
  private let next: Atomic<UInt64>

  init() { next = Atomic(UInt64.random(in: 0...UInt64.max)) }

  /// The client's id when it is 1 to 128 visible ASCII characters, else a new one.
  func id(from header: UnsafePointer<CChar>?) -> String {
    if let header, let id = Self.accepted(header) { return id }
    return make()
  }

  private static func accepted(_ header: UnsafePointer<CChar>) -> String? {
    var count = 0
    while header[count] != 0 {
      guard (0x21...0x7e).contains(header[count]), count < Limits.requestIDBytesMax else {
        return nil
      }
      count += 1
    }
    return count > 0 ? String(cString: header) : nil
  }

  private static let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

  private func make() -> String {
    var bits = Self.mixed(next.wrappingAdd(1, ordering: .relaxed).newValue)
    return String(unsafeUninitializedCapacity: 13) { bytes in
      for index in 0..<13 {
        bytes[index] = Self.digits.utf8Start[Int(bits & 31)]
        bits >>= 5
      }
      return 13
    }
  }

  /// The finisher of SplitMix64 (Steele, Lea, Flood 2014): one to one, and no two look alike.
  private static func mixed(_ number: UInt64) -> UInt64 {
    var bits = number &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
