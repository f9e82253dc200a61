import Glibc
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastServer

/// The socket that commands on this machine use: whose it is, and which store is behind it.
@Suite struct UnixSocketTests {
  let folder = TemporaryFolder()

  @Test func `a file in the socket's place stays as it is`() throws {
    let path = folder.file("s")
    try writeFile(path, "precious")
    let error = #expect(throws: HoldfastError.self) { try ListeningSocket.unix(path: path) }
    #expect(error?.code == .alreadyExists)
    #expect(try readFile(path) == Array("precious".utf8))
  }

  @Test func `a socket that another server answers on is not taken over`() throws {
    let first = try ListeningSocket.unix(path: folder.file("s"))
    defer { close(first.descriptor) }
    let error = #expect(throws: HoldfastError.self) {
      try ListeningSocket.unix(path: folder.file("s"))
    }
    #expect(error?.code == .conflict)
    #expect(RawConnection(HTTPClient(socket: folder.file("s"))) != nil)
  }

  @Test func `nobody but its owner may connect`() throws {
    let socket = try ListeningSocket.unix(path: folder.file("s"))
    defer { close(socket.descriptor) }
    #expect(fileMode(folder.file("s")) == 0o600)
  }

  @Test func `a socket whose server was killed is replaced`() throws {
    close(try ListeningSocket.unix(path: folder.file("s")).descriptor)
    #expect(fileExists(folder.file("s")))
    let next = try ListeningSocket.unix(path: folder.file("s"))
    defer { close(next.descriptor) }
    #expect(RawConnection(HTTPClient(socket: folder.file("s"))) != nil)
  }

  @Test func `a path that is too long for a socket is refused`() {
    let path = "/tmp/" + String(repeating: "x", count: ListeningSocket.pathBytesMax - 4)
    #expect(throws: HoldfastError.self) { try ListeningSocket.unix(path: path) }
  }

  @Test func `any Host will do, and a command that means another store is refused`() throws {
    let store = try TestStore()
    let server = HTTPServer(store: store.store, storePath: "/a folder/tasks.db")
    try server.serve(on: try ListeningSocket.unix(path: folder.file("s")))
    defer { server.shutDown(within: 5) }
    let client = HTTPClient(socket: folder.file("s"))
    #expect(client.get("/v1/ping", headers: [("Host", "evil.example")]).status == 200)
    let create = #"{"filename":"t"}"#
    let wrong = client.post(
      "/v1/projects/p/tasks", create, headers: [("Holdfast-Store", "%2Fa%20folder%2Fother.db")])
    #expect(wrong.status == 421)
    #expect(wrong.error.hasPrefix("this server serves another store"))
    #expect(client.get("/v1/projects/p/tasks").text == "[]\n")
    let right = client.post(
      "/v1/projects/p/tasks", create, headers: [("Holdfast-Store", "%2Fa%20folder%2Ftasks.db")])
    #expect(right.status == 201)
  }
}
