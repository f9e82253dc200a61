public import HoldfastDatabase
public import HoldfastModel
public import HoldfastServer
public import HoldfastStore

/// A server on a port of its own over a store of its own, inside the test's process.
public final class TestServer: Sendable {
  public let backing: TestStore
  public let client: HTTPClient
  public let server: HTTPServer

  public var store: Store { backing.store }

  public init(
    on engine: TestStore.Engine = .wanted, settings: StoreSettings = StoreSettings(),
    limits: Limits = Limits(),
    log: AccessLog = AccessLog(form: .off), projects: [ProjectName]? = nil,
    folders: [ProjectName: String] = [:],
    configure: (inout SQLiteConfiguration) -> Void = { _ in }
  ) throws {
    backing = try TestStore(on: engine, settings: settings, configure: configure)
    server = HTTPServer(
      store: backing.store, limits: limits, log: log, projects: projects,
      folders: folders)
    let socket = try ListeningSocket.tcp(host: "127.0.0.1", port: 0)
    try server.serve(on: socket)
    client = HTTPClient(port: Int(socket.address.split(separator: ":").last ?? "") ?? 0)
  }

  deinit { server.shutDown(within: 5) }
}
