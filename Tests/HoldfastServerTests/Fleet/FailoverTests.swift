import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

/// The database goes away under two servers and comes back; they stay as they are.
@Suite(.serialized) struct FailoverTests {
  let path = "/v1/projects/p/signals"

  /// Clients that create signals, each with a payload of its own, until they are told to stop.
  final class Load: Sendable {
    private let isOver = Atomic(false)
    private let ends: [Handover<Bool>]
    /// How many creates were answered with success.
    let answered = Atomic(0)
    let refused = Atomic(0)
    /// The payloads of what was acknowledged, and whatever else was answered but 503.
    let acknowledged = Mutex<[String]>([])
    let others = Mutex<[String]>([])

    init(_ fleet: Fleet, workers: Int) {
      ends = (0..<workers).map { _ in Handover() }
      for (worker, end) in ends.enumerated() {
        let client = fleet[worker % fleet.members.count].client
        TestThread.start { [self] in
          var number = 0
          while !isOver.load(ordering: .relaxed) {
            let payload = "\(worker)-\(number)"
            number += 1
            let answer = client.post(
              "/v1/projects/p/signals", #"{"SignalType":"plan_start","Payload":"\#(payload)"}"#)
            switch answer.status {
            case 201:
              acknowledged.withLock { $0.append(stored(payload)) }
              answered.add(1, ordering: .relaxed)
            case 503 where answer["Retry-After"] != nil: refused.add(1, ordering: .relaxed)
            default: others.withLock { $0.append("\(answer.status) \(answer.text)") }
            }
          }
          end.set(true)
        }
      }
    }

    /// Returns when so many more were answered; false when that takes longer than ten seconds.
    func hasGoneOn(_ count: Int = 40) -> Bool {
      let before = answered.load(ordering: .relaxed)
      return eventually { answered.load(ordering: .relaxed) >= before + count }
    }

    /// Ends it and checks that each acknowledged signal is there once, and none twice.
    func check(_ member: Fleet.Member) throws {
      isOver.store(true, ordering: .relaxed)
      for end in ends { _ = end.wait() }
      let payloads = try member.database.read { transaction in
        try transaction.all("SELECT payload FROM signals") { $0.text(0) }
      }
      let missing = Set(acknowledged.withLock { $0 }).subtracting(payloads).sorted()
      #expect(missing.isEmpty, "lost \(missing.count), such as \(missing.prefix(3))")
      #expect(Set(payloads).count == payloads.count, "something was done twice")
      let wrong = others.withLock { $0 }
      #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }
  }

  @Test func `while PostgreSQL is away everything is answered 503, afterwards all is as it was`()
    throws
  {
    let cluster = PostgreSQLCluster()
    var configuration = try cluster.emptyDatabase()
    configuration.retryMax = 300_000_000
    let fleet = try Fleet(2, over: configuration)
    #expect(fleet[0].client.post("/v1/projects/p/tasks", #"{"filename":"t"}"#).status == 201)
    let load = Load(fleet, workers: 8)
    for _ in 0..<2 {
      #expect(load.hasGoneOn())
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
      #expect(load.hasGoneOn())
      for member in fleet.members {
        #expect(eventually { member.client.get("/v1/health").status == 200 })
        #expect(eventually { member.client.get("/v1/projects/p/tasks/t").status == 200 })
      }
    }
    #expect(load.refused.load(ordering: .relaxed) > 0)
    try load.check(fleet[1])
    #expect(fleet[0].client.get("/v1/projects/p/tasks/late").status == 404)
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

  @Test func `backends that are ended at random lose and double nothing`() throws {
    let configuration = try PostgreSQLCluster.shared.emptyDatabase()
    let fleet = try Fleet(2, over: configuration)
    let load = Load(fleet, workers: 8)
    for _ in 0..<15 {
      #expect(load.hasGoneOn(10))
      try PostgreSQLCluster.shared.run(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5
        """, in: configuration.url)
    }
    #expect(load.hasGoneOn())
    #expect(load.refused.load(ordering: .relaxed) == 0)
    try load.check(fleet[0])
  }
}

/// A payload in plain text as the store keeps it.
private func stored(_ payload: String) -> String { #"{"body":"\#(payload)"}"# }
