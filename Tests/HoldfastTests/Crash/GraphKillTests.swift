import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Synchronization
import Testing

/// Sixteen worker processes go through a graph while they and the server are killed at random, and two of
/// them are stopped past the end of their leases: the history says that each task was done once, by its
/// holder, and none before those that it waits for.
///
/// 160 tasks and 6 kills, or as many as `HOLDFAST_KILL_TASKS` and `HOLDFAST_KILLS` say.
@Suite(.serialized) struct GraphKillTests {
  private static let workers = 16
  /// Of these, so many stop themselves at their first claim.
  private static let stopping = 2

  /// A worker: its agent, and whether it stops itself behind its first claim.
  ///
  /// It tells each end of a task.
  private static let script = """
    agent=$1; stops=$2; generation=0
    holdfast() { "$HOLDFAST" "$@" 2>/dev/null; }
    holdfast agent connect "$agent" >/dev/null
    while :; do
      claim=$(holdfast task claim --agent "$agent" --lease 10 --wait 2); code=$?
      if [ $code = 3 ]; then
        open=$(holdfast task list --status pending --status in_progress) || continue
        [ -z "$open" ] && exit 0
        continue
      fi
      if [ $code != 0 ]; then
        # What it may hold now, nobody can tell it: somebody else goes on.
        generation=$((generation + 1)); agent=$1-$generation
        holdfast agent connect "$agent" >/dev/null
        continue
      fi
      rest=${claim#claimed: }; id=${rest%% *}; fence=${claim##*fence }; fence=${fence%)}
      if [ "$stops" = yes ]; then stops=no; echo "stops $id $fence"; kill -STOP $$; fi
      holdfast task complete "$id" --agent "$agent" --fence "$fence" >/dev/null
      echo "$? $id $fence"
    done
    """

  private struct Worker {
    let process: TestProcess
    let agent: String
    let stops: Bool
    let ended: Handover<Bool>
  }

  /// What the workers have told so far.
  private final class Told: Sendable {
    struct Line: Sendable {
      let word: String
      let id: String
      let fence: Int64
    }
    private let state = Mutex<(lines: [Line], awaited: (count: Int, end: Handover<Bool>)?)>(
      ([], nil))

    var lines: [Line] { state.withLock { $0.lines } }

    func add(_ text: String) {
      let words = text.split(separator: " ").map(String.init)
      guard words.count == 3, let fence = Int64(words[2]) else { return }
      state.withLock { state in
        state.lines.append(Line(word: words[0], id: words[1], fence: fence))
        if let awaited = state.awaited, state.lines.count >= awaited.count {
          awaited.end.set(true)
          state.awaited = nil
        }
      }
    }

    /// Waits until so many lines more have come.
    func wait(for more: Int) {
      let end = Handover<Bool>()
      state.withLock { $0.awaited = ($0.lines.count + more, end) }
      _ = end.wait()
    }
  }

  private func start(_ agent: String, stops: Bool, in home: TestHome, _ told: Told) throws -> Worker
  {
    let process = try TestProcess(
      "/bin/sh", ["-c", Self.script, "worker", agent, stops ? "yes" : "no"],
      environment: home.environment.merging([
        "HOLDFAST": TestProcess.holdfast, "HOLDFAST_PROJECT": "p",
      ]) { $1 })
    let ended = Handover<Bool>()
    try startThread(name: "worker") {
      while let line = process.line() { told.add(line) }
      ended.set(true)
    }
    return Worker(process: process, agent: agent, stops: stops, ended: ended)
  }

  @Test func `each task is done once, by its holder, in order, whoever is killed`() throws {
    let home = try TestHome(on: .wanted)
    var service = try home.serve()
    let graph = KillGraph(tasks: 160, kills: 6)
    let answer = service.client.post("/v1/projects/p/trees", #"{"tree":\#(graph.tree)}"#)
    try #require(answer.status == 200, "\(answer.error)")
    let told = Told()
    var workers = try (0..<Self.workers).map {
      try start("w\($0)", stops: $0 < Self.stopping, in: home, told)
    }
    var random = SeededGenerator(seed: 0x16)
    for kill in 0..<graph.kills {
      told.wait(for: Int.random(in: 1...max(1, graph.tasks / graph.kills / 2), using: &random))
      if kill.isMultiple(of: 2) {
        service.process.crash()
        service = try home.serve()
      } else {
        let victim = Int.random(in: Self.stopping..<Self.workers, using: &random)
        workers[victim].process.crash()
        _ = workers[victim].ended.wait()
        workers[victim] = try start(
          "w\(victim)-after-\(kill)", stops: false, in: home, told)
      }
    }
    // They end when nothing is left, so after the leases of those that were killed or stopped.
    for worker in workers where !worker.stops { _ = worker.ended.wait() }
    let stopped = told.lines.filter { $0.word == "stops" }
    #expect(stopped.count == Self.stopping)
    for worker in workers where worker.stops { worker.process.signal(SIGCONT) }
    for worker in workers where worker.stops { _ = worker.ended.wait() }
    // Exit code 6: not allowed.
    for line in stopped {
      let own = told.lines.filter { $0.id == line.id && $0.fence == line.fence }
      #expect(own.map(\.word) == ["stops", "6"], "a stale holder of \(line.id)")
    }
    service.process.signal(SIGTERM)
    #expect(service.process.wait() == 0)
    let done = told.lines.filter { $0.word == "0" }.map {
      KillGraph.End(id: $0.id, fence: $0.fence)
    }
    try home.openStore { try graph.check($0, told: done) }
    #expect(try home.run("verify").code == 0)
  }
}
