import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

@testable import HoldfastClient
@testable import HoldfastServer

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

  /// Takes the next connection's request, and gives the key that it has.
  private static func accept(_ socket: ListeningSocket) -> (peer: Int32, key: String) {
    let peer = Glibc.accept(socket.descriptor, nil, nil)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(peer, &buffer, buffer.count, 0)
    let request = String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    let header = request.split(separator: "\r\n").first { $0.hasPrefix("Idempotency-Key: ") }
    return (peer, String(header?.dropFirst("Idempotency-Key: ".count) ?? ""))
  }

  @Test func `a server that did it and died before its answer has done it`() throws {
    let folder = TestHome().folder
    let configuration = SQLiteConfiguration(path: folder.file("t.db"))
    let socket = try ListeningSocket.unix(path: folder.file("s"))
    defer { close(socket.descriptor) }
    let isReady = Handover<Bool>()
    let call = call
    try startThread(name: "server") {
      guard let lock = try? Store.lock(path: configuration.path, kind: "serve"),
        let store = try? Store(opening: configuration, lock: lock, settings: StoreSettings())
      else { return isReady.set(false) }
      lock.announce(socket: socket.address, sequence: 0)
      isReady.set(true)
      let (peer, key) = Self.accept(socket)
      _ = try? EmbeddedRunner(store: store).run(call, idempotencyKey: key)
      store.database.close()
      close(peer)
    }
    #expect(isReady.wait())
    let runner = LocalRunner(configuration: configuration, settings: StoreSettings())
    defer { runner.close() }
    #expect(try runner.run(call)?["filename"] == "t")
    #expect(!runner.mayWait)
  }

  @Test func `a request that is sent again keeps its key, the next one has another`() throws {
    let folder = TestHome().folder
    let socket = try ListeningSocket.unix(path: folder.file("s"))
    defer { close(socket.descriptor) }
    let keys = Handover<[String]>()
    try startThread(name: "server") {
      var seen: [String] = []
      for number in 0..<3 {
        let (peer, key) = Self.accept(socket)
        seen.append(key)
        // The first connection breaks without an answer.
        let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
        if number > 0 { _ = send(peer, answer, answer.utf8.count, Int32(MSG_NOSIGNAL)) }
        close(peer)
      }
      keys.set(seen)
    }
    let runner = RemoteRunner(
      to: .unixSocket(socket.address), keys: IdempotencyKeys(), secondsMax: 5)
    for _ in 0..<2 { #expect(try runner.run(call) == [:]) }
    let seen = keys.wait()
    #expect(seen[0] == seen[1] && !seen[0].isEmpty)
    #expect(seen[2] != seen[1] && !seen[2].isEmpty)
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
