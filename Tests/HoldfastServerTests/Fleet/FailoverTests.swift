import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Testing

/// The database under two servers goes away, or the network to it; they stay as they are.
@Suite(.serialized) struct FailoverTests {
  let path = "/v1/projects/p/signals"

  /// Ends the load and checks what it was told against the store, and what a reader has followed.
  private func check(
    _ load: SignalLoad, _ told: Told, _ follower: LogFollower<PostgreSQLDatabase>,
    _ member: Fleet.Member
  ) throws {
    load.stop()
    #expect(load.unanswered == 0)
    #expect(told.problems(in: member.client) == [])
    #expect(try follower.problems() == [])
  }

  @Test func `while PostgreSQL is away everything is answered 503, afterwards all is as it was`()
    throws
  {
    let cluster = PostgreSQLCluster()
    var configuration = try cluster.emptyDatabase()
    configuration.retryMax = 300_000_000
    let fleet = try Fleet(2, over: configuration)
    #expect(fleet[0].client.post("/v1/projects/p/tasks", #"{"filename":"t"}"#).status == 201)
    let told = Told()
    let load = SignalLoad(fleet.clients, "s", told)
    let follower = LogFollower(fleet[1].database, log: "events")
    #expect(load.hasGoneOn(40))
    cluster.crash()
    for member in fleet.members {
      let read = member.client.get("/v1/projects/p/tasks/t")
      #expect(read.status == 503)
      #expect(read["Retry-After"] != nil)
      let write = member.client.post("/v1/projects/p/tasks", #"{"filename":"late"}"#)
      #expect(write.status == 503)
      #expect(write["Retry-After"] != nil)
      #expect(eventually { member.client.get("/v1/health").status == 503 })
      let health = member.client.get("/v1/health").json
      let reason = health?["writer"]?["reason"]?.stringValue ?? ""
      #expect(reason.contains("cannot be reached"), "\(reason)")
    }
    cluster.start()
    #expect(load.hasGoneOn(40))
    for member in fleet.members {
      #expect(eventually { member.client.get("/v1/health").status == 200 })
      #expect(eventually { member.client.get("/v1/projects/p/tasks/t").status == 200 })
    }
    #expect(told.refused > 0)
    try check(load, told, follower, fleet[1])
    #expect(fleet[0].client.get("/v1/projects/p/tasks/late").status == 404)
  }

  @Test func `a read of a silent database is answered 503 within its time`() throws {
    let proxy = try DatabaseProxy(to: .shared)
    defer { proxy.close() }
    var configuration = proxy.configuration(of: try PostgreSQLCluster.shared.makeDatabase())
    configuration.readMax = 1_000_000_000
    // Who waits for this instead fails the test by its own limit of time.
    configuration.answerMax = 600_000_000_000
    let fleet = try Fleet(1, over: configuration)
    let client = fleet[0].client
    #expect(client.post("/v1/projects/p/tasks", #"{"filename":"t"}"#).status == 201)
    proxy.turn(to: .swallows)
    for path in ["tasks/t", "tasks", "search?q=t", "locks", "signals", "tasks/t/history"] {
      let answer = client.get("/v1/projects/p/\(path)")
      #expect(answer.status == 503, "\(path): \(answer.status)")
      #expect(answer["Retry-After"] != nil)
    }
    proxy.turn(to: .passes)
    #expect(eventually { client.get("/v1/projects/p/tasks/t").status == 200 })
  }

  @Test
  func `health says that the database's disk is full until a write goes well or there is room`()
    throws
  {
    let fleet = try Fleet(1)
    let client = fleet[0].client
    let tasks = "/v1/projects/p/tasks"
    #expect(client.post(tasks, #"{"filename":"t"}"#).status == 201)
    try fleet[0].run(
      """
      CREATE FUNCTION full_row() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE FUNCTION full_table() RETURNS event_trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      """)
    let fill = """
      CREATE TRIGGER full_disk BEFORE INSERT ON tasks EXECUTE FUNCTION full_row();
      CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE')
        EXECUTE FUNCTION full_table();
      """
    for round in 0..<2 {
      try fleet[0].run(fill)
      let refused = client.post(tasks, #"{"filename":"refused"}"#)
      #expect(refused.status == 507)
      let health = client.get("/v1/health")
      #expect(health.status == 503)
      #expect(health.json?["writer"]?["reason"]?.stringValue == refused.error)
      #expect(client.get("\(tasks)/t").status == 200)
      // Once the writer finds room by itself, once another write does.
      if round == 0 { try fleet[0].run("DROP EVENT TRIGGER full_disk") }
      try fleet[0].run("DROP TRIGGER full_disk ON tasks")
      if round == 1 {
        #expect(client.post(tasks, #"{"filename":"after"}"#).status == 201)
        #expect(client.get("/v1/health").status == 200)
      }
      #expect(eventually { client.get("/v1/health").status == 200 })
    }
  }

  @Test func `of what two servers acknowledged across crashes of PostgreSQL all is there once`()
    throws
  {
    let cluster = PostgreSQLCluster()
    let fleet = try Fleet(2, over: try cluster.emptyDatabase())
    let told = Told()
    let load = SignalLoad(fleet.clients, "s", told, workers: 16)
    let follower = LogFollower(fleet[0].database, log: "events")
    var generator = SeededGenerator(seed: 0xdead)
    for _ in 0..<FleetProof.size(3, full: 10) {
      // The crash comes when this many more were answered: a random moment.
      #expect(load.hasGoneOn(Int.random(in: 1...150, using: &generator)))
      cluster.crash()
      cluster.start()
    }
    #expect(load.hasGoneOn(40))
    // It was back within the time for which a write is tried.
    #expect(told.refused == 0)
    try check(load, told, follower, fleet[1])
  }

  @Test func `a wait goes on over a restart of PostgreSQL and misses nothing`() throws {
    let cluster = PostgreSQLCluster()
    let fleet = try Fleet(2, over: try cluster.emptyDatabase())
    let waiting = Waiter(fleet[1].client, path, #"{"wait_ms":30000}"#)
    #expect(eventually { fleet[1].database.health.parked == 1 })
    cluster.crash()
    cluster.start()
    // Perhaps before the other server listens again.
    #expect(
      eventually {
        fleet[0].client.post(path, #"{"SignalType":"plan_start"}"#).status == 201
      })
    let answer = waiting.answer()
    #expect(answer.status == 200, "\(answer.error)")
  }

  /// Ends connections of all servers, as an administrator would.
  private func endBackends(_ which: String, in configuration: PostgreSQLConfiguration) throws {
    try PostgreSQLCluster.shared.run(
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND \(which)
      """, in: configuration.url)
  }

  @Test func `backends that are ended at random lose and double nothing`() throws {
    let configuration = try PostgreSQLCluster.shared.emptyDatabase()
    let fleet = try Fleet(2, over: configuration)
    let told = Told()
    let load = SignalLoad(fleet.clients, "s", told)
    let follower = LogFollower(fleet[1].database, log: "events")
    // In full, for a minute.
    let end = monotonicNanoseconds() + UInt64(FleetProof.size(2, full: 60)) * 1_000_000_000
    repeat {
      #expect(load.hasGoneOn(10))
      try endBackends("random() < 0.5", in: configuration)
    } while monotonicNanoseconds() < end
    #expect(load.hasGoneOn(40))
    #expect(told.refused == 0)
    try check(load, told, follower, fleet[0])
  }

  @Test func `waits miss nothing while the listeners' connections are ended`() throws {
    let configuration = try PostgreSQLCluster.shared.emptyDatabase()
    let fleet = try Fleet(2, over: configuration)
    for number in 1...FleetProof.size(5, full: 30) {
      let waiting = Waiter(fleet[1].client, path, #"{"wait_ms":30000}"#)
      #expect(eventually { fleet[1].database.health.parked == 1 })
      try endBackends("application_name = 'holdfast listener'", in: configuration)
      #expect(fleet[0].client.post(path, #"{"SignalType":"plan_start"}"#).status == 201)
      let answer = waiting.answer()
      #expect(answer.json?["ID"]?.int64Value == Int64(number), "\(answer.status) \(answer.error)")
    }
  }

  @Test func `a network that is slow, cut or half-open loses and doubles nothing`() throws {
    let proxy = try DatabaseProxy(to: .shared)
    defer { proxy.close() }
    let name = try PostgreSQLCluster.shared.makeDatabase()
    var configuration = proxy.configuration(of: name)
    configuration.answerMax = 2_000_000_000
    configuration.retryMax = 2_000_000_000
    configuration.connectSeconds = 2
    let fleet = try Fleet(2, over: configuration)
    let observer = try Fleet(
      1, over: PostgreSQLConfiguration(url: PostgreSQLCluster.shared.url(of: name)))
    let told = Told()
    let load = SignalLoad(fleet.clients, "s", told)
    let follower = LogFollower(observer[0].database, log: "events")
    for _ in 0..<FleetProof.size(1, full: 10) {
      for cut in [DatabaseProxy.Cut.beforeCommit, .behindCommit] {
        proxy.cut(cut)
        #expect(eventually { proxy.hasCut })
        #expect(load.hasGoneOn(20))
      }
      for mode in [DatabaseProxy.Mode.refuses, .swallows] {
        proxy.turn(to: mode)
        // Everybody is told so: nobody is stuck.
        let refused = told.refused
        #expect(eventually { told.refused >= refused + 8 })
        proxy.turn(to: .passes)
        #expect(load.hasGoneOn(20))
      }
      proxy.turn(to: .delays(10))
      #expect(load.hasGoneOn(20))
      proxy.turn(to: .passes)
    }
    try check(load, told, follower, observer[0])
    for member in fleet.members {
      #expect(eventually { member.client.get("/v1/health").status == 200 })
    }
  }
}
