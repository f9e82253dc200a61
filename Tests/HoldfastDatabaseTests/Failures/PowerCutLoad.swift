import HoldfastDatabase
import Synchronization
import struct HoldfastTesting.SeededGenerator

/// Several threads that write, and one that reads, until the power goes.
final class PowerCutLoad: Sendable {
  private let round: Int
  private let state: Mutex<State>

  private struct State {
    /// Numbers that were there before.
    let taken: Set<Int64>
    /// The names of acknowledged writes by their numbers.
    var answered: [Int64: String] = [:]
    /// The numbers that closures wrote, by the time of their group.
    var written: [Int64: Set<Int64>] = [:]
    var problems: [String] = []
  }

  init(round: Int, taken: Set<Int64>) {
    self.round = round
    state = Mutex(State(taken: taken))
  }

  var answered: [Int64: String] { state.withLock { $0.answered } }
  var problems: [String] { state.withLock { $0.problems } }

  /// The bytes of a write, which its name tells: up to three pages, so that some are in overflow.
  static func content(of name: String) -> [UInt8] {
    var random = SeededGenerator(seed: name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    let count = Int.random(in: 0...(1 << Int.random(in: 0...14, using: &random)), using: &random)
    return (0..<count).map { UInt8(truncatingIfNeeded: count &+ $0 &* 7) }
  }

  func run(on database: SQLiteDatabase, until disk: TestDisk) throws {
    try onThreads(4) { [self] thread in
      if thread == 0 { read(database, until: disk) } else { write(database, thread) }
    }
  }

  private func write(_ database: SQLiteDatabase, _ thread: Int) {
    var number = 0
    var isWriting = true
    while isWriting {
      // Several at a time, so that there are groups of many.
      let count = 1 + number % 5
      let endings = Inbox<Bool>()
      for _ in 0..<count {
        number += 1
        put("\(round)-\(thread)-\(number)", into: database) { endings.put($0) }
      }
      isWriting = endings.wait(for: count).allSatisfy { $0 }
    }
  }

  private func put(
    _ name: String, into database: SQLiteDatabase, _ completion: @escaping @Sendable (Bool) -> Void
  ) {
    let content = Self.content(of: name)
    database.write({ [self] transaction in
      let seq = try transaction.put(name, content: content)
      _ = state.withLock { $0.written[transaction.now, default: []].insert(seq) }
      return seq
    }) { [self] result in
      if case .success(let seq) = result { note(name, answeredWith: seq) }
      completion((try? result.get()) != nil)
    }
  }

  private func note(_ name: String, answeredWith seq: Int64) {
    state.withLock { state in
      if state.taken.contains(seq) || state.answered[seq] != nil {
        state.problems.append("number \(seq) was used twice")
      }
      state.answered[seq] = name
    }
  }

  private func read(_ database: SQLiteDatabase, until disk: TestDisk) {
    while !disk.isOff {
      do {
        let (log, items) = try database.read { (try $0.log(), try $0.items()) }
        if log != items { state.withLock { $0.problems.append("a reader saw half a write") } }
      } catch {
        if !disk.isOff { state.withLock { $0.problems.append("a reader met \(error)") } }
      }
    }
  }

  /// Writes without an answer may be there, but only those of one group, and then all of them.
  func problems(withUnknown unknown: Set<Int64>) -> [String] {
    guard !unknown.isEmpty else { return [] }
    return state.withLock { state in
      let groups = state.written.values.filter { !$0.isDisjoint(with: unknown) }
      if groups.count == 1, groups.first == unknown { return [] }
      return ["half a group: \(unknown.sorted()) of \(groups.map { $0.sorted() })"]
    }
  }
}
