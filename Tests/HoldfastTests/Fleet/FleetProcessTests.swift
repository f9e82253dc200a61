import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Synchronization
import Testing

/// Real servers over one database: one of them is frozen or killed under load.
@Suite(.serialized) struct FleetProcessTests {
  let home = TestHome()
  let url: String

  init() throws {
    url = PostgreSQLCluster.shared.url(of: try PostgreSQLCluster.shared.makeDatabase())
  }

  private func openDatabase() throws -> PostgreSQLDatabase {
    try PostgreSQLDatabase(
      configuration: PostgreSQLConfiguration(url: url), schema: StoreSchema.current)
  }

  /// Checks what clients were told, and that the store is in order.
  private func check(_ told: Told, _ client: HTTPClient) throws {
    #expect(told.problems(in: client) == [])
    let verified = try home.run("verify", "--store", url)
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
  }

  private func end(_ services: [TestService]) {
    for service in services {
      #expect(service.client.get("/v1/health").status == 200)
      service.process.signal(SIGTERM)
      #expect(service.process.wait() == 0)
    }
  }

  private static let holder: SQL = """
    SELECT 1 FROM pg_stat_activity holder
    WHERE holder.usename = 'frozen' AND EXISTS (
      SELECT 1 FROM pg_stat_activity waiter
      WHERE waiter.datname = current_database() AND waiter.usename <> 'frozen'
        AND holder.pid = ANY (pg_blocking_pids(waiter.pid)))
    """

  @Test func `a server that is frozen while it holds the writer's row holds nobody up`() throws {
    // Its own user tells its sessions from those of the other one.
    try PostgreSQLCluster.shared.run("CREATE ROLE frozen LOGIN SUPERUSER", in: url)
    let frozen = try home.serve(
      "--store", url.replacing("postgresql://holdfast@", with: "postgresql://frozen@"))
    let other = try home.serve("--store", url)
    let database = try openDatabase()
    let told = Told()
    let follower = LogFollower(database, log: "events")
    let frozenLoad = SignalLoad([frozen.client], "frozen", told)
    let otherLoad = SignalLoad([other.client], "other", told)
    for _ in 0..<FleetProof.size(2, full: 10) {
      #expect(frozenLoad.hasGoneOn(20))
      #expect(otherLoad.hasGoneOn(20))
      // Frozen at one moment after another, until the other one waits for what it holds.
      var holdsRow = false
      for _ in 0..<200 where !holdsRow {
        frozen.process.signal(SIGSTOP)
        let goesOn = otherLoad.answered + 16
        #expect(
          eventually {
            holdsRow = (try? database.read { try $0.exists(Self.holder) }) ?? false
            return holdsRow || otherLoad.answered >= goesOn
          })
        if !holdsRow { frozen.process.signal(SIGCONT) }
      }
      #expect(holdsRow, "it was never frozen while it held the row")
      // Within the ten seconds that this waits at most.
      #expect(otherLoad.hasGoneOn(20), "the other server stands still")
      frozen.process.signal(SIGCONT)
      #expect(frozenLoad.hasGoneOn(20), "the frozen server does not go on")
    }
    for load in [frozenLoad, otherLoad] {
      load.stop()
      #expect(load.unanswered == 0)
    }
    try check(told, other.client)
    #expect(try follower.problems() == [])
    end([frozen, other])
  }

  @Test func `a killed server takes nothing with it that was acknowledged`() throws {
    var generator = SeededGenerator(seed: 0xf1ee7)
    var services = [try home.serve("--store", url), try home.serve("--store", url)]
    let told = Told()
    let follower = LogFollower(try openDatabase(), log: "events")
    for round in 0..<FleetProof.size(3, full: 30) {
      let loads = services.enumerated().map { SignalLoad([$1.client], "r\(round)-\($0)", told) }
      let victim = Int.random(in: 0...1, using: &generator)
      // The kill comes when this many writes of the round were answered: a random moment.
      let target = Int.random(in: 1...200, using: &generator)
      #expect(eventually { loads[victim].answered >= target })
      services[victim].process.crash()
      #expect(loads[1 - victim].hasGoneOn(20), "the other server stands still")
      for load in loads { load.stop() }
      #expect(loads[1 - victim].unanswered == 0)
      try check(told, services[1 - victim].client)
      services[victim] = try home.serve("--store", url)
    }
    try check(told, services[0].client)
    #expect(try follower.problems() == [])
    end(services)
  }

  @Test func `ten servers that start at once make the store once`() throws {
    let started = Mutex<[TestService]>([])
    TestThread.concurrently(10) { _ in
      do {
        let service = try home.serve("--store", url)
        started.withLock { $0.append(service) }
      } catch {
        Issue.record("\(error)")
      }
    }
    let services = started.withLock { $0 }
    #expect(services.count == 10)
    for (number, service) in services.enumerated() {
      let answer = service.client.post("/v1/projects/p/tasks", #"{"filename":"t\#(number)"}"#)
      #expect(answer.status == 201, "\(answer.error)")
    }
    for service in services {
      #expect(service.client.get("/v1/projects/p/tasks").json?.arrayValue?.count == services.count)
    }
    try check(Told(), services[0].client)
    end(services)
  }
}
