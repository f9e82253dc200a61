import HoldfastJSON
import struct HoldfastTesting.SeededGenerator

/// Makes random values of every kind.
struct RandomJSON {
  var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  mutating func value(depth: Int = 4) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
    case 0: .null
    case 1: .bool(Bool.random(using: &generator))
    case 2: .number(JSONNumber(Int64(bitPattern: generator.next())))
    case 3: .number(JSONNumber(double()))
    case 4, 5: .string(text())
    case 6: .array((0..<count()).map { _ in value(depth: depth - 1) })
    default: .object(JSONObject((0..<count()).map { _ in (text(), value(depth: depth - 1)) }))
    }
  }

  private mutating func count() -> Int {
    Int.random(in: 0...12, using: &generator)
  }

  private mutating func double() -> Double {
    let value = Double(bitPattern: generator.next())
    return value.isFinite ? value : 0.1
  }

  private mutating func text() -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...40, using: &generator) {
      scalars.append(scalar())
    }
    return String(scalars)
  }

  private mutating func scalar() -> Unicode.Scalar {
    let ranges: [ClosedRange<UInt32>] = [
      0...0x1F, 0x20...0x7F, 0x20...0x7F, 0x80...0x7FF, 0x2020...0x2030, 0x800...0xD7FF,
      0xE000...0xFFFF, 0x10000...0x10FFFF,
    ]
    let range = ranges[Int.random(in: 0..<ranges.count, using: &generator)]
    return Unicode.Scalar(UInt32.random(in: range, using: &generator)) ?? "?"
  }
}
