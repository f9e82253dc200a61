import Testing

@testable import holdfast

@Suite struct PathTests {
  @Test(arguments: [
    ("/a", "b", "/a/b"), ("/a/", "b", "/a/b"), ("/a", "/b", "/b"), ("/", "b", "/b"),
    (".", "b/c", "./b/c"),
  ])
  func `a path joins a folder unless it is absolute`(folder: String, path: String, result: String) {
    #expect(Path.join(folder, path) == result)
  }

  @Test(arguments: [
    ("/a/b", "b", "/a"), ("/a/b/", "b", "/a"), ("/a", "a", "/"), ("/", "", "/"), ("a", "a", "."),
  ])
  func `a path has a name and a parent`(path: String, name: String, parent: String) {
    #expect(Path.name(of: path) == name)
    #expect(Path.parent(of: path) == parent)
  }
}
