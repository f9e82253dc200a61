import HoldfastModel
import Testing

@Suite struct FrontMatterTests {
  private func front(_ text: String) -> FrontMatter? {
    FrontMatter(parsing: Array("---\n\(text)\n---\nbody".utf8))
  }

  @Test func `the flat keys of a task file are read`() throws {
    let text = """
      ---
      id: BACK-239
      title: 'Feature: it''s here # not a comment'
      status: To Do   # a comment
      assignee:
        - '@codex'
        - "b"
      labels: [cli, "web ui", 'a, b']
      empty: []
      nothing:
      folded: >-
        one
        two

        three
      literal: |
        a
          b
      long: first
        second
      nested:
        inner: 1
      ordinal: 6000
      ---
      # Body
      """
    for document in [
      text,
      String(
        text.unicodeScalars.flatMap { $0 == "\n" ? ["\r", "\n"] : [$0] }
          .map(Character.init)),
    ] {
      let bytes = Array(document.utf8)
      let front = try #require(FrontMatter(parsing: bytes))
      #expect(front.title == "Feature: it's here # not a comment")
      #expect(front.status == "To Do")
      #expect(front.labels == ["cli", "web ui", "a, b"])
      #expect(front.list("assignee") == ["@codex", "b"])
      #expect(front["empty"] == .list([]))
      #expect(front.text("nothing") == nil)
      #expect(front.text("folded") == "one two\nthree")
      #expect(front.text("literal") == "a\n  b")
      #expect(front.text("long") == "first second")
      #expect(front.text("nested") == nil)
      #expect(front.text("inner") == nil)
      #expect(front.text("ordinal") == "6000")
      #expect(front["absent"] == nil)
      #expect(String(decoding: bytes[front.bodyOffset...], as: UTF8.self) == "# Body")
    }
  }

  @Test(
    arguments: [
      ("plain", "plain"), ("'single'", "single"), ("\"double\"", "double"), ("''", nil),
      ("'it''s'", "it's"), (#""a\"b\\c\nd\u00e9\x41""#, "a\"b\\c\nd\u{E9}A"), ("'open", "'open"),
      ("a#b", "a#b"), ("a #b", "a"), ("http://x:1/", "http://x:1/"), ("~", "~"),
      (#""\ud800""#, "d800"), ("a: b", "a: b"), ("'a' # b", "a"),
    ] as [(String, String?)])
  func `a text is`(raw: String, text: String?) {
    #expect(front("k: \(raw)")?.text("k") == text)
  }

  @Test(
    arguments: [
      ("[]", []), ("[a]", ["a"]), ("[a, b,]", ["a", "b"]), ("[ 'a,b' , \"c]\" ]", ["a,b", "c]"]),
      ("[a,\n  b,\n  c]", ["a", "b", "c"]), ("[a, [b, c]]", ["a", "[b, c]"]), ("[a", ["a"]),
      ("['', x]", ["", "x"]), ("\n- a\n- 'b: c'", ["a", "b: c"]),
      ("\n  - long\n    item", ["long item"]),
      ("\n  # none\n\n  - a\n  -\n", ["a", ""]), ("single", ["single"]), ("", []),
    ] as [(String, [String])])
  func `a list is`(raw: String, items: [String]) {
    #expect(front("k: \(raw)\nlast: 1")?.list("k") == items)
    #expect(front("k: \(raw)\nlast: 1")?.text("last") == "1")
  }

  @Test(arguments: [
    "", "---", "---\n", "---\ntitle: x\n", "title: x\n---\n", " ---\na: b\n---\n",
    "----\na: b\n---\n",
  ])
  func `a document without closed front matter has none`(text: String) {
    #expect(FrontMatter(parsing: Array(text.utf8)) == nil)
  }

  @Test func `the last of duplicate keys counts`() {
    #expect(front("a: 1\na: 2")?.text("a") == "2")
    #expect(front("a: 1\na: 2")?.fields.count == 2)
  }
}
