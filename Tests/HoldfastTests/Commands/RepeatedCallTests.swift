import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastServer
import HoldfastStore
import HoldfastTesting
import Testing

@testable import HoldfastClient

/// A command whose server went away in the middle.
@Suite struct RepeatedCallTests {
  private let call = OperationCall(
    "task_create", [("project", "p"), ("filename", "t"), ("content", "text")])

  @Test func `what a server has done is not done again by the command itself`() throws {
    let server = try TestServer()
    let first = server.client.send(
      "POST", RemoteRunner.path(of: call), body: RemoteRunner.body(of: call),
      headers: [("Idempotency-Key", "key/1")])
    #expect(first.status == 200)
    let embedded = EmbeddedRunner(store: server.store)
    #expect(try embedded.run(call, idempotencyKey: "key/1") == first.json)
    let another = OperationCall("task_create", [("project", "p"), ("filename", "u")])
    let refusal = #expect(throws: HoldfastError.self) {
      try embedded.run(another, idempotencyKey: "key/1")
    }
    #expect(refusal?.code == .idempotencyMismatch)
  }

  @Test func `what the command has done is not done again by a server`() throws {
    let server = try TestServer()
    let first = try EmbeddedRunner(store: server.store).run(call, idempotencyKey: "key/1")
    let again = server.client.send(
      "POST", RemoteRunner.path(of: call), body: RemoteRunner.body(of: call),
      headers: [("Idempotency-Key", "key/1")])
    #expect(again.json == first)
    #expect(again["Idempotent-Replayed"] == "true")
  }

  @Test func `a server that cannot do it is believed at once`() throws {
    let folder = TestHome().folder
    let configuration = SQLiteConfiguration(path: folder.file("t.db"))
    let lock = try #require(try Store.lock(path: configuration.path, kind: "serve"))
    let store = try Store(opening: configuration, lock: lock, settings: StoreSettings())
    let server = HTTPServer(store: store, storePath: lock.storePath)
    try server.serve(on: try ListeningSocket.unix(path: folder.file("s")))
    defer { server.shutDown(within: 5) }
    // The server goes on, and its store is gone.
    store.database.close()
    lock.announce(socket: folder.file("s"), sequence: 0)
    let runner = LocalRunner(configuration: configuration, settings: StoreSettings())
    let refusal = #expect(throws: HoldfastError.self) { try runner.run(call) }
    #expect(refusal?.message == "the store is closing")
  }
}
