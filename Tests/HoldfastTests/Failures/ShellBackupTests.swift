import Glibc
import HoldfastDatabase
import HoldfastTesting
import Synchronization
import Testing

/// Copies that the sqlite3 shell makes beside a running server.
@Suite struct ShellBackupTests {
  /// Debian's shell starts `.backup` over at each commit of another process, unless it reads: then
  /// it goes on with what it saw first.
  @Test(arguments: [
    ["BEGIN", "SELECT count(*) FROM sqlite_schema", ".backup copy.db"],
    ["VACUUM INTO 'copy.db'"],
  ])
  func `a copy made by the shell under load is clean`(commands: [String]) throws {
    let home = TestHome()
    let service = try home.serve()
    let isStopping = Atomic(false)
    let answered = Atomic(0)
    let text = String(repeating: "text ", count: 2000)
    let ends = (0..<4).map { _ in Handover<Bool>() }
    for (writer, end) in ends.enumerated() {
      try startThread(name: "writer") {
        var number = 0
        while !isStopping.load(ordering: .relaxed) {
          let answer = service.client.post(
            "/v1/projects/p/tasks",
            #"{"filename":"w\#(writer)-\#(number)","content":"\#(text)"}"#)
          if answer.status == 201 { answered.add(1, ordering: .relaxed) }
          number += 1
        }
        end.set(true)
      }
    }
    defer {
      isStopping.store(true, ordering: .relaxed)
      for end in ends { _ = end.wait() }
    }
    // Some pages more than the shell copies in one step.
    #expect(eventually { answered.load(ordering: .relaxed) > 200 })
    let before = answered.load(ordering: .relaxed)
    try copy(home, commands)
    #expect(eventually { answered.load(ordering: .relaxed) > before })
  }

  @Test func `a copy made by the shell beside a server that rests is clean`() throws {
    let home = TestHome()
    let service = try home.serve()
    #expect(service.client.post("/v1/projects/p/tasks", #"{"filename":"t"}"#).status == 201)
    try copy(home, [".backup copy.db"])
  }

  /// Has the shell run commands that make `copy.db`, and checks the copy.
  private func copy(_ home: TestHome, _ commands: [String]) throws {
    let shell = try TestProcess.run(
      [home.storePath] + commands, program: "/usr/bin/sqlite3", environment: home.environment,
      directory: home.folder.path)
    #expect(shell.code == 0 && shell.errors == "", "\(shell)")
    let copy = home.folder.file("copy.db")
    let verified = try home.run("verify", "--store", copy)
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
    #expect(verified.output.hasPrefix("clean: "))
  }
}
