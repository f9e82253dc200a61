import HoldfastJSON
import Testing

@Suite struct JSONDepthTests {
  private func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
    let text = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
    return Array(text.utf8)
  }

  @Test(arguments: [("[", "]"), (#"{"a":"#, "}")], [1, 2, 64, 512])
  func `nesting is accepted up to the limit and refused beyond it`(
    brackets: (String, String), depth: Int
  ) throws {
    let limits = JSONReader.Limits(depth: depth)
    let value = try JSONReader.read(nested(depth, brackets.0, brackets.1), limits: limits)
    #expect(value.rendered() == nested(depth, brackets.0, brackets.1))
    let error = try #require(throws: JSONError.self) {
      try JSONReader.read(nested(depth + 1, brackets.0, brackets.1), limits: limits)
    }
    #expect(error.reason == .tooDeep)
    #expect(error.offset == depth * brackets.0.utf8.count)
  }

  @Test func `no limit goes beyond what the stack surely holds`() throws {
    let limits = JSONReader.Limits(depth: .max)
    let depth = JSONReader.Limits.depthMax
    #expect(throws: Never.self) { try JSONReader.read(nested(depth, "[", "]"), limits: limits) }
    let error = try #require(throws: JSONError.self) {
      try JSONReader.read(nested(depth + 1, "[", "]"), limits: limits)
    }
    #expect(error.reason == .tooDeep)
  }

  @Test func `a limit of zero leaves only scalars`() throws {
    let limits = JSONReader.Limits(depth: 0)
    #expect(try JSONReader.read(Array("1".utf8), limits: limits) == 1)
    #expect(throws: JSONError.self) { try JSONReader.read(Array("[]".utf8), limits: limits) }
  }

  @Test(arguments: [10_000, 1_000_000], ["[", #"{"a":"#, #"[{"a":"#])
  func `endless nesting is refused without harm`(count: Int, open: String) throws {
    let text = String(repeating: open, count: count)
    #expect(try refusal(text).reason == .tooDeep)
    let closed = text + "1" + String(repeating: "]", count: count)
    #expect(try refusal(closed).reason == .tooDeep)
  }

  @Test func `siblings do not add up`() throws {
    let text = "[" + String(repeating: "[[]],", count: 1000) + "[]]"
    let value = try JSONReader.read(Array(text.utf8), limits: .init(depth: 3))
    #expect(value.arrayValue?.count == 1001)
  }
}
