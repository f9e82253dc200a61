import HoldfastModel
import Testing

@testable import holdfast

@Suite struct ProjectIdentityTests {
  let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  func identity(_ folder: String) throws -> ProjectIdentity {
    try ProjectIdentity.resolve(from: temporary.path(folder))
  }

  @discardableResult
  func commit(_ text: String, in folder: String) throws -> String {
    try ChildProcess.git("commit", "-q", "--allow-empty", "-m", text, in: temporary.path(folder))
    return try ChildProcess.git("rev-parse", "HEAD", in: temporary.path(folder))
  }

  @discardableResult
  func makeRepository(_ folder: String) throws -> String {
    try ChildProcess.git("init", "-q", "-b", "main", in: try temporary.folder(folder))
    return try commit("first of \(folder)", in: folder)
  }

  @Test func `clones and worktrees share the first commit`() throws {
    let first = try makeRepository("shop")
    try commit("second", in: "shop")
    try ChildProcess.git("clone", "-q", "shop", "other", in: temporary.path)
    try ChildProcess.git("worktree", "add", "-q", "../tree", in: temporary.path("shop"))
    #expect(try identity("shop").identity() == .firstCommit(first))
    #expect(try identity("other").identity() == .firstCommit(first))
    #expect(try identity("tree").identity() == .firstCommit(first))
    #expect(try identity("other").name.text == "other")
  }

  @Test func `a bare repository has its first commit`() throws {
    let first = try makeRepository("shop")
    try ChildProcess.git("clone", "-q", "--bare", "shop", "bare.git", in: temporary.path)
    #expect(try identity("bare.git").firstCommit() == first)
  }

  @Test func `of several first commits the smallest hash counts`() throws {
    let first = try makeRepository("shop")
    try ChildProcess.git("checkout", "-q", "--orphan", "side", in: temporary.path("shop"))
    let second = try commit("another root", in: "shop")
    try ChildProcess.git("checkout", "-q", "main", in: temporary.path("shop"))
    #expect(try identity("shop").firstCommit() == first)
    try ChildProcess.git(
      "merge", "-q", "--allow-unrelated-histories", "-m", "both", "side",
      in: temporary.path("shop"))
    #expect(try identity("shop").firstCommit() == min(first, second))
  }

  @Test func `a worktree on a branch of its own has the identity of the main checkout`() throws {
    let first = try makeRepository("shop")
    try ChildProcess.git("worktree", "add", "-q", "../tree", in: temporary.path("shop"))
    try ChildProcess.git("checkout", "-q", "--orphan", "pages", in: temporary.path("tree"))
    try commit("pages", in: "tree")
    #expect(try identity("tree").firstCommit() == first)
  }

  @Test func `a checkout whose branch has no commit yet still knows the first commit`() throws {
    let first = try makeRepository("shop")
    try ChildProcess.git("checkout", "-q", "--orphan", "empty", in: temporary.path("shop"))
    #expect(try identity("shop").firstCommit() == first)
  }

  @Test func `without a commit the common directory is the identity`() throws {
    try ChildProcess.git("init", "-q", in: try temporary.folder("young"))
    let project = try identity("young")
    #expect(project.firstCommit() == nil)
    #expect(project.identity() == .path(temporary.path("young/.git")))
  }

  @Test func `a shallow clone does not take its first commit for the first one`() throws {
    try makeRepository("shop")
    try commit("second", in: "shop")
    try ChildProcess.git(
      "clone", "-q", "--depth", "1", "file://\(temporary.path("shop"))", "shallow",
      in: temporary.path)
    let project = try identity("shallow")
    #expect(project.repository?.isShallow == true)
    #expect(project.identity() == .path(temporary.path("shallow/.git")))
  }

  @Test func `outside of a repository the folder is the identity`() throws {
    try temporary.folder("plain")
    #expect(try identity("plain").identity() == .path(temporary.path("plain")))
  }

  @Test func `two repositories of one name have two identities`() throws {
    try makeRepository("a/shop")
    try makeRepository("b/shop")
    let (first, second) = (try identity("a/shop"), try identity("b/shop"))
    #expect(first.name == second.name)
    #expect(first.identity() != second.identity())
    #expect(first.identity().text.count == 40)
  }
}
