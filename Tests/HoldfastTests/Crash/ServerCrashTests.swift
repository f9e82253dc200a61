import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

/// A server under load is killed; what it acknowledged is there when it comes back.
@Suite(.serialized) struct ServerCrashTests {
  static let rounds = 30
  static let writers = 32

  @Test func `a killed server has every acknowledged write`() throws {
    let home = TestHome()
    var generator = SeededGenerator(seed: 0x5eed)
    let acknowledged = Mutex<Set<String>>([])
    for round in 0..<Self.rounds {
      let service = try home.serve()
      checkAll(acknowledged.withLock { $0 }, service.client, round: round)
      // The kill comes when this many writes of the round were answered: a random moment.
      let target = Int.random(in: 1...400, using: &generator)
      let answered = Atomic(0)
      let kill = Handover<Bool>()
      let done = (0..<Self.writers).map { _ in Handover<Bool>() }
      for (writer, end) in done.enumerated() {
        try startThread(name: "writer") {
          var number = 0
          while true {
            let name = "r\(round)-w\(writer)-\(number)"
            let answer = service.client.post(
              "/v1/projects/p/tasks",
              #"{"filename":"\#(name)","content":"\#(name)","description":"\#(name)"}"#)
            guard answer.status == 201 else { break }
            acknowledged.withLock { _ = $0.insert(name) }
            if answered.add(1, ordering: .relaxed).newValue == target { kill.set(true) }
            number += 1
          }
          end.set(true)
        }
      }
      _ = kill.wait()
      service.process.crash()
      for end in done { _ = end.wait() }
    }
    let service = try home.serve()
    checkAll(acknowledged.withLock { $0 }, service.client, round: Self.rounds)
    service.process.signal(SIGTERM)
    #expect(service.process.wait() == 0)
    let verified = try home.run("verify")
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
  }

  /// Every acknowledged task is there, whole.
  private func checkAll(_ names: Set<String>, _ client: HTTPClient, round: Int) {
    let answer = client.get("/v1/projects/p/tasks")
    #expect(answer.status == 200, "round \(round): \(answer.error)")
    var found: Set<String> = []
    for task in answer.json?.arrayValue ?? [] {
      let name = task["filename"]?.stringValue ?? ""
      found.insert(name)
      #expect(task["content"]?.stringValue == name, "half applied in round \(round): \(name)")
      #expect(task["description"]?.stringValue == name)
    }
    // Counted apart: a failing expectation would print both sets.
    let missing = names.subtracting(found).sorted()
    let lost = missing.count
    #expect(lost == 0, "round \(round) lost \(lost), such as \(missing.prefix(3))")
  }
}
