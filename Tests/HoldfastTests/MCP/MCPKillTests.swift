import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

/// Sixteen `holdfast mcp` processes without a server go through a graph while they are killed at random,
/// also the one that holds the store for the others: each task is done once, and an agent whose process was
/// killed goes on where it was.
///
/// 2,000 tasks and 30 kills, 400 and 10 over PostgreSQL, or as ``KillGraph`` says.
@Suite(.serialized) struct MCPKillTests {
  private static let agents = 16

  /// An agent: it works until nothing is left, in a new process whenever the one it has is gone.
  private final class Agent: Sendable {
    private let name: String
    private let home: TestHome
    private let told: Told
    private let current: Mutex<MCPProcess>
    let ended = Handover<Result<Void, any Error>>()

    init(_ name: String, in home: TestHome, _ told: Told) throws {
      self.name = name
      self.home = home
      self.told = told
      current = Mutex(try MCPProcess(home, agent: name))
    }

    func start() throws {
      try startThread(name: "agent") { [self] in
        let result = Result { try work() }
        if case .failure = result { told.giveUp() }
        ended.set(result)
      }
    }

    /// Kills its process.
    func kill() { current.withLock { $0 }.process.crash() }

    /// Ends its process in order.
    func end() -> Int32 { current.withLock { $0 }.end() }

    private func work() throws {
      var isNew = true
      while true {
        let mcp = current.withLock { $0 }
        do {
          if isNew { try finishHeld(mcp) }
          isNew = false
          guard try next(mcp) else { return }
        } catch is Gone {
          current.withLock { [fresh = try? MCPProcess(home, agent: name)] in $0 = fresh ?? $0 }
          isNew = true
        }
      }
    }

    /// The process was killed.
    private struct Gone: Error {}

    /// Calls a tool; a refusal that says to try again is followed.
    private func call(
      _ mcp: MCPProcess, _ tool: String, _ arguments: JSON = [:]
    ) throws -> JSON {
      while true {
        let result: JSON
        do {
          result = try mcp.result(of: tool, arguments)
        } catch is TestFailure {
          throw Gone()
        }
        let answer = result["structuredContent"] ?? .null
        guard result["isError"] != nil else { return answer }
        guard ["OVERLOADED", "UNAVAILABLE", "STOPPING"].contains(answer["code"]?.stringValue) else {
          throw TestFailure("\(tool): \(answer.renderedText())")
        }
      }
    }

    /// Ends what this agent holds from before.
    private func finishHeld(_ mcp: MCPProcess) throws {
      for task in try call(mcp, "orient")["held"]?.arrayValue ?? [] { try finish(mcp, task) }
    }

    /// Claims a task and ends it; false when all is done.
    private func next(_ mcp: MCPProcess) throws -> Bool {
      let claim = try call(mcp, "task_claim", ["wait_ms": 500])
      if let task = claim["task"]?.objectValue {
        var task = task
        task.set("fence", claim["fence"] ?? .null)
        try finish(mcp, .object(task))
        return true
      }
      let open = try call(
        mcp, "task_list", ["status": ["pending", "assigned", "in_progress"], "limit": 1])
      return open["tasks"]?.arrayValue?.isEmpty == false
    }

    private func finish(_ mcp: MCPProcess, _ task: JSON) throws {
      guard let id = task["id"], let fence = task["fence"] else {
        throw TestFailure("no id or fence: \(task.renderedText())")
      }
      _ = try call(mcp, "task_complete", ["task": id, "fence": fence])
      told.add(KillGraph.End(id: id.stringValue ?? "", fence: fence.int64Value ?? 0))
    }
  }

  /// What the agents were told.
  private final class Told: Sendable {
    private struct State {
      var ends: [KillGraph.End] = []
      var awaited: (count: Int, end: Handover<Bool>)?
      /// Whether an agent failed, so that what is waited for may never come.
      var isGivenUp = false
    }
    private let state = Mutex(State())

    var ends: [KillGraph.End] { state.withLock { $0.ends } }

    func add(_ end: KillGraph.End) {
      state.withLock { state in
        state.ends.append(end)
        if let awaited = state.awaited, state.ends.count >= awaited.count {
          awaited.end.set(true)
          state.awaited = nil
        }
      }
    }

    /// Lets nobody wait any more.
    func giveUp() {
      state.withLock { state in
        state.isGivenUp = true
        state.awaited?.end.set(false)
        state.awaited = nil
      }
    }

    /// Waits until so many more have come; false when an agent failed.
    func wait(for more: Int) -> Bool {
      let end = Handover<Bool>()
      let isGivenUp = state.withLock { state in
        if !state.isGivenUp { state.awaited = (state.ends.count + more, end) }
        return state.isGivenUp
      }
      return isGivenUp ? false : end.wait()
    }
  }

  @Test func `each task is done once, whichever process is killed`() throws {
    let home = try TestHome(on: .wanted)
    // Over PostgreSQL a task takes ten times as long.
    let graph =
      home.isOnFile ? KillGraph(tasks: 2_000, kills: 30) : KillGraph(tasks: 400, kills: 10)
    let maker = try MCPProcess(home, agent: "maker")
    try maker.call("task_create_tree", ["tree": try JSONReader.read(Array(graph.tree.utf8))])
    let told = Told()
    // The maker still holds the store, and is the first to go.
    let agents = try (0..<Self.agents).map { try Agent("w\($0)", in: home, told) }
    for agent in agents { try agent.start() }
    var random = SeededGenerator(seed: 0x17)
    for kill in 0..<graph.kills {
      let more = Int.random(in: 1...max(1, graph.tasks / graph.kills / 2), using: &random)
      guard told.wait(for: more) else { break }
      if kill == 0 {
        maker.process.crash()
      } else {
        agents[Int.random(in: agents.indices, using: &random)].kill()
      }
    }
    for agent in agents { try agent.ended.wait().get() }
    for agent in agents { #expect(agent.end() == 0) }
    #expect(told.ends.count <= graph.tasks + 1, "the tasks and what contains them")
    try home.openStore { try graph.check($0, told: told.ends) }
    #expect(try home.run("verify").code == 0)
  }
}
