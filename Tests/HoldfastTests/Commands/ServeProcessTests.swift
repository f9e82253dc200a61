import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Testing

/// `holdfast serve`: where it listens, what it takes, and how it ends.
@Suite struct ServeProcessTests {
  let home = TestHome()

  /// Starts `holdfast serve` in a shell, with its errors among its output.
  private func start(
    _ words: String, _ variables: [String: String] = [:], before: String = ""
  ) throws -> TestProcess {
    let environment = home.environment.merging(variables) { $1 }
    return try TestProcess(
      "/bin/sh", ["-c", "\(before) exec '\(TestProcess.holdfast)' serve \(words) 2>&1"],
      environment: environment, directory: home.folder.path)
  }

  private func stop(_ process: TestProcess) -> Int32 {
    process.signal(SIGTERM)
    return process.wait()
  }

  /// The URL in the line that says where a server listens.
  private func url(_ line: String?) throws -> String {
    let words = (line ?? "").split(separator: " ")
    return String(try #require(words.first { $0.hasPrefix("http://") }, "\(line ?? "no line")"))
  }

  // MARK: Sockets

  @Test func `a second server does not take the socket of the first`() throws {
    let first = try home.serve("--db", "first.db", "--socket", "s")
    let second = try start("--port 0 --db second.db --socket s")
    #expect(second.rest().contains("another server answers on the socket"))
    #expect(second.wait() == 4)
    #expect(try home.run("task", "create", "t", "--store", "first.db").code == 0)
    #expect(first.client.get("/v1/projects/p/tasks").json?.arrayValue?.count == 1)
  }

  @Test func `a command never writes into another store than it means`() throws {
    let first = try home.serve("--db", "first.db", "--socket", "s")
    unlink(home.folder.file("s"))
    let second = try home.serve("--db", "second.db", "--socket", "s")
    let result = try home.run("task", "create", "t", "--store", "first.db")
    #expect(result.code == 6)
    #expect(result.errors.contains("this server serves another store"))
    for client in [first.client, second.client] {
      #expect(client.get("/v1/projects/p/tasks").text == "[]\n")
    }
  }

  @Test func `a long runtime folder gives way to the store's own`() throws {
    let folder = home.folder.file(String(repeating: "x", count: 100))
    mkdir(folder, 0o700)
    let server = try start("--port 0 --db t.db", ["XDG_RUNTIME_DIR": folder])
    _ = try url(server.line())
    #expect(fileExists(home.folder.file("t.db.sock")))
    #expect(try home.run("task", "create", "t", "--store", "t.db").code == 0)
    #expect(stop(server) == 0)
    #expect(!fileExists(home.folder.file("t.db.sock")))
  }

  // MARK: Addresses

  @Test func `it answers under the address that it is bound to`() throws {
    let server = try start("--port 0 --bind 127.0.0.2 --db t.db")
    let url = try url(server.line())
    #expect(url.hasPrefix("http://127.0.0.2:"))
    #expect(try home.run("task", "list", "--store", url).code == 0)
    #expect(stop(server) == 0)
  }

  @Test func `an address that others reach is refused before anything is made`() throws {
    let result = try home.run("serve", "--bind", "0.0.0.0", "--port", "0", "--db", "t.db")
    #expect(result.code == 6)
    #expect(result.errors.contains("pass --insecure"))
    #expect(!fileExists(home.folder.file("t.db")))
  }

  @Test func `no proxy stands before this machine`() throws {
    let server = try home.serve("--db", "t.db")
    let result = try TestProcess.run(
      ["task", "list", "--project", "p", "--store", "http://127.0.0.1:\(server.client.port)"],
      environment: home.environment.merging(["http_proxy": "http://127.0.0.1:1"]) { $1 },
      directory: home.folder.path)
    #expect(result.code == 0, "\(result.errors)")
  }

  // MARK: Files and threads

  @Test func `it raises the number of open files`() throws {
    let server = try start("--port 0 --db t.db", before: "ulimit -Sn 64;")
    _ = try url(server.line())
    let limits = String(decoding: try readFile("/proc/\(server.pid)/limits"), as: UTF8.self)
    let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
    let soft = line.flatMap { Int($0.split(separator: " ")[3]) } ?? 0
    #expect(soft > 1024)
    #expect(stop(server) == 0)
  }

  @Test func `with fewer files it takes fewer connections, and says so`() throws {
    let server = try start("--port 0 --db t.db", before: "ulimit -n 400;")
    let note = try #require(server.line())
    #expect(note.contains("400 open files, enough for "))
    let port = try #require(try url(server.line()).split(separator: ":").last.flatMap { Int($0) })
    let client = HTTPClient(port: port)
    let words = note.split(separator: " ")
    let index = try #require(words.firstIndex(of: "connections"))
    let connections = try #require(Int(words[index - 1]))
    let held = try (0..<connections).map { _ in try #require(RawConnection(client)) }
    for connection in held {
      connection.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(connection.answer()?.status == 200)
    }
    #expect(stop(server) == 0)
  }

  @Test(.disabled(if: TestProcess.isSanitized, "a sanitizer needs memory of its own"))
  func `when the system refuses a thread, the caller is told`() throws {
    let server = try home.serve("--db", "t.db", "--socket", "s")
    // Room for what a request takes, and none for the mebibyte of a thread's stack. With less the
    // server itself may end, and the command then does without it.
    let memory = String(decoding: try readFile("/proc/\(server.process.pid)/status"), as: UTF8.self)
    let line = try #require(memory.split(separator: "\n").first { $0.hasPrefix("VmSize:") })
    let kilobytes = try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first)
    let bytes = (try #require(Int(kilobytes)) + 900) * 1024
    let limit = try TestProcess.run(
      ["--pid", "\(server.process.pid)", "--as=\(bytes)"], program: "/usr/bin/prlimit",
      environment: home.environment)
    #expect(limit.code == 0)
    let status = try home.run("status", "--store", "t.db")
    #expect(status.code == 5)
    #expect(status.errors.contains("the system refused another thread"))
  }

  // MARK: The end

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func `a signal ends it in order`(_ signal: Int32) throws {
    let server = try home.serve("--db", "t.db")
    server.process.signal(signal)
    #expect(server.process.wait() == 0)
    #expect(server.process.rest().hasSuffix("/mcp\nshutting down...\n"))
  }

  @Test func `a signal ends it while it waits for the store`() throws {
    let lock = try StoreLock.acquire(
      path: home.folder.file("t.db"), mode: .exclusive, kind: "command")
    try #require(lock != nil)
    let server = try start("--port 0 --db t.db")
    // The signals are blocked before it looks for the store.
    while try !blocksSignals(server.pid) { sched_yield() }
    #expect(stop(server) == 0)
    #expect(server.rest() == "")
    withExtendedLifetime(lock) {}
  }

  private func blocksSignals(_ pid: Int32) throws -> Bool {
    let status = String(decoding: try readFile("/proc/\(pid)/status"), as: UTF8.self)
    let line = status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
    let mask = line.flatMap { UInt64($0.dropFirst(7).filter { $0 != "\t" }, radix: 16) } ?? 0
    return mask & 1 << UInt64(SIGTERM - 1) != 0
  }

  @Test func `what is no file and no folder is not imported`() throws {
    let server = try home.serve("--db", "t.db")
    mkfifo(home.folder.file("pipe"), 0o600)
    let result = try home.run("import", "pipe", "--store", "t.db")
    #expect(result.code == 2)
    #expect(result.errors.contains("is neither a file nor a folder"))
    server.process.signal(SIGTERM)
    #expect(server.process.wait() == 0)
  }

  // MARK: From afar

  @Test func `the status comes over TCP, and what does not says which command`() throws {
    let server = try home.serve("--db", "t.db")
    let url = "http://127.0.0.1:\(server.client.port)"
    let status = try home.run("status", "--store", url)
    #expect(status.code == 0, "\(status.errors)")
    #expect(status.output.contains("tasks"))
    for command in [["verify"], ["backup", "x"], ["export"]] {
      let refused = try home.run(command + ["--store", url])
      #expect(refused.code == 1)
      #expect(refused.errors.contains("'holdfast \(command[0])' works on a store of this machine"))
    }
  }

  @Test func `a server that hangs is given up, and a write may be done`() throws {
    let server = try home.serve("--db", "t.db")
    let url = "http://127.0.0.1:\(server.client.port)"
    server.process.signal(SIGSTOP)
    defer { server.process.signal(SIGCONT) }
    let result = try home.run("task", "create", "t", "--store", url)
    #expect(result.code == 5)
    #expect(result.errors.contains("what was asked may be done already"))
    // Nor does work wait that may take hours.
    for command in [["status"], ["backup", "copy.db"]] {
      let refused = try home.run(command + ["--store", "t.db"])
      #expect(refused.code == 5)
      #expect(
        refused.errors.hasSuffix(
          "t.db: the store is held by a server (process \(server.process.pid)), "
            + "which does not answer: stop or restart it\n"), "\(refused.errors)")
    }
  }
}
