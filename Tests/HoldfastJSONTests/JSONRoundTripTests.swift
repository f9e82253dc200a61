import HoldfastJSON
import Testing
import struct HoldfastTesting.SeededGenerator

@Suite struct JSONRoundTripTests {
  @Test(arguments: UInt64(1)...40)
  func `random values survive writing and reading`(seed: UInt64) throws {
    var random = RandomJSON(seed: seed)
    for _ in 0..<25 {
      let value = random.value()
      #expect(try JSONReader.read(value.rendered()) == value)
      #expect(try JSONReader.read(value.rendered(escapingHTML: true)) == value)
      #expect(try read(value.renderedText(pretty: true)) == value)
      // Rendering is a fixed point, so order and duplicates survive as well.
      #expect(try JSONReader.read(value.rendered()).rendered() == value.rendered())
    }
  }

  @Test(arguments: UInt64(1)...40)
  func `mutated documents are refused or mean something`(seed: UInt64) throws {
    var random = RandomJSON(seed: seed)
    for _ in 0..<100 {
      let bytes = mutated(random.value(depth: 2).rendered(), using: &random.generator)
      do {
        let value = try JSONReader.read(bytes)
        #expect(try JSONReader.read(value.rendered()) == value)
      } catch {
        #expect((0...bytes.count).contains(error.offset))
        #expect(error.line >= 1 && error.column >= 1)
      }
      if let first = try? JSONReader.readFirst(bytes) {
        #expect(try JSONReader.read(Array(bytes[..<first.consumed])) == first.value)
      }
    }
  }

  /// Changes, removes, inserts or cuts off a few bytes.
  private func mutated(_ document: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    let tokens =
      Array(#"{}[]:,"\ue0123456789-+.tfn dDcC"#.utf8) + [0, 0x0A, 0x80, 0xC3, 0xED, 0xFF]
    var bytes = document
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      let token = tokens[Int.random(in: 0..<tokens.count, using: &generator)]
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes[index] = token
      case 2: bytes.insert(token, at: index)
      case 3: bytes.remove(at: index)
      case 4: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      default: bytes.removeLast(Int.random(in: 0...min(3, bytes.count), using: &generator))
      }
    }
    return bytes
  }
}
