import Testing

@testable import HoldfastModel

@Suite struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 1),
    ("filename", "fielname", 1), ("status", "status", 0), ("ca", "abc", 3), ("é", "e", 1),
  ])
  func `the distance counts edits and swaps`(a: String, b: String, distance: Int) {
    let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
    #expect(EditDistance.distance(a, b) == distance)
    #expect(EditDistance.distance(b, a) == distance)
  }

  @Test(
    arguments: [
      ("filenme", "filename"), ("stauts", "status"), ("topics", "topic"), ("x", nil),
      ("zzzzzz", nil), ("", nil), ("prioritty", "priority"), ("descritpoin", "description"),
    ] as [(String, String?)])
  func `the nearest word is found when it is near`(word: String, nearest: String?) {
    let words = ["filename", "status", "topic", "priority", "description"]
    #expect(EditDistance.nearest(word, among: words) == nearest)
  }

  @Test(
    arguments: [
      ("task_id", "task"), ("agent_name", "agent"), ("lease", "lease_seconds"),
      ("task_idd", "task"),
      ("tasks_i", nil), ("_", nil),
    ] as [(String, String?)])
  func `a word that shares a part is found where none is near`(word: String, nearest: String?) {
    #expect(
      EditDistance.nearest(word, among: ["agent", "lease_seconds", "task"]) == nearest)
  }

  @Test func `the first of equally near words is taken`() {
    #expect(EditDistance.nearest("cat", among: ["bat", "hat", "cat"]) == "cat")
    #expect(EditDistance.nearest("cat", among: ["bat", "hat"]) == "bat")
  }

  @Test func `a very long word has no nearest`() {
    let long = String(repeating: "a", count: 1_000_000)
    #expect(EditDistance.nearest(long, among: [long, "a"]) == nil)
    #expect(EditDistance.nearest("a", among: [long]) == nil)
  }

  @Test(arguments: [
    (" a ", "a"), ("", ""), ("\u{3000}\t", ""), ("a b", "a b"), ("\u{A0}x\u{2028}", "x"),
    ("\r\na\r\n", "a"),
  ])
  func `white space at the ends is trimmed`(text: String, trimmed: String) {
    #expect(text.trimmed == trimmed)
  }

  @Test(arguments: [
    ("x", "\"x\""), ("a\"b", "\"a\\\"b\""), ("a\\b", "\"a\\\\b\""), ("a\nb", "\"a\\nb\""),
    ("\u{1B}[0m", "\"\\u{1b}[0m\""), ("é", "\"é\""),
  ])
  func `a quoted text is safe to print`(text: String, quoted: String) {
    #expect(text.quoted == quoted)
  }

  @Test(
    arguments: [
      ("revew", "reviewing"), ("impl", "implementing"), ("implment", "implementing"),
      ("reviewin", "reviewing"), ("rev", nil), ("xyzxyz", nil), ("", nil),
    ] as [(String, String?)])
  func `a beginning is enough where no word is near`(word: String, found: String?) {
    let words = ["ready", "reviewing", "implementing"]
    #expect(
      EditDistance.hintOfBeginning(word, among: words)
        == (found.map { "; did you mean \"\($0)\"?" } ?? ""))
  }
}
