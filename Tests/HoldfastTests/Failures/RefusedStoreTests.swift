import Glibc
import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

/// Stores that the real program must not touch: a clear sentence, and every byte as it was.
@Suite struct RefusedStoreTests {
  private let home = TestHome()
  private var wal: String { home.storePath + "-wal" }

  init() throws {
    let text = String(repeating: "text ", count: 20_000)
    for name in ["a", "b"] {
      #expect(try home.run("task", "create", name, "--content", text).code == 0)
    }
  }

  /// Commands that read and write, and a server, each refused with this sentence.
  private func expectRefusal(_ words: String, in home: TestHome? = nil) throws {
    let home = home ?? self.home
    for command in [
      ["task", "create", "new"], ["task", "list"], ["verify"], ["status"],
      ["backup", home.folder.file("copy.db")],
    ] {
      let result = try home.run(command)
      #expect(result.code == 1, "\(command): \(result)")
      #expect(result.output == "")
      #expect(result.errors.contains(words), "\(command): \(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
    // A server that starts in spite of it is killed, not waited for.
    #expect(throws: TestFailure.self) { try home.serve() }
    #expect(!fileExists(home.folder.file("copy.db")))
  }

  @Test func `a damaged file`() throws {
    var bytes = try readFile(home.storePath)
    bytes.replaceSubrange(100..<8192, with: repeatElement(0xaa, count: 8092))
    try writeFile(home.storePath, bytes)
    try expectRefusal("the store's file is damaged")
    #expect(try readFile(home.storePath) == bytes)
  }

  @Test func `a file that is no store`() throws {
    let bytes = Array("Dear diary, this is not a database at all.\n".utf8)
    try writeFile(home.storePath, bytes)
    try expectRefusal("not a Holdfast store")
    #expect(try readFile(home.storePath) == bytes)
  }

  @Test func `a store of a newer version is read and never written`() throws {
    try StoreFile(home.storePath).damage("PRAGMA user_version=999")
    let bytes = try readFile(home.storePath)
    for command in [
      ["task", "create", "new"], ["topic", "create", "new"], ["task", "delete", "a", "--yes"],
    ] {
      let result = try home.run(command)
      #expect(result.code == 1, "\(result)")
      #expect(result.errors.contains("written by a newer Holdfast"), "\(result)")
    }
    let list = try home.run("task", "list", "--json")
    #expect(list.code == 0, "\(list)")
    #expect(try JSONReader.read(Array(list.output.utf8))["tasks"]?.arrayValue?.count == 2)
    #expect(try readFile(home.storePath) == bytes)
  }

  @Test func `a store whose log was deleted after a crash, until the log is back`() throws {
    let service = try home.serve()
    for number in 0..<20 {
      let answer = service.client.post("/v1/projects/p/tasks", #"{"filename":"s\#(number)"}"#)
      #expect(answer.status == 201)
    }
    service.process.crash()
    let (bytes, log) = (try readFile(home.storePath), try readFile(wal))
    unlink(wal)
    try expectRefusal("taskstore.db-wal was lost")
    #expect(try readFile(home.storePath) == bytes)
    try writeFile(wal, log)
    let tasks = try JSONReader.read(Array(try home.run("task", "list", "--json").output.utf8))
    #expect(tasks["tasks"]?.arrayValue?.count == 22)
    #expect(try home.run("verify").code == 0)
  }

  @Test func `a folder that cannot be written`() throws {
    let disk = try SmallDisk(megabytes: 8)
    #expect(try disk.home.run("task", "create", "t").code == 0)
    let before = try readFile(disk.path(disk.home.storePath))
    try disk.protect()
    try expectRefusal("check the folder's permissions", in: disk.home)
    #expect(try readFile(disk.path(disk.home.storePath)) == before)
  }
}

/// A machine whose clock was set back while nothing ran: the store's last times are in the future.
@Suite struct ClockSetBackTests {
  @Test func `times never fall, a lease goes on, and the store stays clean`() throws {
    let home = TestHome()
    #expect(try home.run("task", "create", "before").code == 0)
    #expect(try home.run("signal", "emit", "plan_start", "before").code == 0)
    let claim = #"{"claimed_by":"w","lease_seconds":600}"#
    let first = try home.serve()
    #expect(first.client.post("/v1/projects/p/signals/claim", claim).status == 200)
    first.process.signal(SIGTERM)
    first.process.wait()
    // Ten years: as if all of it was written then.
    let years = "315360000000000000"
    try StoreFile(home.storePath).damage(
      "UPDATE events SET at = at + \(years); UPDATE lease_clock SET wall = wall + \(years)")
    let second = try home.serve()
    let client = second.client
    let before = try times(client)
    let last = try #require(before.last)
    #expect(client.post("/v1/projects/p/tasks", #"{"filename":"after"}"#).status == 201)
    // Still claimed: the changed clock has ended nobody's lease.
    #expect(client.post("/v1/projects/p/signals/claim", claim).status == 204)
    let times = try times(client)
    #expect(times.count == before.count + 1)
    #expect(times == times.sorted())
    #expect(
      client.get("/v1/projects/p/tasks/after").json?["created_at"]?.stringValue == "\(last)")
    second.process.signal(SIGTERM)
    #expect(second.process.wait() == 0)
    let verified = try home.run("verify")
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
  }

  /// The times of all events in their order.
  private func times(_ client: HTTPClient) throws -> [Timestamp] {
    let list = client.get("/v1/events?after=0").json?["events"]?.arrayValue ?? []
    return try list.compactMap { try Timestamp.parse($0["at"]?.stringValue ?? "") }
  }
}
