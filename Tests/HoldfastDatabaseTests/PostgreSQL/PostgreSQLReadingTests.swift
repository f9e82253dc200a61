import HoldfastDatabase
import HoldfastTesting
import Testing

/// Answers of PostgreSQL that are read in parts, and those that take their time.
@Suite struct PostgreSQLReadingTests {
  let store: PostgreSQLStore
  var database: PostgreSQLDatabase { store.database }

  init() throws { store = try PostgreSQLStore() }

  /// Row 50,000 of these is an error.
  private let many: SQL = "SELECT n, 1 / (50000 - n) FROM generate_series(1, 100000) AS n"

  @Test(arguments: [1, 16, 17, 1_000, 30_000])
  func `rows that nobody looks at are never made`(wanted: Int) throws {
    try database.read { view in
      for _ in 0..<2 {
        var seen: [Int64] = []
        let isWhole = try view.query(many, []) { row in
          seen.append(row.int(0))
          return seen.count < wanted
        }
        #expect(!isWhole)
        #expect(seen == Array(1...Int64(wanted)))
      }
    }
  }

  @Test(arguments: [0, 1, 15, 16, 17, 144, 5_000])
  func `an answer in parts is whole`(count: Int64) throws {
    let sql: SQL = "SELECT n, repeat('x', 1000) FROM generate_series(1, ?1) AS n"
    let body: @Sendable (any ReadTransaction) throws -> [Int64] = { view in
      var seen: [Int64] = []
      let isWhole = try view.query(sql, [.int(count)]) { row in
        seen.append(row.int(0))
        return row.text(1).utf8.count == 1000
      }
      return isWhole ? seen : []
    }
    let wanted = (0..<count).map { $0 + 1 }
    #expect(try database.read(body) == wanted)
    // A write reads in the same way.
    #expect(try database.write { try body($0) } == wanted)
  }

  @Test func `parts are read inside of each other, and behind an error`() throws {
    struct Refused: Error {}
    let names: [String] = try database.read { view in
      var names: [String] = []
      #expect(throws: Refused.self) {
        _ = try view.query(many, []) { _ -> Bool in throw Refused() }
      }
      _ = try view.query("SELECT n FROM generate_series(1, 40) AS n", []) { outer in
        let number = outer.int(0)
        _ = try view.query("SELECT n FROM generate_series(1, 20) AS n", []) { inner in
          let plain = try view.first("SELECT 7") { $0.int(0) } ?? 0
          names.append("\(number) \(inner.int(0)) \(plain)")
          return inner.int(0) < 18
        }
        return number < 33
      }
      return names
    }
    #expect(names == (1...33).flatMap { outer in (1...18).map { "\(outer) \($0) 7" } })
  }

  @Test func `an error in the middle of an answer ends it`() throws {
    var seen = 0
    let error = #expect(throws: DatabaseError.self) {
      try database.read { view in
        _ = try view.query(many, []) { _ in
          seen += 1
          return true
        }
      }
    }
    #expect(error?.kind == .misuse)
    #expect(seen > 1_000 && seen < 50_000)
    #expect(try database.read { try $0.log() } == [])
  }

  @Test func `the check of an index may take longer than any other answer`() throws {
    var configuration = store.configuration
    configuration.answerMax = 1_000_000_000
    let hasty = try PostgreSQLStore(configuration)
    try store.asAnother(
      """
      CREATE FUNCTION bt_index_check(regclass) RETURNS void LANGUAGE sql AS
        'SELECT pg_sleep(CASE WHEN $1::text = ''log_pkey'' THEN 1.5 ELSE 0 END)'
      """)
    let refusal = #expect(throws: DatabaseError.self) {
      try hasty.database.read { try $0.first("SELECT pg_sleep(1.5)") { _ in true } }
    }
    #expect(refusal?.kind == .tooLong || refusal?.kind == .unreachable)
    #expect(try hasty.database.checkIntegrity() == [])
  }
}
