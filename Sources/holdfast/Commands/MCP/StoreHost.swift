import HoldfastClient
import HoldfastDatabase
import HoldfastModel
import HoldfastServer
import HoldfastStore
private import Synchronization

/// Answers for a store on a unix socket while no server does, for this process and for others.
final class StoreHost: Sendable {
  private let invocation: Invocation
  private let server = Mutex<HTTPServer?>(nil)

  init(_ invocation: Invocation) { self.invocation = invocation }

  /// Opens the store whose lock this process has taken, and tells in the lock where it answers.
  func host(_ lock: StoreLock) throws {
    let settings = try Settings.load(for: invocation)
    let store = try Store(
      opening: settings.sqliteConfiguration(path: lock.storePath), lock: lock,
      settings: settings.storeSettings)
    do {
      let socket = try ListeningSocket.unix(
        path: SocketPath.choose(for: lock.storePath, settings, invocation.environment))
      let server = HTTPServer(
        store: store, storePath: lock.storePath, limits: settings.serverLimits,
        storeWork: StoreWork.all + [handOver], doors: [MCPDoor()])
      try server.serve(on: socket)
      lock.announce(socket: socket.address, sequence: store.database.health.lastSequence)
      self.server.withLock { $0 = server }
    } catch {
      store.database.close()
      throw error
    }
  }

  /// A server that starts asks for the store.
  private var handOver: StoreOperationEntry {
    StoreOperationEntry(HandOver.self) { [self] _ in HandOver { [self] in shutDown() } }
  }

  /// Answers what has come in, and lets go of the store.
  func shutDown() {
    let server = server.withLock { server in
      defer { server = nil }
      return server
    }
    server?.shutDown(within: 2)
  }
}
