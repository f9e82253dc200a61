import HoldfastDatabase
import Synchronization
import struct HoldfastTesting.SeededGenerator

/// A disk with a store that is written by several threads until the power goes, again and again.
final class PowerCutDisk: Sendable {
  private let disk = TestDisk()
  private let synchronous: String
  private let state: Mutex<State>

  private struct State {
    var random: SeededGenerator
    var round = 0
    /// The store while its power is on between two rounds.
    var database: SQLiteDatabase?
    /// What must be there: the names by their numbers.
    var expected: [Int64: String] = [:]
  }

  init(seed: UInt64, synchronous: String) {
    self.synchronous = synchronous
    state = Mutex(State(random: SeededGenerator(seed: seed)))
  }

  deinit { state.withLock { $0.database?.close() } }

  /// Writes until the power goes, restores it, and looks what is there.
  ///
  /// - Returns: What is wrong, a sentence each.
  func runRound() throws -> [String] {
    try state.withLock { state in
      state.round += 1
      let load = PowerCutLoad(round: state.round, taken: Set(state.expected.keys))
      let steps = UInt64.random(
        in: 0...(1 << UInt64.random(in: 2...9, using: &state.random)),
        using: &state.random)
      disk.cutPower(afterSteps: steps)
      // The power may go while the store is opened, too.
      if let database = try state.database ?? openUnlessOff(&state.random) {
        try load.run(on: database, until: disk)
        database.close()
      }
      state.database = nil
      guard disk.isOff else { return ["the power never went"] }
      disk.restore(seed: state.random.next())
      return try check(load, &state)
    }
  }

  private func open(_ random: inout SeededGenerator) throws -> SQLiteDatabase {
    let groupMax = Int.random(in: 1...8, using: &random)
    return try disk.open {
      $0.synchronous = synchronous
      $0.groupMax = groupMax
      $0.checkpointBytes = 100_000
      // So small that large groups go into the log before their commit.
      $0.writerCacheBytes = 64 * 1024
    }
  }

  private func openUnlessOff(_ random: inout SeededGenerator) throws -> SQLiteDatabase? {
    do {
      return try open(&random)
    } catch {
      guard disk.isOff else { throw error }
      return nil
    }
  }

  /// Opens the store again and compares it with what was answered.
  private func check(_ load: PowerCutLoad, _ state: inout State) throws -> [String] {
    let database: SQLiteDatabase
    let found: Found
    do {
      database = try open(&state.random)
    } catch {
      return ["lost: the store cannot be opened: \(error)"]
    }
    do {
      found = try Found(in: database)
    } catch {
      database.close()
      return ["lost: the store cannot be read: \(error)"]
    }
    var problems = load.problems
    for (seq, name) in state.expected.merging(load.answered, uniquingKeysWith: { old, _ in old })
    where found.names[seq] != name {
      problems.append("lost: \(name), number \(seq); there is \(found.names[seq] ?? "nothing")")
    }
    problems += found.problems
    let known = Set(state.expected.keys).union(load.answered.keys)
    problems += load.problems(withUnknown: Set(found.names.keys).subtracting(known))
    state.expected = found.names
    // Half of the time the next round goes on with this store, otherwise it opens it again.
    if Bool.random(using: &state.random) {
      state.database = database
    } else {
      database.close()
    }
    return problems
  }
}

/// What a store holds.
private struct Found {
  var names: [Int64: String] = [:]
  var problems: [String] = []

  init(in database: SQLiteDatabase) throws {
    problems = try database.checkIntegrity()
    let (log, items) = try database.read { transaction in
      (
        try transaction.log(),
        try transaction.all("SELECT seq, name, content FROM items ORDER BY seq") {
          (item: Item(seq: $0.int(0), name: $0.text(1)), content: $0.bytes(2))
        }
      )
    }
    names = Dictionary(log.map { ($0.seq, $0.name) }, uniquingKeysWith: { first, _ in first })
    if log != items.map(\.item) { problems.append("half a write: the log and the items differ") }
    if log.map(\.seq) != (0..<log.count).map({ Int64($0) + 1 }) {
      problems.append("the numbers of the log have gaps")
    }
    for (item, content) in items where content != PowerCutLoad.content(of: item.name) {
      problems.append("the content of \(item.name) is another's")
    }
    if database.health.lastSequence != log.last?.seq ?? 0 {
      problems.append("the engine goes on from \(database.health.lastSequence)")
    }
  }
}
