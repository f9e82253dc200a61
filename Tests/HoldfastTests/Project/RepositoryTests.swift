import HoldfastModel
import Testing

@testable import holdfast

@Suite struct RepositoryTests {
  let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  /// The name of the project of a folder, or what went wrong.
  func name(_ folder: String) throws -> String {
    try ProjectIdentity.resolve(from: temporary.path(folder)).name.text
  }

  /// Makes a repository with one commit.
  func makeRepository(_ folder: String, _ options: String...) throws {
    let path = try temporary.folder(folder)
    try ChildProcess.git("init", "-q", "-b", "main", in: path)
    try ChildProcess.git("commit", "-q", "--allow-empty", "-m", folder, in: path)
  }

  @Test func `a repository is named after its folder, from anywhere inside`() throws {
    try makeRepository("shop")
    try temporary.folder("shop/a/b")
    #expect(try name("shop") == "shop")
    #expect(try name("shop/a/b") == "shop")
    #expect(try name("shop/.git") == "shop")
    #expect(try name("shop/.git/refs") == "shop")
  }

  @Test func `a worktree has the name of the main checkout`() throws {
    try makeRepository("shop")
    try ChildProcess.git("worktree", "add", "-q", "../elsewhere", in: temporary.path("shop"))
    #expect(try name("elsewhere") == "shop")
    let repository = Repository.search(from: temporary.path("elsewhere")).repository
    #expect(repository?.checkout == temporary.path("elsewhere"))
    #expect(repository?.mainCheckout == temporary.path("shop"))
    #expect(repository?.commonDirectory == temporary.path("shop/.git"))
  }

  @Test func `a bare repository is named after itself, and so are its worktrees`() throws {
    try makeRepository("origin")
    try ChildProcess.git("clone", "-q", "--bare", "origin", "shop.git", in: temporary.path)
    try ChildProcess.git("worktree", "add", "-q", "../tree", in: temporary.path("shop.git"))
    #expect(try name("shop.git") == "shop")
    #expect(try name("shop.git/objects") == "shop")
    #expect(try name("tree") == "shop")
    let repository = Repository.search(from: temporary.path("shop.git")).repository
    #expect(repository != nil && repository?.checkout == nil && repository?.mainCheckout == nil)
  }

  @Test func `a bare repository in a dotted folder is named after the folder around it`() throws {
    try makeRepository("origin")
    try temporary.folder("shop")
    try ChildProcess.git("clone", "-q", "--bare", "../origin", ".bare", in: temporary.path("shop"))
    try temporary.file("shop/.git", "gitdir: ./.bare\n")
    try ChildProcess.git("worktree", "add", "-q", "main", in: temporary.path("shop/.bare"))
    #expect(try name("shop") == "shop")
    #expect(try name("shop/.bare/main") == "shop")
  }

  @Test func `a submodule is a project of its own, and so are its worktrees`() throws {
    try makeRepository("library")
    try makeRepository("shop")
    try ChildProcess.git(
      "-c", "protocol.file.allow=always", "submodule", "add", "-q", "../library", "parts/lib",
      in: temporary.path("shop"))
    try ChildProcess.git(
      "worktree", "add", "-q", temporary.path("tree"), in: temporary.path("shop/parts/lib"))
    #expect(try name("shop/parts/lib") == "lib")
    #expect(try name("tree") == "lib")
    #expect(try name("shop/parts") == "shop")
  }

  @Test func `with a git directory elsewhere, all worktrees have one name`() throws {
    try temporary.folder("store")
    try temporary.folder("shop")
    try ChildProcess.git(
      "init", "-q", "--separate-git-dir", "../store/s.git", in: temporary.path("shop"))
    try ChildProcess.git("commit", "-q", "--allow-empty", "-m", "x", in: temporary.path("shop"))
    try ChildProcess.git("worktree", "add", "-q", "../tree", in: temporary.path("shop"))
    #expect(try name("shop") == "s")
    #expect(try name("tree") == "s")
  }

  @Test func `a repository without commits has a name`() throws {
    try temporary.folder("young")
    try ChildProcess.git("init", "-q", in: temporary.path("young"))
    #expect(try name("young") == "young")
  }

  @Test func `links to a repository lead to its real name`() throws {
    try makeRepository("shop")
    try ChildProcess.git("--version", in: temporary.path)
    _ = try ChildProcess.run(["ln", "-s", "shop", "link"], in: temporary.path)
    #expect(try name("link") == "shop")
  }

  @Test func `outside of a repository the folder gives the name`() throws {
    try temporary.folder("plain/sub")
    #expect(try name("plain/sub") == "sub")
  }

  @Test func `an empty git folder is no repository`() throws {
    try makeRepository("shop")
    try temporary.folder("shop/sub/.git")
    #expect(try name("shop/sub") == "shop")
  }

  @Test func `a broken link to a git directory is refused with a way out`() throws {
    try temporary.file("tree/.git", "gitdir: /nowhere/at/all\n")
    let error = #expect(throws: HoldfastError.self) {
      try ProjectIdentity.resolve(from: temporary.path("tree"))
    }
    #expect(error?.code == .usage)
    #expect(error?.message.contains("which is not a git directory; name the project") == true)
    let named = try ProjectIdentity.resolve(
      from: temporary.path("tree"), named: ProjectName("given"))
    #expect(named.name.text == "given" && named.isNameGiven)
  }

  @Test func `the root of the file system gives no name`() throws {
    try #require(Repository.search(from: "/") == .none)
    let error = #expect(throws: HoldfastError.self) { try ProjectIdentity.resolve(from: "/") }
    #expect(error?.message == "the folder / gives no name to a project; name it with --project")
  }
}
