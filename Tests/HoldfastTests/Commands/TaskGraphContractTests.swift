import HoldfastJSON
import HoldfastTesting
import Testing

/// Rows 16 and 22 of section 16 of the task graph's contract, with processes of their own: they share a file
/// or a database, and no server runs.
@Suite struct TaskGraphCommandContract {
  let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  @Test func `16.16 a tree is drawn with lines`() throws {
    for (id, parent) in [("top", ""), ("a", "top"), ("a1", "a"), ("b", "top")] {
      let words = ["task", "create", "--title", id, "--id", id]
      #expect(try home.run(words + (parent.isEmpty ? [] : ["--parent", parent])).code == 0)
    }
    #expect(
      try home.run("task", "tree", "top").printed(
        """
        top top (pending)
        ├── a a (pending)
        │   └── a1 a1 (pending, ready)
        └── b b (pending)

        """))
    #expect(try home.run("task", "complete", "a1").code == 0)
    #expect(
      try home.run("task", "rollup", "top").printed("top in_progress: 1 open, 1 done\n"))
  }

  @Test func `16.22 of many processes one gets a task, and each gets one of many`() throws {
    try home.openStore { store in
      let agents = (0..<6).map { "n\($0)" }
      for agent in agents { try store.mutate("agent_connect", [("agent", .string(agent))]) }
      for id in ["one"] + agents {
        try store.mutate(
          "task_create", [("project", "p"), ("title", .string(id)), ("id", .string(id))])
      }
    }
    func all(_ words: @escaping @Sendable (Int) -> [String]) -> [TestProcess.Result?] {
      TestThread.gather(6) { [home] in try? home.run(["task", "claim"] + words($0)) }
    }
    let one = all { ["one", "--agent", "n\($0)"] }
    #expect(one.filter { $0?.code == 0 }.count == 1)
    #expect(one.allSatisfy { $0?.code == 0 || $0?.errors.contains("already claimed") == true })
    let each = all { ["--agent", "n\($0)"] }
    #expect(each.allSatisfy { $0?.code == 0 }, "\(each.map { $0?.errors ?? "?" })")
    #expect(Set(each.map { $0?.output ?? "" }).count == 6)
    #expect(try home.run("task", "ready").printed("nothing is ready\n"))
    #expect(try home.run("verify").code == 0)
  }
}
