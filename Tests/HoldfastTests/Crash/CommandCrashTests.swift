import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

/// Commands without a server: killed in the middle, and many at once while a server comes and goes.
@Suite(.serialized) struct CommandCrashTests {
  @Test func `killed commands leave every acknowledged write and nothing half done`() throws {
    let home = try TestHome(on: .wanted)
    #expect(try home.run("task", "create", "first").code == 0)
    var generator = SeededGenerator(seed: 0xdead)
    var acknowledged: Set<String> = ["first"]
    for round in 0..<30 {
      let name = "t\(round)"
      var environment = home.environment
      environment["HOLDFAST_PROJECT"] = "p"
      let child = try TestProcess(
        TestProcess.holdfast, ["task", "create", name, "--content", name],
        environment: environment, directory: home.folder.path)
      // Spinning for a random number of steps kills it anywhere between its start and its end.
      var spins = Int.random(in: 0...3_000_000, using: &generator)
      while spins > 0 { spins -= 1 }
      child.signal(SIGKILL)
      if child.rest() == "created: \(name) → ready\n" { acknowledged.insert(name) }
      child.wait()
    }
    let tasks = try JSONReader.read(Array(try home.run("task", "list", "--json").output.utf8))
    let names = Set((tasks["tasks"]?.arrayValue ?? []).compactMap { $0["filename"]?.stringValue })
    let lost = acknowledged.subtracting(names).count
    #expect(lost == 0)
    let verified = try home.run("verify")
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
  }

  @Test func `sixteen writing commands never see a lock while a server starts and stops`() throws {
    let home = try TestHome(on: .wanted)
    let writers = 16
    let each = 12
    let failures = Mutex<[String]>([])
    let isWriting = Atomic(writers)
    let ends = (0..<writers).map { _ in Handover<Bool>() }
    for (writer, end) in ends.enumerated() {
      try startThread(name: "writer") {
        for number in 0..<each {
          let name = "w\(writer)-\(number)"
          do {
            let result = try home.run("task", "create", name)
            if result.code != 0 { failures.withLock { $0.append(result.errors) } }
          } catch {
            failures.withLock { $0.append("\(error)") }
          }
        }
        isWriting.subtract(1, ordering: .relaxed)
        end.set(true)
      }
    }
    while isWriting.load(ordering: .relaxed) > 0 {
      let service = try home.serve()
      // It serves until some writes have gone through it.
      while isWriting.load(ordering: .relaxed) > 0 {
        let health = service.client.get("/v1/health").json
        if (health?["last_seq"]?.int64Value ?? 0) % 7 == 0 { break }
      }
      service.process.signal(SIGTERM)
      #expect(service.process.wait() == 0)
    }
    for end in ends { _ = end.wait() }
    #expect(failures.withLock { $0 }.prefix(3) == [])
    let tasks = try JSONReader.read(Array(try home.run("task", "list", "--json").output.utf8))
    #expect(tasks["tasks"]?.arrayValue?.count == writers * each)
    let verified = try home.run("verify")
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
  }
}
