import Foundation
import HoldfastTesting
import Testing

@testable import HoldfastDatabase

/// A database server without a free connection.
@Suite(.serialized) struct PostgreSQLCrowdTests {
  let cluster = PostgreSQLCluster(
    "-c", "max_connections=12", "-c", "superuser_reserved_connections=0")
  let store: PostgreSQLStore

  init() throws { store = try PostgreSQLStore(try cluster.emptyDatabase()) }

  /// Takes all connections that are left.
  private func crowd() -> [PostgreSQLConnection] {
    var taken: [PostgreSQLConnection] = []
    #expect(throws: DatabaseError.self) {
      while taken.count < 12 {
        taken.append(
          try PostgreSQLConnection(
            store.configuration, program: "crowd", clock: PostgreSQLClock(replacement: nil)))
      }
    }
    return taken
  }

  /// How often the server has refused a connection.
  private var refusals: Int {
    let log = (try? String(contentsOfFile: "\(cluster.folder).log", encoding: .utf8)) ?? ""
    return log.components(separatedBy: "too many clients").count - 1
  }

  @Test func `a read without any connection says what is short, a write goes on`() throws {
    let taken = crowd()
    let refusal = #expect(throws: DatabaseError.self) {
      try store.database.read { try $0.log() }
    }
    #expect(refusal?.kind == .noConnection)
    #expect(refusal?.message.contains("max_connections") == true, "\(String(describing: refusal))")
    _ = try store.database.write { try $0.put("a") }
    #expect(taken.count > 5)
  }

  @Test func `a read that gets no connection waits for one that another read has`() throws {
    #expect(try store.database.read { try $0.log() } == [])
    let taken = crowd()
    let refused = refusals
    let ends = (0..<4).map { _ in Handover<Result<Int, any Error>>() }
    try store.database.read { view in
      // It has the only one; each of these asks the server for another.
      for (number, end) in ends.enumerated() {
        if number % 2 == 0 {
          store.database.read({ try $0.log().count }, completion: { end.set($0) })
        } else {
          TestThread.start { [database = store.database] in
            end.set(Result { try database.read { try $0.log().count } })
          }
        }
      }
      #expect(eventually { refusals >= refused + 3 })
      let log = try view.log()
      #expect(log == [])
    }
    for end in ends { #expect(try end.wait().get() == 0) }
    #expect(taken.count > 5)
  }
}
