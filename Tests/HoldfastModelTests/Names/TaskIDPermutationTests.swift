import Testing

@testable import HoldfastModel
import struct HoldfastTesting.SeededGenerator

@Suite struct TaskIDPermutationTests {
  private let permutation = TaskIDPermutation(
    key: (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210))

  private static let seventh: Int64 = 1 << 30
  private static let eighth: Int64 = seventh + 1 << 35

  @Test func `the first rows have different ids that lead back`() {
    var seen: Set<TaskID> = []
    for row in 1...Int64(200_000) {
      let id = permutation.id(row: row)
      #expect(id.text.utf8.count == 6)
      if permutation.row(id: id) != row { Issue.record("row \(row) does not come back") }
      seen.insert(id)
    }
    #expect(seen.count == 200_000)
  }

  @Test(
    arguments: [
      (1, 6), (2, 6), ((1 << 30) - 1, 6), (1 << 30, 7), ((1 << 30) + 1, 7),
      ((1 << 30) + (1 << 35) - 1, 7), ((1 << 30) + (1 << 35), 8), (1 << 50, 10), (1 << 60, 12),
      (Int64.max - 1, 13), (Int64.max, 13),
    ] as [(Int64, Int)])
  func `ids grow by a letter when they are used up`(row: Int64, letters: Int) throws {
    let id = permutation.id(row: row)
    #expect(id.text.utf8.count == letters)
    #expect(permutation.row(id: id) == row)
  }

  @Test func `random rows of all sizes come back`() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      let row =
        Int64.random(in: 1...Int64.max, using: &generator)
        >> Int64.random(
          in: 0...60, using: &generator)
      guard row >= 1 else { continue }
      #expect(permutation.row(id: permutation.id(row: row)) == row)
    }
  }

  @Test func `another key gives other ids`() {
    let keys: [(UInt64, UInt64)] = [
      (0x0123_4567_89AB_CDEE, 0xFEDC_BA98_7654_3210),
      (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3211), (0, 0),
    ]
    for key in keys {
      let other = TaskIDPermutation(key: key)
      let same = (1...Int64(10_000)).count { other.id(row: $0) == permutation.id(row: $0) }
      #expect(same < 5)
    }
  }

  @Test func `every letter is used about equally at every place`() {
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 128), count: 6)
    let rows = 32_000
    for row in 1...Int64(rows) {
      for (place, byte) in permutation.id(row: row).text.utf8.enumerated() {
        counts[place][Int(byte)] += 1
      }
    }
    for place in counts {
      for letter in TaskIDPermutation.alphabet {
        #expect((800...1_200).contains(place[Int(letter)]))
      }
    }
  }

  @Test(arguments: [
    "", "abcde", "abcdel", "abcdei", "abcdeo", "abcdeu", "abc-de", "abc.de", "zzzzzzzzzzzzzz",
    "zzzzzzzzzzzzz",
  ])
  func `a text that is no generated id has no row`(text: String) {
    #expect(permutation.row(id: TaskID(stored: text)) == nil)
  }

  @Test func `the alphabet has no look-alikes and decodes`() {
    #expect(Set(TaskIDPermutation.alphabet).count == 32)
    #expect(!TaskIDPermutation.alphabet.contains { "ilou".utf8.contains($0) })
  }

  @Test func `exactly one id of six letters has no row`() {
    // Row 0 does not exist; its place in the permutation belongs to nobody.
    let small = (0..<32).count { digit in
      let text =
        String(repeating: "0", count: 5)
        + String(
          UnicodeScalar(
            TaskIDPermutation.alphabet[digit]))
      return permutation.row(id: TaskID(stored: text)) == nil
    }
    #expect(small <= 1)
  }

  @Test func `a row below 1 is a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      _ = TaskIDPermutation(key: (1, 2)).id(row: 0)
    }
  }
}
