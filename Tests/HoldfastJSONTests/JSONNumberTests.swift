import HoldfastJSON
import Testing

@Suite struct JSONNumberTests {
  private func number(_ text: String) throws -> JSONNumber {
    let value = try read(text)
    guard case .number(let number) = value else {
      return try #require(nil, "\(text) is \(value.kind)")
    }
    return number
  }

  @Test(
    arguments: [
      "0", "-0", "1", "-1", "10", "1234567890", "0.0", "0.5", "-0.25", "1.0", "1.50", "1e0", "1E5",
      "1e+5", "1E-5", "0e0", "0E+0", "-1.25e-17", "1e999999999", "1e-999999999",
      "9223372036854775808", "123456789012345678901234567890.123456789e-00012",
    ])
  func `a number keeps the text it was written with`(text: String) throws {
    let number = try number(text)
    #expect(number.text == text)
    #expect(number.description == text)
    #expect(try read(text).renderedText() == text)
    #expect(try read("[\(text),\(text)]").renderedText() == "[\(text),\(text)]")
  }

  @Test(
    arguments: [
      ("-", 1), ("--1", 1), ("-a", 1), ("01", 1), ("-01", 2), ("00", 1), ("1.", 2), ("1.e5", 2),
      ("1.a", 2), ("0.", 2), ("1e", 2), ("1e+", 3), ("1E-", 3), ("1ex", 2), ("-.5", 1), ("1..2", 2),
      ("1e1.", 3), ("1.2.3", 3), ("0x10", 1), ("1_000", 1), ("1e5e5", 3), ("1+1", 1), ("1f", 1),
    ])
  func `a number that is not written as demanded is refused`(text: String, offset: Int) throws {
    let error = try refusal(text)
    #expect(error.reason == .invalidNumber || error.reason == .trailingContent)
    #expect(error.offset == offset)
    #expect(throws: JSONError.self) { try read("[\(text)]") }
  }

  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("-0.0e5", 0), ("0e999999999999999999999", 0), ("1", 1), ("-1", -1),
      ("1.0", 1), ("1.000", 1), ("1e3", 1000), ("1E+3", 1000), ("-1.5e1", -15), ("100e-2", 1),
      ("1000000000000000000000e-20", 10), ("0.00001e5", 1), ("123.4500e2", 12345), ("10", 10),
      ("9223372036854775807", .max), ("-9223372036854775808", .min),
      ("9007199254740993", 9_007_199_254_740_993),
      ("9223372036854775807.000", .max), ("922337203685477580.7e1", .max),
      ("-9.223372036854775808e18", .min), ("1000000000000000000", 1_000_000_000_000_000_000),
    ] as [(String, Int64)]
  )
  func `a whole number that fits is exact`(text: String, expected: Int64) throws {
    #expect(try read(text).int64Value == expected)
  }

  @Test(
    arguments: [
      "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e19", "1e999999999",
      "-1e999999999", "1e99999999999999999999999999", "0.5", "1.5", "1e-1", "15e-1",
      "1e-999999999", "1e-99999999999999999999999999", "9999999999999999999",
      "10000000000000000000", "9223372036854775807.5", "1.0000000000000000000000000001",
      "99999999999999999999999999999999999999999999",
    ])
  func `a number that is not whole or does not fit is no integer`(text: String) throws {
    #expect(try read(text).int64Value == nil)
  }

  @Test func `very long numbers are read in one pass`() throws {
    let zeros = String(repeating: "0", count: 200_000)
    #expect(try read("1\(zeros)e-200000").int64Value == 1)
    #expect(try read("0.\(zeros)1e200001").int64Value == 1)
    #expect(try read("1.\(zeros)").int64Value == 1)
    #expect(try read("1.\(zeros)1").int64Value == nil)
    #expect(try read("1\(zeros)").int64Value == nil)
  }

  @Test(
    arguments: [
      ("0", 0), ("0.1", 0.1), ("-2.5e3", -2500), ("1e308", 1e308),
      ("5e-324", .leastNonzeroMagnitude),
      ("1e-999", 0), ("9007199254740993", 9_007_199_254_740_992),
    ] as [(String, Double)]
  )
  func `a number reads as the nearest double`(text: String, expected: Double) throws {
    #expect(try number(text).double == expected)
  }

  @Test(arguments: ["1e309", "-1e309", "1e999999999"])
  func `a number beyond double is no double`(text: String) throws {
    #expect(try number(text).double == nil)
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0"), (1, "1"), (-3, "-3"), (0.5, "0.5"), (0.1, "0.1"), (1e21, "1e+21"),
      (9_007_199_254_740_991, "9007199254740991"), (1e-7, "1e-07"),
      (.leastNonzeroMagnitude, "5e-324"),
    ] as [(Double, String)]
  )
  func `a double is written so that it reads back`(value: Double, text: String) throws {
    #expect(JSONNumber(value).text == text)
    #expect(JSONNumber(value).double == value)
    #expect(try read(text) == .number(JSONNumber(value)))
  }

  @Test func `numbers are equal when they are written alike`() {
    #expect(JSONNumber(Int64(1)) == JSONNumber(1.0))
    #expect(Set([JSONNumber(Int64(1)), JSONNumber(Int64(1))]).count == 1)
    #expect(JSONNumber(Int64(1)) != JSONNumber(Int64(2)))
  }

  @Test func `infinity cannot be written`() async {
    await #expect(processExitsWith: .failure) { _ = JSONNumber(Double.infinity) }
  }

  @Test(
    arguments: [
      ("0.25", 6, 250_000), ("1e-6", 6, 1), ("-0.5", 1, -5), ("0", 6, 0), ("0.0000000", 6, 0),
      ("9223372036854.775807", 6, .max), ("9223372036854.775808", 6, nil), ("0.0000001", 6, nil),
      ("1e400", 6, nil), ("3", 0, 3),
    ] as [(String, Int, Int64?)])
  func `a number times a power of ten is exact or nothing`(
    text: String, power: Int, value: Int64?
  ) throws {
    let json = try JSONReader.read(Array(text.utf8))
    guard case .number(let number) = json else { return #expect(Bool(false), "\(text)") }
    #expect(number.int64(timesTenToThe: power) == value)
  }

  @Test(
    arguments: [
      (250_000, 6, "0.25"), (1, 6, "0.000001"), (-5, 1, "-0.5"), (0, 6, "0"), (1_000_000, 6, "1"),
      (10, 0, "10"), (Int128(Int64.max) * 2, 6, "18446744073709.551614"),
    ] as [(Int128, Int, String)])
  func `a number with decimals is written exactly`(value: Int128, decimals: Int, text: String) {
    #expect(JSONNumber(value, decimals: decimals).text == text)
  }
}
