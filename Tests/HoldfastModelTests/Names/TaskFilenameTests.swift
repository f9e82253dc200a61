import HoldfastModel
import Testing

@Suite struct TaskFilenameTests {
  @Test(arguments: [
    ("plan", "plan"), ("plan.md", "plan"), (" plan.md\n", "plan"), ("plan.md.md", "plan.md"),
    ("plan.MD", "plan.MD"), ("a b/c%d", "a b/c%d"), ("\u{3000}x\u{A0}", "x"), ("a.md b", "a.md b"),
    ("plan .md", "plan"), (".md.md", ".md"), ("md", "md"), ("caf\u{E9}.md", "caf\u{E9}"),
  ])
  func `a filename is normalised`(given: String, expected: String) throws {
    #expect(try TaskFilename(given) == TaskFilename(stored: expected))
  }

  @Test(arguments: ["", "  ", ".md", " .md ", "\t.md"])
  func `a filename of nothing is refused`(given: String) {
    let error = refusal(try TaskFilename(given))
    #expect(error?.message == "filename must not be empty")
    #expect(error?.code.httpStatus == 400)
  }

  @Test func `a filename has at most 512 bytes`() throws {
    let longest = String(repeating: "x", count: 512)
    #expect(try TaskFilename(longest + ".md").text == longest)
    #expect(refusal(try TaskFilename(longest + "x")) != nil)
  }

  @Test func `a filename from the store is kept as it is`() {
    #expect(TaskFilename(stored: " old.md").text == " old.md")
  }

  @Test(arguments: [
    ("My Cool Feature!", "my-cool-feature"), ("already-a-slug", "already-a-slug"),
    ("--a--b--", "a-b"), ("", ""), ("!!!", ""), ("a_b.c/d", "a-b-c-d"), ("x.md", "x-md"),
    ("Caf\u{E9} \u{1F600} 2", "caf-2"), ("UPPER123", "upper123"), ("a\0b", "a-b"),
  ])
  func `a slug has only letters, digits and single hyphens`(given: String, expected: String) {
    #expect(Slug.reslug(given) == expected)
  }
}
