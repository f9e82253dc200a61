import Dispatch
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastServer
import HoldfastStore
import HoldfastTesting
import Testing

/// Work that spans the store, done by a server.
@Suite struct StoreWorkTests {
  /// Goes on until its progress ends it.
  private struct Endless: StoreOperation {
    static let name = "endless"
    static let summary = "Goes on."
    static let access = Access.read
    let hasStarted: DispatchSemaphore

    func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void) throws
      -> VerifyReport
    {
      hasStarted.signal()
      while true { try progress(StoreProgress("going on", unit: "rounds", done: 0)) }
    }
  }

  @Test func `a server that stops ends it, and says so`() throws {
    let store = try TestStore()
    let hasStarted = DispatchSemaphore(value: 0)
    let work = StoreOperationEntry(Endless.self, isLocal: false) {
      (_: inout Fields) throws(HoldfastError) in Endless(hasStarted: hasStarted)
    }
    let server = HTTPServer(store: store.store, storeWork: [work])
    let socket = try ListeningSocket.tcp(host: "127.0.0.1", port: 0)
    try server.serve(on: socket)
    let client = HTTPClient(port: Int(socket.address.split(separator: ":").last ?? "") ?? 0)
    let answer = Handover<HTTPClient.Answer>()
    try startThread(name: "client") { answer.set(client.post("/v1/operations/endless")) }
    hasStarted.wait()
    #expect(server.storeWork == ["endless"])
    #expect(server.shutDown(within: 30))
    #expect(answer.wait().status == 503)
    #expect(answer.wait().json?["code"]?.stringValue == "stopping")
    #expect(server.storeWork == [])
  }

  @Test(arguments: ["verify", "backup"])
  func `what is for the store's own machine is not found over TCP`(_ name: String) throws {
    let server = try TestServer()
    #expect(server.client.post("/v1/operations/\(name)").status == 404)
    #expect(server.client.post("/v1/operations/store_status").status == 200)
    let registered = try TestServer(projects: [try ProjectName("shop")])
    #expect(registered.client.post("/v1/operations/\(name)").status == 404)
    #expect(registered.client.post("/v1/operations/store_status").status == 404)
  }
}
