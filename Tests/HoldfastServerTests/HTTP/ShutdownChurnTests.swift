import HoldfastServer
import HoldfastTesting
import Testing

/// A server that ends while clients come and go.
@Suite struct ShutdownChurnTests {
  @Test func `clients that come and go while it ends never bring it down`() async throws {
    for _ in 0..<60 {
      let server = try TestServer()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<3 {
          group.addTask {
            // Until nobody listens any more.
            while let connection = RawConnection(server.client) {
              connection.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
            }
          }
        }
        #expect(server.client.get("/v1/ping").status == 200)
        #expect(server.server.shutDown(within: 5))
        try await group.waitForAll()
      }
    }
  }
}
