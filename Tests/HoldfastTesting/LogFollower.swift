public import HoldfastDatabase
internal import Synchronization

/// Reads the log of a store from a cursor, as one does who misses nothing, while others write.
///
/// Who has seen a number must never find a smaller new one: what it has seen up to the end is all there
/// is.
public final class LogFollower<Engine: Database>: Sendable {
  private let database: Engine
  private let sql: SQL
  private let isOver = Atomic(false)
  private let end = Handover<[Int64]>()
  private let failures = Mutex<[String]>([])

  /// - Parameter log: The table whose column `seq` numbers what is committed.
  public init(_ database: Engine, log: String) {
    self.database = database
    sql = SQL("SELECT seq FROM \(log) WHERE seq > ?1 ORDER BY seq")
    TestThread.start { [self] in
      var seen: [Int64] = []
      while !isOver.load(ordering: .relaxed) { seen += next(after: seen.last ?? 0) }
      end.set(seen)
    }
  }

  private func next(after last: Int64) -> [Int64] {
    do {
      return try database.read { try $0.all(sql, [.int(last)]) { $0.int(0) } }
    } catch let error as DatabaseError where [.unreachable, .cannotOpen].contains(error.kind) {
      // The database is away; the cursor stays where it is.
      return []
    } catch {
      failures.withLock { $0.append("\(error)") }
      return []
    }
  }

  /// Ends it and says what is wrong with what it has seen.
  public func problems() throws -> [String] {
    isOver.store(true, ordering: .relaxed)
    var seen = end.wait()
    seen += next(after: seen.last ?? 0)
    let all = try database.read { try $0.all(sql, [.int(0)]) { $0.int(0) } }
    var problems = failures.withLock { Array($0.prefix(3)) }
    if seen != all {
      problems.append("missed \(Set(all).subtracting(seen).sorted().prefix(5)) of \(all.count)")
    }
    return problems
  }
}
