import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

/// Two servers over one database on PostgreSQL.
@Suite struct FleetTests {
  let fleet: Fleet
  let path = "/v1/projects/p/signals"

  init() throws { fleet = try Fleet(2) }

  private func create(through member: Fleet.Member) {
    #expect(member.client.post(path, #"{"SignalType":"plan_start"}"#).status == 201)
  }

  private func count(through member: Fleet.Member) -> Int? {
    member.client.get("\(path)?status=all").json?.arrayValue?.count
  }

  @Test func `of many signals each is claimed once through both servers`() throws {
    let signals = FleetProof.size(2_000, full: 20_000)
    try fleet[0].store.makeSignals(signals)
    let claimed = Mutex<[Int64]>([])
    TestThread.concurrently(64) { worker in
      let client = fleet[worker % 2].client
      while true {
        // No lease ends before the test does.
        let answer = client.post(
          "\(path)/claim", #"{"claimed_by":"w\#(worker)","lease_seconds":86400}"#)
        guard answer.status == 200 else {
          #expect(answer.status == 204, "\(answer.status) \(answer.error)")
          return
        }
        if let id = answer.json?["ID"]?.int64Value { claimed.withLock { $0.append(id) } }
      }
    }
    let all = claimed.withLock { $0 }
    #expect(all.count == signals)
    #expect(Set(all) == Set(1...Int64(signals)))
    for member in fleet.members { #expect(member.database.health.writes > 0) }
  }

  @Test func `increments through both servers sum exactly`() {
    #expect(fleet[0].client.post("/v1/projects/p/tasks", #"{"filename":"t"}"#).status == 201)
    let workers = 64
    let each = FleetProof.size(4, full: 50)
    TestThread.concurrently(workers) { worker in
      for _ in 0..<each {
        let answer = fleet[worker % 2].client.post(
          "/v1/projects/p/tasks/t/increment-review-cycle", "")
        #expect(answer.status == 200 || answer.status == 204, "\(answer.error)")
      }
    }
    let task = fleet[1].client.get("/v1/projects/p/tasks/t").json
    #expect(
      task?["review_cycle"]?.int64Value == Int64(workers * each), "\(task?.renderedText() ?? "")")
  }

  @Test func `a list through one server shows what the other has acknowledged`() {
    TestThread.concurrently(8) { worker in
      for number in 0..<FleetProof.size(12, full: 60) {
        let name = "w\(worker)-\(number)"
        let writer = fleet[number % 2].client
        let reader = fleet[(number + 1) % 2].client
        #expect(writer.post("/v1/projects/p/tasks", #"{"filename":"\#(name)"}"#).status == 201)
        let list = reader.get("/v1/projects/p/tasks").json?.arrayValue ?? []
        let isThere = list.contains { $0["filename"]?.stringValue == name }
        #expect(isThere, "\(name)")
      }
    }
  }

  @Test func `a signal through one server ends a wait on the other`() {
    // The wait is longer than any client waits for an answer: only the signal can end it in time.
    let waiting = Waiter(fleet[1].client, path, #"{"claimed_by":"b","wait_ms":30000}"#)
    #expect(eventually { fleet[1].database.health.parked == 1 })
    create(through: fleet[0])
    let answer = waiting.answer()
    #expect(answer.status == 200)
    #expect(answer.json?["ClaimedBy"]?.stringValue == "b")
  }

  @Test func `256 claimers of both servers all finish`() {
    let claimed = Mutex<[Int64]>([])
    TestThread.concurrently(256 + 4) { worker in
      let client = fleet[worker % 2].client
      guard worker < 256 else {
        for _ in 0..<64 { create(through: fleet[worker % 2]) }
        return
      }
      let answer = client.post("\(path)/claim", #"{"claimed_by":"w\#(worker)","wait_ms":30000}"#)
      #expect(answer.status == 200, "\(answer.status) \(answer.error)")
      if let id = answer.json?["ID"]?.int64Value { claimed.withLock { $0.append(id) } }
    }
    #expect(claimed.withLock { $0.sorted() } == Array(1...256))
  }

  @Test func `a server that is older than the schema reads, and refuses to write`() throws {
    create(through: fleet[0])
    try fleet[0].run("UPDATE writer SET version = version + 1")
    for member in fleet.members {
      #expect(count(through: member) == 1)
      let refusal = member.client.post(path, #"{"SignalType":"plan_start"}"#)
      #expect(refusal.status == 503)
      #expect(refusal.json?["code"]?.stringValue == "read_only")
      #expect(refusal.error.contains("newer Holdfast"), "\(refusal.error)")
      let health = member.client.get("/v1/health")
      #expect(health.status == 503)
      #expect(health.text.contains("newer Holdfast"), "\(health.text)")
    }
    try fleet[0].run("UPDATE writer SET version = version - 1")
    for member in fleet.members {
      create(through: member)
      #expect(member.client.get("/v1/health").status == 200)
    }
    #expect(count(through: fleet[0]) == 3)
  }

  @Test func `one signal for waiters on both servers goes to one of them`() {
    let waiting = fleet.members.map { member in
      let waiter = Waiter(member.client, path, #"{"wait_ms":30000}"#)
      #expect(eventually { member.database.health.parked == 1 })
      return waiter
    }
    create(through: fleet[0])
    create(through: fleet[1])
    let ids = waiting.compactMap { $0.answer().json?["ID"]?.int64Value }
    #expect(ids.sorted() == [1, 2])
  }

  @Test func `health says the last number of the log, whoever wrote it`() throws {
    #expect(last(fleet[1]) == 0)
    create(through: fleet[0])
    let last = last(fleet[0])
    #expect(last > 0 && self.last(fleet[1]) == last)
    let third = try Fleet.Member(fleet.configuration)
    #expect(third.database.health.lastSequence == last)
    let health = third.client.get("/v1/health").json
    #expect(health?["last_seq"]?.int64Value == last)
    // Nothing is said of a file where there is none.
    #expect(health?["file_bytes"] == nil && health?["wal_bytes"] == nil)
    #expect(!third.client.get("/metrics").text.contains("holdfast_wal"))
  }

  private func last(_ member: Fleet.Member) -> Int64 {
    member.client.get("/v1/health").json?["last_seq"]?.int64Value ?? -1
  }

  @Test func `an operation with a key is done once, whichever server it reaches`() {
    let key = [("Idempotency-Key", "k1")]
    let answers = Mutex<[String]>([])
    TestThread.concurrently(8) { worker in
      let answer = fleet[worker % 2].client.post(
        path, #"{"SignalType":"plan_start"}"#, headers: key)
      #expect(answer.status == 201)
      answers.withLock { $0.append(answer.text) }
    }
    #expect(Set(answers.withLock { $0 }).count == 1)
    #expect(fleet[0].client.get("\(path)?status=all").json?.arrayValue?.count == 1)
  }
}
