import HoldfastJSON
import HoldfastModel
import Testing

@Suite struct LockPathTests {
  @Test(arguments: [
    ("a", "a"), ("src/a.swift", "src/a.swift"), ("./src//a.swift", "src/a.swift"),
    ("src/b/../a.swift", "src/a.swift"), ("a/", "a"), ("a/./b/.", "a/b"), ("a/../b/../c", "c"),
    ("...", "..."), ("..a/b", "..a/b"), (" a ", " a "), ("A\\b", "A\\b"),
    ("lock:deploy", "lock:deploy"),
    ("caf\u{e9}/x", "caf\u{e9}/x"), ("~/x", "~/x"),
  ])
  func `a path is relative to the root and normalised`(text: String, path: String) throws {
    #expect(try LockPath(text).text.utf8.elementsEqual(path.utf8))
  }

  @Test(arguments: [
    ("", "not_empty"), ("/", "relative"), ("/etc/passwd", "relative"), ("//a", "relative"),
    ("..", "inside"), ("../x", "inside"), ("a/../../x", "inside"), ("./..", "inside"),
    (".", "file"), ("./", "file"), ("a/..", "file"), ("a\0b", "no_nul"), ("\0", "no_nul"),
  ])
  func `a path that is none is refused, with the rule`(text: String, rule: String) {
    let refused = refusal(try LockPath(text))
    #expect(refused?.code == .invalidPath)
    #expect(refused?.details.first { $0.name == "rule" }?.value == .string(rule))
    #expect(refused?.message.hasPrefix("the path \"") == true)
  }

  @Test func `a path has at most 4096 bytes`() throws {
    let longest = String(repeating: "a/", count: 2047) + "\u{e9}"
    #expect(longest.utf8.count == 4096)
    #expect(try LockPath(longest).text.utf8.count == 4096)
    let refused = refusal(try LockPath(longest + "b"))
    #expect(refused?.message.hasSuffix("must be at most 4096 bytes long, not 4097") == true)
    // Also where less would be left of it.
    #expect(refusal(try LockPath("a" + String(repeating: "/", count: 4096))) != nil)
  }

  @Test func `paths are the same by their bytes`() throws {
    let (composed, decomposed) = (try LockPath("caf\u{e9}"), try LockPath("cafe\u{301}"))
    #expect(Set([composed, decomposed]).count == 2)
  }
}
