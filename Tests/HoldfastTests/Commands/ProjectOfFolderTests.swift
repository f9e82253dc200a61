import HoldfastJSON
import HoldfastTesting
import Testing

/// Which project commands work on, in and outside of repositories.
@Suite struct ProjectOfFolderTests {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  @Test func `worktrees and clones of a repository share its project`() throws {
    try home.repository("a/shop")
    #expect(try home.run(in: "a/shop", "task", "create", "t").code == 0)
    try ChildProcess.git("worktree", "add", "-q", "../tree", in: home.folder.file("a/shop"))
    _ = try ChildProcess.run(["mkdir", home.folder.file("b")])
    try ChildProcess.git("clone", "-q", "a/shop", "b/shop", in: home.folder.path)
    for folder in ["a/tree", "b/shop"] {
      #expect(try home.run(in: folder, "project", "show").printed("shop\n"))
      #expect(try home.run(in: folder, "task", "create", "in \(folder)").code == 0)
      #expect(try home.run(in: folder, "task", "list").output.contains("ready          t "))
    }
  }

  @Test func `another repository of the same name is refused, with a way out`() throws {
    try home.repository("a/shop")
    try home.repository("b/shop")
    #expect(try home.run(in: "a/shop", "task", "create", "t").code == 0)
    let refused = try home.run(in: "b/shop", "task", "create", "t2")
    #expect(refused.code == 4 && refused.output.isEmpty)
    #expect(refused.errors.contains("project shop belongs to another repository: set \"project\""))
    #expect(refused.errors.contains("set project = \"shop\" in .holdfast/config.toml"))
    // A name that is given counts as it is.
    let named = try home.run(in: "b/shop", "task", "create", "t2", "--project", "shop")
    #expect(named.printed("created: t2 → ready\n"))
    let other = try home.run(in: "b/shop", "task", "create", "t2", "--project", "shop-b")
    #expect(other.code == 0 && other.output == "created: t2 → ready\n")
  }

  @Test func `no command works on the project of another repository of the name`() throws {
    try home.repository("a/shop")
    try home.repository("b/shop")
    let path = home.folder.file("plan-state.json")
    try writeFile(path, #"{"plans":{"x":{"status":"ready"}}}"#)
    #expect(try home.run(in: "a/shop", "task", "create", "t").code == 0)
    let commands = [
      "task list", "task show t", "task goal t x", "task delete t --yes",
      "task transition t plan_start", "task update-content t --file \(path)", "subtask list t",
      "signal list", "signal emit plan_start t", "signal process --once", "audit list",
      "topic list", "topic create x", "project show", "export", "import \(path)",
    ]
    for words in commands.map({ $0.split(separator: " ").map(String.init) }) {
      let result = try home.run(in: "b/shop", words)
      #expect(result.code == 4 && result.output.isEmpty, "\(words): \(result)")
      #expect(result.errors.contains("belongs to another repository"), "\(words)")
    }
    #expect(try home.run(in: "a/shop", "signal", "list").printed("no pending signals\n"))
  }

  @Test func `a clone in a folder of another name, and a renamed one, keep the project`() throws {
    try home.repository("shop")
    #expect(try home.run(in: "shop", "task", "create", "t").code == 0)
    try ChildProcess.git("clone", "-q", "shop", "copy", in: home.folder.path)
    _ = try ChildProcess.run(["mv", home.folder.file("shop"), home.folder.file("store")])
    for folder in ["copy", "store"] {
      #expect(try home.run(in: folder, "project", "show").printed("shop\n"))
      #expect(try home.run(in: folder, "task", "create", "t-\(folder)").code == 0)
    }
    #expect(try home.run("project", "list").printed("shop\n"))
    #expect(try home.run("project", "rename", "shop", "market").code == 0)
    let tasks = try home.run(in: "copy", "task", "list").output.split(separator: "\n")
    #expect(tasks.count == 3)
    // The name is free for another repository.
    try home.repository("shop", isEmpty: true)
    try home.commit("another first one", in: "shop")
    #expect(try home.run(in: "shop", "task", "create", "other").code == 0)
    #expect(try home.run("project", "list").printed("market\nshop\n"))
  }

  @Test func `a renamed project is found under its old name, when asked for`() throws {
    #expect(try home.run("task", "create", "t").code == 0)
    #expect(try home.run("project", "rename", "p", "q", "--keep-alias").code == 0)
    #expect(try home.run("task", "list").output.hasPrefix("ready          t "))
  }

  @Test func `a project that was made without a repository belongs to the first that uses it`()
    throws
  {
    #expect(try home.run("task", "create", "t", "--project", "shop").code == 0)
    try home.repository("shop")
    try home.repository("b/shop")
    #expect(try home.run(in: "b/shop", "task", "list").output.hasPrefix("ready          t "))
    #expect(try home.run(in: "shop", "task", "create", "u").code == 0)
    #expect(try home.run(in: "b/shop", "task", "list").code == 4)
  }

  @Test func `a shallow clone is told how it can be known`() throws {
    try home.repository("shop")
    try home.commit("second", in: "shop")
    #expect(try home.run(in: "shop", "task", "create", "t").code == 0)
    _ = try ChildProcess.run(["mkdir", home.folder.file("b")])
    try ChildProcess.git(
      "clone", "-q", "--depth", "1", "file://\(home.folder.file("shop"))", "b/shop",
      in: home.folder.path)
    let refused = try home.run(in: "b/shop", "task", "list")
    #expect(refused.code == 4 && refused.errors.contains("git fetch --unshallow"))
    try ChildProcess.git("fetch", "-q", "--unshallow", in: home.folder.file("b/shop"))
    #expect(try home.run(in: "b/shop", "task", "list").output.hasPrefix("ready          t "))
  }

  @Test func `a repository keeps its project when it gets its first commit`() throws {
    try home.repository("shop", isEmpty: true)
    #expect(try home.run(in: "shop", "task", "create", "a").code == 0)
    let commit = try home.commit("first", in: "shop")
    #expect(try home.run(in: "shop", "task", "create", "b").code == 0)
    #expect(try home.run(in: "shop", "task", "create", "c").code == 0)
    let projects = try home.run("project", "list", "--json").json?["projects"]?.arrayValue
    #expect(projects?.first?["identity"]?.stringValue == commit)
    try home.repository("other/shop")
    #expect(try home.run(in: "other/shop", "task", "create", "d").code == 4)
  }

  @Test func `git runs once for a repository, until another one takes its place`() throws {
    try home.repository("shop")
    // Where there is no git, only what was kept can tell.
    let without = ["PATH": "/nowhere", "HOLDFAST_DATABASE_URL": home.folder.file("x.db")]
    let with = ["HOLDFAST_DATABASE_URL": home.folder.file("x.db")]
    #expect(try home.run(in: "shop", "task", "create", "a", variables: with).code == 0)
    #expect(try home.run(in: "shop", "task", "create", "b", variables: without).code == 0)
    let kept = try ChildProcess.run(
      ["find", home.folder.file(".cache/holdfast/identities"), "-type", "f", "-perm", "600"])
    #expect(kept.output.split(separator: "\n").count == 1)
    _ = try ChildProcess.run(["rm", "-rf", home.folder.file("shop")])
    try home.repository("shop", isEmpty: true)
    try home.commit("another first one", in: "shop")
    #expect(try home.run(in: "shop", "task", "create", "c", variables: with).code == 4)
  }

  @Test func `a cache that cannot be written is no reason to fail`() throws {
    try home.repository("shop")
    let variables = ["XDG_CACHE_HOME": "/dev/null"]
    for name in ["a", "b"] {
      #expect(try home.run(in: "shop", "task", "create", name, variables: variables).code == 0)
    }
  }

  @Test(.disabled(if: PostgreSQLCluster.isWanted, "it is about files"))
  func `a database of kasmos is offered once and left alone`() throws {
    let path = home.folder.file(".config/kasmos/taskstore.db")
    _ = try ChildProcess.run(["mkdir", "-p", home.folder.file(".config/kasmos")])
    _ = try ChildProcess.run(["sh", "-c", "echo not a database > \(path)"])
    let first = try home.run("task", "list")
    #expect(first.code == 0 && first.output.isEmpty)
    #expect(
      first.errors
        == "This store is new; there is also a database of kasmos: 'holdfast import \(path)' copies "
        + "what is in it.\n")
    #expect(try home.run("task", "list").printed(""))
    let chosen = TestHome()
    _ = try ChildProcess.run(["mkdir", "-p", chosen.folder.file(".config/kasmos")])
    _ = try ChildProcess.run(["touch", chosen.folder.file(".config/kasmos/taskstore.db")])
    #expect(try chosen.run("task", "list", "--store", chosen.folder.file("x.db")).printed(""))
  }
}
