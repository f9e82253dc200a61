import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

/// Two real servers over one database: one of them is frozen or killed under load.
@Suite(.serialized) struct FleetProcessTests {
  let home = TestHome()
  let url: String

  init() throws {
    url = PostgreSQLCluster.shared.url(of: try PostgreSQLCluster.shared.makeDatabase())
  }

  /// How many rounds of kills there are; `HOLDFAST_FLEET_ROUNDS` asks for more.
  static let rounds =
    getenv("HOLDFAST_FLEET_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 3

  /// What clients of several servers were told.
  final class Told: Sendable {
    let acknowledged = Mutex<Set<String>>([])
    let wrong = Mutex<[String]>([])
  }

  /// Clients of one server, which create signals until they are told to stop or it is gone.
  final class Load: Sendable {
    let answered = Atomic(0)
    private let isOver = Atomic(false)
    private let ends: [Handover<Bool>]

    init(_ client: HTTPClient, _ name: String, _ told: Told, workers: Int = 8) {
      ends = (0..<workers).map { _ in Handover() }
      for (worker, end) in ends.enumerated() {
        TestThread.start { [self] in
          var number = 0
          while !isOver.load(ordering: .relaxed) {
            let payload = "\(name)-\(worker)-\(number)"
            number += 1
            let answer = client.post(
              "/v1/projects/p/signals", #"{"SignalType":"plan_start","Payload":"\#(payload)"}"#)
            // No answer: the server is gone.
            if answer.status == 0 { break }
            if answer.status == 201 {
              told.acknowledged.withLock { _ = $0.insert(stored(payload)) }
              answered.add(1, ordering: .relaxed)
            } else if answer.status != 503 {
              told.wrong.withLock { $0.append("\(answer.status) \(answer.text)") }
            }
          }
          end.set(true)
        }
      }
    }

    func hasGoneOn(_ count: Int) -> Bool {
      let before = answered.load(ordering: .relaxed)
      return eventually { answered.load(ordering: .relaxed) >= before + count }
    }

    func stop() {
      isOver.store(true, ordering: .relaxed)
      for end in ends { _ = end.wait() }
    }
  }

  /// Each acknowledged signal is there once, none twice, and the store is in order.
  private func check(_ told: Told, _ client: HTTPClient) throws {
    let list = client.get("/v1/projects/p/signals?status=all")
    #expect(list.status == 200, "\(list.error)")
    let payloads = (list.json?.arrayValue ?? []).compactMap { $0["Payload"]?.stringValue }
    #expect(Set(payloads).count == payloads.count, "something was done twice")
    let missing = told.acknowledged.withLock { $0 }.subtracting(payloads).sorted()
    #expect(missing.isEmpty, "lost \(missing.count), such as \(missing.prefix(3))")
    let wrong = told.wrong.withLock { $0 }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    let verified = try home.run("verify", "--store", url)
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
  }

  @Test func `a frozen server holds nobody up, and what it says afterwards is true`() throws {
    let frozen = try home.serve("--store", url)
    let other = try home.serve("--store", url)
    let told = Told()
    let frozenLoad = Load(frozen.client, "frozen", told)
    let otherLoad = Load(other.client, "other", told)
    for _ in 0..<3 {
      #expect(frozenLoad.hasGoneOn(20))
      #expect(otherLoad.hasGoneOn(20))
      frozen.process.signal(SIGSTOP)
      // Within the ten seconds that this waits at most.
      #expect(otherLoad.hasGoneOn(20), "the other server stands still")
      frozen.process.signal(SIGCONT)
      #expect(frozenLoad.hasGoneOn(20), "the frozen server does not go on")
    }
    frozenLoad.stop()
    otherLoad.stop()
    try check(told, other.client)
    #expect(other.client.get("/v1/health").status == 200)
    #expect(frozen.client.get("/v1/health").status == 200)
    for service in [frozen, other] {
      service.process.signal(SIGTERM)
      #expect(service.process.wait() == 0)
    }
  }

  @Test func `a killed server takes nothing with it that was acknowledged`() throws {
    var generator = SeededGenerator(seed: 0xf1ee7)
    var services = [try home.serve("--store", url), try home.serve("--store", url)]
    let told = Told()
    for round in 0..<Self.rounds {
      let loads = services.enumerated().map { Load($1.client, "r\(round)-\($0)", told) }
      let victim = Int.random(in: 0...1, using: &generator)
      // The kill comes when this many writes of the round were answered: a random moment.
      let target = Int.random(in: 1...200, using: &generator)
      #expect(eventually { loads[victim].answered.load(ordering: .relaxed) >= target })
      services[victim].process.crash()
      #expect(loads[1 - victim].hasGoneOn(20), "the other server stands still")
      for load in loads { load.stop() }
      try check(told, services[1 - victim].client)
      services[victim] = try home.serve("--store", url)
    }
    try check(told, services[0].client)
    for service in services {
      service.process.signal(SIGTERM)
      #expect(service.process.wait() == 0)
    }
  }
}

/// A payload in plain text as the store keeps it.
private func stored(_ payload: String) -> String { #"{"body":"\#(payload)"}"# }
