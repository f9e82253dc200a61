/// The writes that wait for something to give, first come first served.
///
/// Engine-neutral and without a clock of its own: the writer asks it between groups.
package struct ParkingLot {
  private var waiting: [String: [PendingWrite]] = [:]
  /// Keys touched by commits since the last round.
  private var touched: [String] = []

  package init() {}

  package var count: Int { waiting.values.reduce(0) { $0 + $1.count } }
  package var isEmpty: Bool { waiting.isEmpty }

  /// What somebody waits for.
  package var keys: [String] { Array(waiting.keys) }

  /// Whether an equal request already waits: a newcomer then queues behind it without running.
  package func holds(equalTo wait: WriteWait) -> Bool {
    waiting[wait.key]?.contains { $0.wait?.tag == wait.tag } ?? false
  }

  /// Parks a write at the end of its key's line.
  package mutating func park(_ write: PendingWrite) {
    guard let wait = write.wait else { return }
    waiting[wait.key, default: []].append(write)
  }

  /// Remembers that a commit touched the key; one that ends with a colon stands for all that begin with it.
  package mutating func touch(_ key: String) {
    guard key.utf8.last == UInt8(ascii: ":") else { return touch(only: key) }
    for each in waiting.keys.filter({ $0.utf8.starts(with: key.utf8) }).sorted() {
      touch(only: each)
    }
  }

  private mutating func touch(only key: String) {
    if waiting[key] != nil && !touched.contains(key) { touched.append(key) }
  }

  /// Whether a commit has touched what somebody waits for.
  package var hasRound: Bool { !touched.isEmpty }

  /// Takes the line of each touched key, in order; those nobody wants any more are in `unwanted`.
  package mutating func takeRound() -> (line: [PendingWrite], unwanted: [PendingWrite]) {
    var line: [PendingWrite] = []
    var unwanted: [PendingWrite] = []
    for key in touched {
      for write in waiting.removeValue(forKey: key) ?? [] {
        if write.wait?.isWanted() ?? true { line.append(write) } else { unwanted.append(write) }
      }
    }
    touched = []
    return (line, unwanted)
  }

  /// Takes the writes whose wait has ended.
  package mutating func takeExpired(now: UInt64) -> [PendingWrite] {
    var expired: [PendingWrite] = []
    for (key, line) in waiting where line.contains(where: { ($0.wait?.deadline ?? 0) <= now }) {
      expired += line.filter { ($0.wait?.deadline ?? 0) <= now }
      let rest = line.filter { ($0.wait?.deadline ?? 0) > now }
      waiting[key] = rest.isEmpty ? nil : rest
    }
    return expired
  }

  /// Takes the writes whose wait is over for another reason.
  ///
  /// - Parameter isOver: Asked once of each, since its answer may change from one moment to the next.
  package mutating func take(where isOver: (WriteWait) -> Bool) -> [PendingWrite] {
    var over: [PendingWrite] = []
    for (key, line) in waiting {
      let before = over.count
      var rest: [PendingWrite] = []
      for write in line {
        if write.wait.map(isOver) ?? false { over.append(write) } else { rest.append(write) }
      }
      if over.count > before { waiting[key] = rest.isEmpty ? nil : rest }
    }
    return over
  }

  /// The earliest end of a wait.
  package var nextDeadline: UInt64? {
    waiting.values.lazy.flatMap { $0 }.compactMap { $0.wait?.deadline }.min()
  }

  /// Takes everybody, when the store closes.
  package mutating func takeAll() -> [PendingWrite] {
    defer {
      waiting = [:]
      touched = []
    }
    return waiting.values.flatMap { $0 }
  }
}
