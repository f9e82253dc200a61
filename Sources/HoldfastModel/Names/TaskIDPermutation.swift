/// The bijection between row numbers and generated task ids.
///
/// An id is a keyed permutation of the row number in lower-case Crockford base32
/// (https://www.crockford.com/base32.html): it looks random, is short, and needs no index, because
/// the row number can be computed from it. The shortest ids come first: 6 letters for the rows
/// below 2^30, 7 for the next 2^35, and so on.
public struct TaskIDPermutation: Sendable {
  private let key: (UInt64, UInt64)

  /// The letters of an id; `i`, `l`, `o` and `u` are left out.
  static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
  private static let lettersMin = 6
  private static let lettersMax = 13
  private static let rounds = 8

  /// Creates the permutation of one store.
  ///
  /// - Parameter key: 16 random bytes; they belong to the store and never change.
  public init(key: (UInt64, UInt64)) { self.key = key }

  /// Returns the id of a row.
  ///
  /// - Parameter row: A row number, at least 1; everything else is a programmer's error and traps.
  /// - Returns: An id of 6 to 13 letters, another for every row.
  public func id(row: Int64) -> TaskID {
    precondition(row >= 1, "A row number is at least 1.")
    let number = UInt64(row)
    var base: UInt64 = 0
    var letters = Self.lettersMin
    while letters < Self.lettersMax, number - base >= 1 << UInt64(5 * letters) {
      base += 1 << UInt64(5 * letters)
      letters += 1
    }
    var value = permuted(number - base, bits: Self.bits(letters))
    var text = [UInt8](repeating: 0, count: letters)
    for index in text.indices.reversed() {
      text[index] = Self.alphabet[Int(value & 31)]
      value >>= 5
    }
    return TaskID(stored: String(decoding: text, as: UTF8.self))
  }

  /// Returns the row whose generated id this is, or `nil` when no row has it: another length, a
  /// letter outside of the alphabet, or a number that is not a row's.
  public func row(id: TaskID) -> Int64? {
    let letters = id.text.utf8.count
    guard (Self.lettersMin...Self.lettersMax).contains(letters) else { return nil }
    var value: UInt64 = 0
    for byte in id.text.utf8 {
      guard let digit = Self.digit(byte), value >> 59 == 0 else { return nil }
      value = value << 5 | digit
    }
    var base: UInt64 = 0
    for shorter in Self.lettersMin..<letters { base += 1 << UInt64(5 * shorter) }
    let offset = restored(value, bits: Self.bits(letters))
    let (sum, overflow) = base.addingReportingOverflow(offset)
    guard !overflow, sum >= 1 else { return nil }
    return Int64(exactly: sum)
  }

  /// The size of the domain that ids of this length permute.
  ///
  /// 13 letters hold 65 bits, of which the rows up to `Int64.max` need less than 64.
  private static func bits(_ letters: Int) -> UInt64 { UInt64(min(5 * letters, 64)) }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "h"): UInt64(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "j"), UInt8(ascii: "k"): UInt64(byte - UInt8(ascii: "j")) + 18
    case UInt8(ascii: "m"), UInt8(ascii: "n"): UInt64(byte - UInt8(ascii: "m")) + 20
    case UInt8(ascii: "p")...UInt8(ascii: "t"): UInt64(byte - UInt8(ascii: "p")) + 22
    case UInt8(ascii: "v")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "v")) + 27
    default: nil
    }
  }
}

// A Feistel network over any number of bits: the two halves need not be equally wide, because each
// round changes one half by a function of the other. 2^bits is the exact size of the domain, so
// nothing has to be walked. It hides the order of rows from people; it is no cipher.
extension TaskIDPermutation {
  private func permuted(_ value: UInt64, bits: UInt64) -> UInt64 {
    let low = bits / 2
    let lowMask: UInt64 = (1 << low) - 1
    let highMask: UInt64 = (1 << (bits - low)) - 1
    var left = value >> low
    var right = value & lowMask
    for round in 0..<Self.rounds {
      if round.isMultiple(of: 2) {
        left ^= mixed(right, round: round, bits: bits) & highMask
      } else {
        right ^= mixed(left, round: round, bits: bits) & lowMask
      }
    }
    return left << low | right
  }

  private func restored(_ value: UInt64, bits: UInt64) -> UInt64 {
    let low = bits / 2
    let lowMask: UInt64 = (1 << low) - 1
    let highMask: UInt64 = (1 << (bits - low)) - 1
    var left = value >> low
    var right = value & lowMask
    for round in (0..<Self.rounds).reversed() {
      if round.isMultiple(of: 2) {
        left ^= mixed(right, round: round, bits: bits) & highMask
      } else {
        right ^= mixed(left, round: round, bits: bits) & lowMask
      }
    }
    return left << low | right
  }

  /// A function of half a value, the round, the width and both words of the key.
  private func mixed(_ half: UInt64, round: Int, bits: UInt64) -> UInt64 {
    let tweak = UInt64(round) &* 0x9E37_79B9_7F4A_7C15 &+ bits &* 0xD1B5_4A32_D192_ED03
    let once = Self.scrambled(half &+ key.0 &+ tweak)
    return Self.scrambled(once ^ key.1 ^ tweak) >> 24
  }

  /// The finalizer of SplitMix64 (Stafford's variant 13): every bit in moves every bit out.
  private static func scrambled(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
