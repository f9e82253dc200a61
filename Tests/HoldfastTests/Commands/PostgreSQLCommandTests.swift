import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Testing

/// Commands on a store in a PostgreSQL database, and between it and a file.
@Suite struct PostgreSQLCommandTests {
  let home = TestHome()

  @Test func `status counts and measures a database`() throws {
    let url = try PostgreSQLCluster.shared.emptyDatabase().url
    #expect(try home.run("task", "create", "a", "--content", "12345", "--store", url).code == 0)
    let status = try home.run("status", "--store", url)
    let lines = status.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(status.code == 0 && status.errors.isEmpty, "\(status)")
    #expect(lines[0].hasPrefix("store     \(url) (PostgreSQL 1"))
    #expect(lines[1].hasPrefix("size      ") && !lines[1].hasSuffix(" of log"))
    #expect(lines[2...3] == ["projects  1", "tasks     1 ready"])
    let json = try home.run("status", "--json", "--store", url).json
    #expect((json?["database_bytes"]?.int64Value ?? 0) > 1_000_000)
    #expect(json?["file_bytes"] == nil && json?["free_bytes"] == nil)
    #expect(json?["last_seq"]?.int64Value == json?["events"]?.int64Value)
    let space = json?["space"]?.arrayValue ?? []
    #expect(space.count > 20)
    let names = space.map { ($0["what"]?.stringValue ?? "", $0["name"]?.stringValue ?? "") }
    // Words in place of names, but for names that are such words.
    #expect(
      names.allSatisfy {
        $0.0 != $0.1 || ["tasks", "subtasks", "topics"].contains($0.1)
          || ["projects", "signals"].contains($0.1)
      }, "\(names)")
    #expect(!names.contains { $0.0.contains("pkey") }, "\(names)")
  }

  @Test func `verify says that it needs amcheck, and finds a damaged index with it`() throws {
    let url = try PostgreSQLCluster.shared.emptyDatabase().url
    for name in ["a", "b", "c"] {
      #expect(try home.run("task", "create", name, "--store", url).code == 0)
    }
    let without = try home.run("verify", "--store", url)
    #expect(without.code == 0 && without.output.hasPrefix("clean: "))
    #expect(without.errors.contains("CREATE EXTENSION amcheck"), "\(without)")
    try PostgreSQLCluster.shared.run("CREATE EXTENSION amcheck", in: url)
    let with = try home.run("verify", "--store", url)
    #expect(with.code == 0 && with.output.hasPrefix("clean: ") && with.errors.isEmpty, "\(with)")
    // An index whose order is not that of its rows any more.
    try PostgreSQLCluster.shared.run(
      """
      CREATE FUNCTION compare(int8, int8) RETURNS int LANGUAGE sql IMMUTABLE AS
        'SELECT CASE WHEN $1 = $2 THEN 0 WHEN $1 > $2 THEN 1 ELSE -1 END';
      CREATE OPERATOR CLASS turned FOR TYPE int8 USING btree AS
        OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
        FUNCTION 1 compare(int8, int8);
      CREATE INDEX tasks_turned ON tasks(id turned);
      CREATE OR REPLACE FUNCTION compare(int8, int8) RETURNS int LANGUAGE sql IMMUTABLE AS
        'SELECT CASE WHEN $1 = $2 THEN 0 WHEN $1 < $2 THEN 1 ELSE -1 END';
      """, in: url)
    let damaged = try home.run("verify", "--store", url)
    #expect(damaged.code != 0 && damaged.output.contains("tasks_turned"), "\(damaged)")
  }

  @Test func `backup and restore name the tools of PostgreSQL`() throws {
    let url = try PostgreSQLCluster.shared.emptyDatabase().url
    let copy = home.folder.file("copy")
    let backup = try home.run("backup", copy, "--store", url)
    #expect(backup.code != 0 && backup.errors.contains("pg_dump --format=custom --file=\(copy)"))
    let restore = try home.run("restore", copy, "--store", url)
    #expect(restore.code != 0 && restore.errors.contains("pg_restore"))
  }

  @Test func `an export of a database is imported into a file, and the other way round`() throws {
    let first = try PostgreSQLCluster.shared.emptyDatabase().url
    let second = try PostgreSQLCluster.shared.emptyDatabase().url
    #expect(try home.run("task", "create", "a", "--content", "über", "--store", first).code == 0)
    let exports = ["one", "two", "three"].map { home.folder.file($0) }
    #expect(try home.run("export", "--output", exports[0], "--store", first).code == 0)
    #expect(try home.run("import", exports[0]).code == 0)
    #expect(try home.run("export", "--output", exports[1]).code == 0)
    #expect(try home.run("import", exports[1], "--store", second).code == 0)
    #expect(try home.run("export", "--output", exports[2], "--store", second).code == 0)
    #expect(try home.run("task", "show", "a", "--store", second).output.contains("über"))
    #expect(try home.run("verify", "--store", second).code == 0)
  }

  @Test func `a store moves to a database and back`() throws {
    let url = try PostgreSQLCluster.shared.emptyDatabase().url
    #expect(try home.run("task", "create", "a").code == 0)
    let there = try home.run("migrate", "--from", home.storePath, "--to", url)
    #expect(there.printed("copied 2 rows and 2 events to \(url), verified\n"), "\(there)")
    #expect(try home.run("task", "list", "--store", url).output.contains(" a "))
    let file = home.folder.file("back.db")
    let back = try home.run("migrate", "--from", url, "--to", file, "--json")
    #expect(back.code == 0 && back.json?["verify"]?["clean"]?.boolValue == true)
    #expect(try home.run("task", "list", "--store", file).output.contains(" a "))
    let again = try home.run("migrate", "--from", url, "--to", file)
    #expect(again.code != 0 && again.errors.contains("target: there is a store already"))
    let same = try home.run("migrate", "--from", url, "--to", url)
    #expect(same.code == 2 && same.errors.contains("the same place"))
    let remote = try home.run("migrate", "--from", "http://127.0.0.1:1", "--to", url)
    #expect(remote.code == 2 && remote.errors.contains("between files and PostgreSQL"))
  }

  @Test(arguments: [true, false])
  func `a migration that was killed is no store, and is run again`(toFile: Bool) throws {
    let text = String(repeating: "0123456789abcdef", count: 62_500)
    for number in 0..<40 {
      let made = try home.run("task", "create", "t\(number)")
      #expect(made.code == 0)
      #expect(try home.run("task", "update-content", "t\(number)", input: text).code == 0)
    }
    let database = try PostgreSQLCluster.shared.emptyDatabase()
    let target = toFile ? home.folder.file("target.db") : database.url
    let words = ["migrate", "--from", home.storePath, "--to", target]
    let child = try TestProcess(
      TestProcess.holdfast, words, environment: home.environment, directory: home.folder.path)
    // Its rows come in steps of 4 MB, so there is much behind the first ones.
    #expect(eventually { hasEvents(target, toFile) })
    child.crash()
    let refused = try home.run("task", "list", "--store", target)
    #expect(refused.code != 0 && refused.errors.contains("unfinished copy"), "\(refused)")
    #expect(try home.run(words).code == 0)
    #expect(try home.run("verify", "--store", target).code == 0)
    #expect(try home.run("task", "list", "--store", target).output.contains(" t39 "))
  }

  private func hasEvents(_ target: String, _ isFile: Bool) -> Bool {
    if isFile {
      let file = try? ForeignSQLite(path: target)
      return (try? file?.text("SELECT 1 FROM events LIMIT 1")) == "1"
    }
    return
      (try? PostgreSQLCluster.shared.run(
        "DO $$ BEGIN ASSERT (SELECT count(*) FROM events) > 0; END $$", in: target)) != nil
  }

  @Test func `a password is never shown`() throws {
    let secret = "s3cretWord"
    let plain = try PostgreSQLCluster.shared.emptyDatabase().url
    let url = plain.replacing("://holdfast@", with: "://holdfast:\(secret)@")
    var shown: [String] = []
    for words in [
      ["task", "create", "a"], ["debug"], ["debug", "--json"], ["config", "database_url"],
      ["status"], ["status", "--json"], ["verify"], ["backup", "/nowhere/x"], ["restore", "/x"],
      ["migrate", "--from", url, "--to", home.folder.file("copy.db")],
      ["migrate", "--from", url, "--to", url], ["help", "debug"],
    ] {
      let ran = try home.run(words + ["--store", url].filter { _ in words[0] != "migrate" })
      shown += [ran.output, ran.errors]
    }
    #expect(shown[2].contains("postgresql://holdfast:***@"))
    for wrong in [
      "postgresql://holdfast:\(secret)@127.0.0.1:1/x", "postgresql://me:\(secret)@/x?nothing=1",
      "postgresql://me:\(secret)@[::/x", "postgresql://me:\(secret)%zz@h/x",
      "postgresql://me:\(secret)%00@h/x", "postgresql://me:a/\(secret)@h/x",
      "postgresql://me@/x?host=/nowhere&password=\(secret)", "postgres:me:\(secret)@h/x",
    ] {
      let ran = try home.run("task", "list", "--store", wrong)
      #expect(ran.code != 0 && !ran.errors.isEmpty)
      shown += [ran.output, ran.errors]
    }
    let service = try home.serve("--store", url, "--log", "text")
    #expect(service.client.get("/v1/health").status == 200)
    shown.append(try words(of: service.process.pid))
    service.process.signal(SIGTERM)
    shown.append(service.process.rest())
    #expect(service.process.wait() == 0)
    #expect(shown.contains { $0.contains("holdfast\u{0}serve") && $0.contains("holdfast:***@") })
    for text in shown { #expect(!text.contains(secret), "\(text)") }
  }

  @Test func `a password from the environment or a file is never shown`() throws {
    let secret = "s3cretWord"
    let cluster = PostgreSQLCluster.shared
    let name = try cluster.makeDatabase()
    let passwords = home.folder.file("pgpass")
    try writeFile(passwords, "*:*:*:*:\(secret)\n")
    #expect(chmod(passwords, 0o600) == 0)
    let services = home.folder.file("services")
    try writeFile(
      services,
      """
      [here]
      host=\(cluster.folder)
      dbname=\(name)
      user=holdfast
      password=\(secret)
      [away]
      host=/nowhere
      password=\(secret)
      [wrong]
      password=\(secret)
      nothing=\(secret)

      """)
    let plain = cluster.url(of: name)
    let away = "postgresql://holdfast@/x?host=/nowhere"
    var shown: [String] = []
    for (variables, url, isThere) in [
      (["PGPASSWORD": secret], plain, true), (["PGPASSWORD": secret], away, false),
      (["PGPASSFILE": passwords], plain, true), (["PGPASSFILE": passwords], away, false),
      (["PGSERVICEFILE": services], "postgresql:///?service=here", true),
      (["PGSERVICEFILE": services], "postgresql:///?service=away", false),
      (["PGSERVICEFILE": services], "postgresql:///?service=wrong", false),
      (["PGSERVICEFILE": services], "postgresql:///?service=none", false),
    ] {
      let environment = home.environment.merging(variables) { $1 }.merging([
        "HOLDFAST_PROJECT": "p", "HOLDFAST_DATABASE_URL": url,
      ]) { $1 }
      for words in [["task", "list"], ["status"], ["debug"], ["debug", "--json"], ["verify"]] {
        let ran = try TestProcess.run(
          words, environment: environment, directory: home.folder.path)
        shown += [ran.output, ran.errors]
        #expect((ran.code == 0) == (isThere || words[0] == "debug"), "\(url) \(words): \(ran)")
      }
      guard isThere else { continue }
      let server = try TestProcess(
        TestProcess.holdfast, ["serve", "--port", "0", "--log", "text"], environment: environment,
        directory: home.folder.path)
      shown += [server.line() ?? "", try self.words(of: server.pid)]
      #expect(shown.suffix(2).contains { $0.contains("127.0.0.1:") })
      server.signal(SIGTERM)
      shown.append(server.rest())
      #expect(server.wait() == 0)
    }
    for text in shown { #expect(!text.contains(secret), "\(text)") }
  }

  /// The words of a process as others see them.
  private func words(of pid: Int32) throws -> String {
    let file = fopen("/proc/\(pid)/cmdline", "r")
    defer { if let file { fclose(file) } }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = file.map { fread(&bytes, 1, bytes.count, $0) } ?? 0
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
