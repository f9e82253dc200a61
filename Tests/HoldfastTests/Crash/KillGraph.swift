import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// A graph that many workers go through while they are killed, and what its history has to say then.
struct KillGraph {
  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }
  /// How many tasks and kills `HOLDFAST_KILL_TASKS` and `HOLDFAST_KILLS` ask for.
  private static let wantedTasks = number("HOLDFAST_KILL_TASKS")
  private static let wantedKills = number("HOLDFAST_KILLS")
  private static let width = 20

  let tasks: Int
  let kills: Int
  /// The blockers of each task: layers, of which each task waits for two of the layer before it.
  let blockers: [String: [String]]

  /// - Parameters:
  ///   - tasks: How many tasks it has, unless others are asked for.
  ///   - kills: How many processes are killed, unless others are asked for.
  init(tasks: Int, kills: Int) {
    self.tasks = Self.wantedTasks ?? tasks
    self.kills = Self.wantedKills ?? kills
    blockers = Dictionary(
      uniqueKeysWithValues: (0..<self.tasks).map { number in
        guard number >= Self.width else { return ("n\(number)", []) }
        let before = Set([number - Self.width, max(0, number - Self.width - 1)])
        return ("n\(number)", before.sorted().map { "n\($0)" })
      })
  }

  /// The tree that makes it, in JSON.
  var tree: String {
    let nodes = (0..<tasks).map { number in
      let list = (blockers["n\(number)"] ?? []).map { "\"\($0)\"" }.joined(separator: ",")
      return #"{"title":"t","id":"n\#(number)","join_mode":"also","blocked_by":[\#(list)]}"#
    }
    return #"{"title":"all","id":"all","children":[\#(nodes.joined(separator: ","))]}"#
  }

  /// A task's end that a worker was told of.
  struct End: Sendable {
    let id: String
    /// The claim's under which it was ended.
    let fence: Int64
  }

  /// Checks that each task was done once, by its holder, and none before those that it waits for.
  func check(_ store: Store, told: [End]) throws {
    struct Past {
      /// The fence of the claim that stands.
      var fence: Int64?
      var ends: [(fence: Int64?, at: Int64)] = []
      var firstClaim: Int64?
    }
    var past: [String: Past] = [:]
    try store.database.read { view in
      try view.query(
        """
        SELECT tasks.given_id, events.type, events.seq FROM events
        JOIN tasks ON tasks.id = events.task ORDER BY events.seq
        """, []
      ) { row in
        let sequence = row.int(2)
        var of = past[row.text(0), default: Past()]
        switch row.text(1) {
        case "task_claimed":
          #expect(of.fence == nil, "\(row.text(0)) was claimed while somebody held it")
          of.fence = sequence
          of.firstClaim = of.firstClaim ?? sequence
        case "task_released": of.fence = nil
        case "task_finished":
          of.ends.append((of.fence, sequence))
          of.fence = nil
        default: break
        }
        past[row.text(0)] = of
      }
    }
    let done = Dictionary(told.map { ($0.id, $0.fence) }, uniquingKeysWith: { first, _ in first })
    #expect(done.count == told.count, "two workers were told that they did one task")
    for (id, before) in blockers {
      let of = try #require(past[id])
      #expect(of.ends.count == 1, "\(id) was done \(of.ends.count) times")
      guard let end = of.ends.first else { continue }
      #expect(end.fence != nil, "\(id) was done by nobody who held it")
      if let fence = done[id] { #expect(fence == end.fence, "\(id) was done under an old claim") }
      for blocker in before {
        let ended = past[blocker]?.ends.first?.at ?? .max
        #expect(ended < of.firstClaim ?? 0, "\(id) was claimed before \(blocker) was done")
      }
    }
  }
}
