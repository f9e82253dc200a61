import HoldfastJSON
import HoldfastTesting
import Testing

/// What `serve` prints, refuses and is for.
@Suite struct ServeCommandTests {
  let home = TestHome()

  /// The lines of a server from its start to its end, and what it said beside them.
  private func lines(
    of words: String..., in folder: String = "", while body: (HTTPClient) throws -> Void = { _ in }
  ) throws -> (output: String, errors: String, code: Int32) {
    let errors = home.folder.file("serve.errors")
    let shell = #"exec "$@" 2>\#(errors)"#
    let process = try TestProcess(
      "/bin/sh", ["-c", shell, "sh", TestProcess.holdfast, "serve"] + words,
      environment: home.environment, directory: home.folder.file(folder))
    let first = try #require(process.line())
    let port = try #require(
      first.split(separator: ":").dropFirst(2).first.flatMap { Int($0.prefix { $0.isNumber }) })
    try body(HTTPClient(port: port))
    process.signal(15)
    let output = (first + "\n" + process.rest()).replacing(":\(port)", with: ":PORT")
    let code = process.wait()
    return (output, try ChildProcess.run(["cat", errors]).output, code)
  }

  private func refusal(_ words: String..., in folder: String = "") throws -> TestProcess.Result {
    try TestProcess.run(
      ["serve", "--port", "0"] + words, environment: home.environment,
      directory: home.folder.file(folder))
  }

  @Test func `a server says where it listens, over which file, and that it ends`() throws {
    let usual = try lines(of: "--port", "0")
    #expect(
      usual.output == """
        task store listening on http://127.0.0.1:PORT (db: \(home.storePath))
        mcp server listening on http://127.0.0.1:PORT/mcp
        shutting down...

        """)
    #expect(usual.errors.isEmpty && usual.code == 0)
    let chosen = try lines(of: "--port", "0", "--bind", "localhost", "--db", "x.db")
    #expect(chosen.output.contains(":PORT (db: \(home.folder.file("x.db")))\n"))
  }

  @Test func `a server for repositories names them and knows no other project`() throws {
    try home.repository("a/shop")
    try home.repository("site")
    try ChildProcess.git("worktree", "add", "-q", "../tree", in: home.folder.file("a/shop"))
    _ = try ChildProcess.run(["mkdir", "-p", home.folder.file("site/docs/deep")])
    #expect(try home.run("task", "create", "t", "--project", "other").code == 0)
    // A worktree and a folder inside count for their repository.
    let served = try lines(
      of: "--port", "0", "--repo", "site/docs/deep", "--repo", home.folder.file("a/tree")
    ) { client in
      #expect(client.get("/v1/projects").text == "[\"shop\",\"site\"]\n")
      #expect(client.post("/v1/projects/shop/tasks", #"{"filename":"t"}"#).status == 201)
      #expect(client.get("/v1/projects/other/tasks").error == "project not found: other")
      // From elsewhere a command is a client like others; on this machine it is the owner's.
      let url = "http://127.0.0.1:\(client.port)"
      let remote = try home.run("task", "list", "--project", "other", "--store", url)
      #expect(remote.code == 3 && remote.errors == "holdfast: project not found: other\n")
      #expect(try home.run("task", "list", "--project", "other").output.hasPrefix("ready  "))
    }
    #expect(
      served.output == """
        task store listening on http://127.0.0.1:PORT (repos: site, shop)
        mcp server listening on http://127.0.0.1:PORT/mcp
        shutting down...

        """)
    #expect(served.errors.isEmpty && served.code == 0)
  }

  @Test func `the project of a registered repository is the one that commands there work on`()
    throws
  {
    try home.repository("shop")
    _ = try ChildProcess.run(["mkdir", home.folder.file("shop/.holdfast")])
    _ = try ChildProcess.run([
      "sh", "-c", "echo 'project = \"store\"' > \(home.folder.file("shop/.holdfast/config.toml"))",
    ])
    #expect(try home.run(in: "shop", "task", "create", "t").code == 0)
    // What is said to the server alone does not count.
    let served = try lines(of: "--port", "0", "--project", "x", "--repo", ".", in: "shop") {
      #expect($0.get("/v1/projects/store/tasks/t").status == 200)
    }
    #expect(served.output.contains("(repos: store)"))
  }

  @Test func `registered repositories that are none, or that share a name, are refused`() throws {
    try home.repository("a/shop")
    try home.repository("b/shop")
    let missing = try refusal("--repo", "none")
    #expect(missing.code == 2 && missing.output.isEmpty)
    #expect(missing.errors.hasPrefix("holdfast: --repo none: there is no such folder"))
    let twice = try refusal("--repo", "a/shop", "--repo", "./a/../a/shop")
    #expect(twice.code == 2 && twice.errors.contains("this repository is registered already"))
    let same = try refusal("--repo", "a/shop", "--repo", "b/shop")
    #expect(same.code == 2 && same.errors.contains("project shop is registered already, for "))
    let both = try refusal("--repo", "a/shop", "--db", "x.db")
    #expect(both.code == 2 && both.errors.contains("--db") && both.errors.contains("--repo"))
    // The store knows the name as that of another repository.
    #expect(try home.run(in: "a/shop", "task", "create", "t").code == 0)
    let other = try refusal("--repo", "b/shop")
    #expect(other.code == 4 && other.output.isEmpty)
    #expect(other.errors.contains("project shop belongs to another repository: set \"project\""))
  }

  @Test func `what is asked for and not there yet is said, and nothing pretends to be it`() throws {
    let asked = try lines(of: "--port", "0", "--mcp", "false", "--admin-dir", "dist") { client in
      #expect(client.get("/admin/").status == 404)
      #expect(client.post("/mcp", "{}").status == 404)
    }
    #expect(asked.code == 0)
    #expect(asked.output.split(separator: "\n").count == 2, "\(asked.output)")
    #expect(asked.errors == "This version has no admin UI; dist is not served.\n")
    #expect(try lines(of: "--port", "0", "--mcp=false", "--mcp-port", "7434").errors.isEmpty)
  }

  @Test func `MCP is under a path of the server, or at a port of its own`() throws {
    let ping = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
    let json = [("Content-Type", "application/json")]
    let usual = try lines(of: "--port", "0") { client in
      #expect(client.post("/mcp", ping, headers: json).status == 200)
    }
    #expect(usual.output.contains("\nmcp server listening on http://127.0.0.1:"))
    let apart = try lines(of: "--port", "0", "--mcp-port", "0") { client in
      #expect(client.post("/mcp", ping, headers: json).status == 200)
    }
    let ports = apart.output.split(separator: "\n").prefix(2).compactMap {
      $0.split(separator: ":").dropFirst(2).first?.prefix(while: \.isNumber)
    }
    #expect(Set(ports).count == 2, "\(apart.output)")
  }

  @Test func `an address that others reach, and a second server, are refused`() throws {
    let open = try refusal("--bind", "0.0.0.0")
    #expect(open.code == 6 && open.output.isEmpty)
    #expect(open.errors.contains("pass --insecure"))
    let service = try home.serve()
    defer { service.process.signal(15) }
    let second = try refusal()
    #expect(second.code == 4 && second.output.isEmpty)
    #expect(second.errors.contains("a server (process \(service.process.pid)) serves this store"))
  }
}
