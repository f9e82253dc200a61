import Glibc
import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

/// The real program on a real disk without room.
@Suite struct FullDiskTests {
  private let tasks = "/v1/projects/p/tasks"
  private let text = String(repeating: "x", count: 100_000)
  private let sentence = "the disk is full and nothing was written: make room and try again"

  @Test func `a server answers 507, applies nothing, and goes on when there is room`() throws {
    let disk = try SmallDisk(megabytes: 32)
    let service = try disk.home.serve()
    let client = service.client
    #expect(client.post(tasks, #"{"filename":"first"}"#).status == 201)
    try disk.fill(leaving: 4_000_000)
    let told = Mutex(Told())
    // Each goes on until the disk is full; a write that still fits may come after one that did not.
    TestThread.concurrently(8) { writer in
      for number in 0..<1000 {
        let name = "w\(writer)-\(number)"
        let answer = client.post(tasks, #"{"filename":"\#(name)","content":"\#(text)"}"#)
        told.withLock { told in
          if answer.status == 201 {
            told.kept.append(name)
          } else {
            told.refused.append((name, answer))
          }
        }
        if answer.status != 201 { break }
      }
    }
    var result = told.withLock { $0 }
    #expect(result.kept.count > 5)
    #expect(result.refused.count == 8)
    for (_, answer) in result.refused {
      #expect(answer.status == 507)
      #expect(answer.json?["code"] == "storage_full")
      #expect(answer.error == sentence)
    }
    for number in 0... {
      let name = "last-\(number)"
      let body = #"{"filename":"\#(name)","content":"\#(text)"}"#
      guard client.post(tasks, body).status == 201 else { break }
      result.kept.append(name)
    }
    // For as long as there is no room.
    let health = client.get("/v1/health")
    #expect(health.status == 503)
    #expect(health.json?["writer"]?["reason"] == .string(sentence))
    #expect(client.get("\(tasks)/first").status == 200)
    let list = client.get("\(tasks)?fields=slim").json?.arrayValue ?? []
    #expect(
      Set(list.map { $0["filename"]?.stringValue ?? "" }) == Set(result.kept + ["first"]))
    // More than all room that the store has.
    let command = try disk.home.run(
      "task", "update-content", "first", input: String(repeating: text, count: 100))
    #expect(command.code == 1)
    #expect(command.errors == "holdfast: \(sentence)\n")

    disk.makeRoom()
    #expect(eventually { client.get("/v1/health").status == 200 })
    for (name, _) in result.refused {
      #expect(
        client.post(tasks, #"{"filename":"\#(name)","content":"\#(text)"}"#).status == 201)
    }
    for name in result.kept {
      #expect(client.get("\(tasks)/\(name)").json?["content"] == .string(text))
    }
    service.process.signal(SIGTERM)
    #expect(service.process.wait() == 0)
    let verified = try disk.home.run("verify")
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
  }

  private struct Told {
    var kept: [String] = []
    var refused: [(name: String, answer: HTTPClient.Answer)] = []
  }

  @Test func `a command says so, applies nothing, and works when there is room`() throws {
    let disk = try SmallDisk(megabytes: 16)
    // Before there is a store, and with one.
    for name in ["first", "second"] {
      try disk.fill()
      let refused = try disk.home.run("task", "create", name, "--content", text)
      #expect(refused.code == 1)
      #expect(refused.output == "")
      #expect(refused.errors.contains(sentence), "\(refused.errors)")
      disk.makeRoom()
      let list = try disk.home.run("task", "list", "--json")
      #expect(!list.output.contains("\"\(name)\""))
      let created = try disk.home.run("task", "create", name, "--content", text)
      #expect(created.output == "created: \(name) → ready\n", "\(created.errors)")
    }
    let verified = try disk.home.run("verify")
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
  }
}
