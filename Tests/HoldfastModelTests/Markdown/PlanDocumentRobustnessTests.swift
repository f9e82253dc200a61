import HoldfastModel
import Testing
import struct HoldfastTesting.SeededGenerator

@Suite struct PlanDocumentRobustnessTests {
  @Test func `broken bytes in a title become replacement characters`() {
    let bytes =
      Array("## Wave 1\n### Task 1: a".utf8) + [0xFF, 0x00, 0xC3] + Array("b\n**Goal:** ".utf8)
      + [0xE2, 0x82] + Array("g".utf8)
    let plan = PlanDocument(parsing: bytes)
    #expect(plan.waves.first?.tasks.first?.title == "a\u{FFFD}\u{FFFD}\u{FFFD}b")
    #expect(plan.goal == "\u{FFFD}g")
  }

  @Test func `random bytes never trap and give no U+0000`() {
    var generator = SeededGenerator(seed: 11)
    let pieces: [[UInt8]] = [
      Array("## Wave ".utf8), Array("### Task ".utf8), Array("1".utf8), Array(": ".utf8),
      Array("—".utf8), Array("```".utf8), Array("~~~".utf8), [0x0A], [0x0D], [0x0D, 0x0A], [0],
      [0xFF], [0xE2, 0x80], Array("**Goal:**".utf8), Array("# ".utf8), Array("-".utf8),
      Array("---\n".utf8), Array("a: ".utf8), Array("- ".utf8), Array("['\"".utf8),
      Array("\\u12".utf8), Array(" ".utf8), Array(">-\n".utf8), Array("]".utf8),
    ]
    for _ in 0..<5_000 {
      let count = Int.random(in: 0...30, using: &generator)
      var bytes = (0..<count).flatMap { _ in pieces.randomElement(using: &generator) ?? [] }
      let plan = PlanDocument(parsing: bytes)
      for task in plan.waves.flatMap(\.tasks) { #expect(!task.title.utf8.contains(0)) }
      bytes = Array("---\n".utf8) + bytes + Array("\n---\n".utf8)
      let front = FrontMatter(parsing: bytes)
      #expect((front?.bodyOffset ?? 0) <= bytes.count)
    }
  }

  /// Documents that would be slow if a line were looked at more than a few times.
  @Test(arguments: ["#", "`", "~", " ", "\n", "### Task 1: a\n", "```\n", "*", "\"", "a"])
  func `a large document takes linear time`(piece: String) {
    let clock = ContinuousClock()
    func time(_ size: Int) -> Duration {
      let bytes = Array(String(repeating: piece, count: size / piece.utf8.count).utf8)
      // The shortest of three, because other tests run at the same time.
      let times = (1...3).map { _ in
        clock.measure {
          _ = PlanDocument(parsing: bytes)
          _ = FrontMatter(parsing: Array("---\na: [\"".utf8) + bytes + Array("\n---\n".utf8))
        }
      }
      return times.min() ?? .zero
    }
    _ = time(1 << 12)
    // Eight times the size may take eight times as long; quadratic time would take 64 times.
    let small = time(1 << 15)
    let large = time(1 << 18)
    #expect(large < small * 32 + .milliseconds(200))
  }
}
