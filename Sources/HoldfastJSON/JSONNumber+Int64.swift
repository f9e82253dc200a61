extension JSONNumber {
  /// The exact value when the number is whole and fits, however it is written.
  ///
  /// `1.0`, `1e3` and `-0` are whole. The time is linear in the length of the text; no exponent
  /// makes it longer.
  public var int64: Int64? { int64(timesTenToThe: 0) }

  /// The exact value times a power of ten, when that is whole and fits: `0.25` times ten to the sixth is
  /// 250000.
  public func int64(timesTenToThe power: Int) -> Int64? {
    let decimal = Decimal(text.utf8)
    // Whole means that nothing stands behind the point once the trailing zeros are gone.
    guard decimal.digits > 0 else { return 0 }
    let exponent = decimal.exponent + power
    guard exponent >= 0, decimal.digits + exponent <= Decimal.digitsMax else { return nil }
    var magnitude = decimal.significand
    for _ in 0..<exponent {
      // 19 digits fit in 64 unsigned bits, so this cannot overflow.
      magnitude *= 10
    }
    if decimal.isNegative {
      return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }
}

/// A number taken apart: `significand × 10^exponent`, without leading and trailing zeros.
private struct Decimal {
  /// The most digits a 64-bit integer has.
  static let digitsMax = 19
  /// Exponents stop growing here, far beyond the length of any text and far below overflow.
  static let exponentMax = 1 << 60

  var isNegative = false
  /// The number of significant digits; zero for the number zero.
  var digits = 0
  /// The value of the first `digitsMax` digits.
  var significand: UInt64 = 0
  var exponent = 0

  init(_ text: String.UTF8View) {
    var zerosHeld = 0  // zeros that matter only if another digit follows
    var isFraction = false
    var fractionDigits = 0
    var written = 0
    var isExponent = false
    var exponentIsNegative = false
    for byte in text {
      switch byte {
      case Byte.minus:
        if isExponent { exponentIsNegative = true } else { isNegative = true }
      case Byte.plus:
        break
      case Byte.point:
        isFraction = true
      case Byte.upperE, Byte.lowerE:
        isExponent = true
      default:
        let digit = Int(byte &- Byte.zero)
        if isExponent {
          if written < Self.exponentMax / 16 { written = written * 10 + digit }
          continue
        }
        if isFraction { fractionDigits += 1 }
        if digit == 0 {
          if digits > 0 { zerosHeld += 1 }
          continue
        }
        append(zeros: zerosHeld, digit: digit)
        zerosHeld = 0
      }
    }
    exponent = (exponentIsNegative ? -written : written) - fractionDigits + zerosHeld
  }

  private mutating func append(zeros: Int, digit: Int) {
    digits += zeros + 1
    guard digits <= Self.digitsMax else { return }
    for _ in 0..<zeros { significand *= 10 }
    significand = significand * 10 + UInt64(digit)
  }
}
