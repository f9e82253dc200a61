import HoldfastDatabase
import HoldfastTesting
import Synchronization
import Testing

/// Opening a database on PostgreSQL: new, old, newer, foreign, and not at all.
@Suite struct PostgreSQLOpeningTests {
  private static let second = Migration(2, "a note") { transaction in
    try transaction.execute("CREATE TABLE notes(text TEXT NOT NULL)", [])
    try transaction.execute("INSERT INTO notes VALUES ('made')", [])
  }
  private static let newer = PostgreSQLSchema.schema([PostgreSQLSchema.first, second])

  @Test func `ten opens at once migrate once`() throws {
    let configuration = try PostgreSQLCluster.shared.emptyDatabase()
    let runs = Atomic(0)
    let migration = Migration(2, "counted") { transaction in
      runs.add(1, ordering: .relaxed)
      try Self.second.run(transaction)
    }
    let schema = PostgreSQLSchema.schema([PostgreSQLSchema.first, migration])
    TestThread.concurrently(10) { number in
      do {
        let store = try PostgreSQLStore(configuration, schema: schema)
        _ = try store.database.write { try $0.put("\(number)") }
      } catch {
        Issue.record("\(error)")
      }
    }
    let store = try PostgreSQLStore(configuration, schema: schema)
    #expect(runs.load(ordering: .relaxed) == 1)
    #expect(try store.database.read { try $0.number("SELECT count(*) FROM notes") } == 1)
    #expect(try store.database.itemNames().count == 10)
  }

  @Test func `a database with a newer schema is only read`() throws {
    let old = try PostgreSQLStore()
    try old.database.write { _ = try $0.put("a") }
    let new = try PostgreSQLStore(old.configuration, schema: Self.newer)
    try new.database.write { _ = try $0.put("b") }
    // The one that is open already, and one that opens now.
    let late = try PostgreSQLStore(old.configuration)
    for store in [old, late] {
      let refusal = #expect(throws: DatabaseError.self) {
        try store.database.write { _ = try $0.put("c") }
      }
      #expect(refusal?.kind == .newerSchema)
      #expect(try store.database.itemNames() == ["a", "b"])
    }
  }

  @Test func `a migration that fails leaves the database as it was`() throws {
    let old = try PostgreSQLStore()
    let broken = Migration(2, "broken") { transaction in
      try transaction.execute("CREATE TABLE half(n BIGINT)", [])
      try transaction.execute("INSERT INTO half VALUES ('x' || 1/0)", [])
    }
    #expect(throws: DatabaseError.self) {
      try PostgreSQLStore(
        old.configuration, schema: PostgreSQLSchema.schema([PostgreSQLSchema.first, broken]))
    }
    try old.database.write { _ = try $0.put("a") }
    #expect(
      try old.database.read { try $0.exists("SELECT 1 FROM pg_class WHERE relname = 'half'") }
        == false)
  }

  @Test(arguments: ["CREATE TABLE other(n int)", "CREATE TABLE writer(id int)"])
  func `a database of another program is refused and left alone`(sql: String) throws {
    let configuration = try PostgreSQLCluster.shared.emptyDatabase()
    try PostgreSQLCluster.shared.run(sql, in: configuration.url)
    let refusal = #expect(throws: DatabaseError.self) { try PostgreSQLStore(configuration) }
    #expect(refusal?.kind == .foreignFile, "\(refusal?.description ?? "")")
    try PostgreSQLCluster.shared.run("DROP TABLE IF EXISTS other, writer", in: configuration.url)
    let store = try PostgreSQLStore(configuration)
    try store.database.write { _ = try $0.put("a") }
  }

  private func refusal(of url: String) throws -> DatabaseError {
    try #require(
      throws: DatabaseError.self,
      performing: { try PostgreSQLStore(PostgreSQLConfiguration(url: url)) })
  }

  @Test func `a wrong password, user, database or host is said without the password or a path`()
    throws
  {
    let cluster = PostgreSQLCluster.shared
    try cluster.run("CREATE ROLE other LOGIN PASSWORD 'right'", in: cluster.url(of: "postgres"))
    let cases = [
      (
        "postgresql://nobody:s3cret@/postgres?host=\(cluster.folder)", DatabaseError.Kind.cannotOpen
      ),
      ("postgresql://holdfast:s3cret@/missing?host=\(cluster.folder)", .cannotOpen),
      ("postgresql://holdfast:s3cret@/postgres?host=\(cluster.folder)/none", .unreachable),
      ("postgresql://holdfast:s3cret@127.0.0.1:1/postgres", .unreachable),
      // Not escaped: what is behind the slash or the sign would be another part of the URL.
      ("postgresql://holdfast:s3cret/x@127.0.0.1/postgres", .cannotOpen),
      ("postgresql://holdfast:%zzs3cret@127.0.0.1/postgres", .cannotOpen),
      ("postgresql://holdfast@127.0.0.1/postgres?passwort=s3cret", .cannotOpen),
      ("password='s3cret host=x", .cannotOpen),
    ]
    for (url, kind) in cases {
      let error = try refusal(of: url)
      #expect(error.kind == kind, "\(url): \(error)")
      #expect(!error.description.contains("s3cret"), "\(error)")
      #expect(error.message.count > 20)
      #expect(!error.message.contains(cluster.folder), "\(error.message)")
    }
  }
}
