import HoldfastTesting
import Testing

@testable import holdfast

/// A change is shown as `diff -u` shows it.
@Suite struct DifferenceTests {
  private let home = TestHome()

  /// What `diff -u` says, without its two lines about the files.
  private func diff(_ before: String, _ after: String) throws -> [String] {
    try writeFile(home.folder.file("a"), before)
    try writeFile(home.folder.file("b"), after)
    let run = try home.shell("diff -u a b | tail -n +3")
    return run.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
      // A hunk of one line has no count there.
      String($0)
    }
  }

  /// Hunks without the counts of one, which `diff` leaves out.
  private func plain(_ lines: [String]) -> [String] {
    lines.map { $0.hasPrefix("@@") ? $0.replacing(",1 ", with: " ") : $0 }
  }

  private func check(_ before: String, _ after: String) throws {
    let own = Difference.lines(from: Array(before.utf8), to: Array(after.utf8), of: "f")
    #expect(plain(Array(own.dropFirst(2))) == plain(try diff(before, after)))
  }

  @Test(arguments: [
    ("a\nb\nc\n", "a\nx\nc\n"), ("a\nb", "a\nb\nc\n"), ("a\n", "a"), ("", "a\n"),
    ("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n"),
    ("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n"), ("e\u{301}\n", "\u{E9}\n"),
  ])
  func likeDiff(before: String, after: String) throws { try check(before, after) }

  @Test func `any edit of a text can be undone by its difference`() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<40 {
      let old = (0..<60).map { _ in "line \(Int.random(in: 0..<30, using: &generator))\n" }
      var new = old
      for _ in 0..<Int.random(in: 1..<6, using: &generator) {
        let place = Int.random(in: 0..<new.count, using: &generator)
        if Bool.random(using: &generator) {
          new.remove(at: place)
        } else {
          new.insert("new \(place)\n", at: place)
        }
      }
      try writeFile(home.folder.file("f"), old.joined())
      let lines = Difference.lines(
        from: Array(old.joined().utf8), to: Array(new.joined().utf8), of: "f")
      try writeFile(home.folder.file("p"), lines.map { $0 + "\n" }.joined())
      if old != new { #expect(try home.shell("patch -s f p").code == 0) }
      #expect(try readFile(home.folder.file("f")) == Array(new.joined().utf8))
    }
  }

  @Test func `the same text has no difference, and a new file comes from nothing`() {
    #expect(Difference.lines(from: [1, 10], to: [1, 10], of: "f") == [])
    #expect(
      Difference.lines(from: nil, to: Array("a\n".utf8), of: "f")
        == ["--- /dev/null", "+++ f", "@@ -0,0 +1,1 @@", "+a"])
  }
}
