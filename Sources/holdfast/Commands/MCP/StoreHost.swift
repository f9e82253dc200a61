import HoldfastClient
import HoldfastDatabase
import HoldfastModel
import HoldfastServer
import HoldfastStore
private import Synchronization

/// Answers for a store on a unix socket while no server does, for this process and for others.
final class StoreHost: Sendable {
  private let invocation: Invocation
  private let state = Mutex<State>(.idle)

  private enum State {
    case idle
    case hosting(HTTPServer)
    /// The process ends, and takes no store any more.
    case ending
  }

  init(_ invocation: Invocation) { self.invocation = invocation }

  /// Opens the store whose lock this process has taken, and tells in the lock where it answers.
  ///
  /// - Throws: ``HoldfastError`` when the store cannot be opened, or the process ends.
  func host(_ lock: StoreLock) throws {
    if case .ending = state.withLock({ $0 }) {
      throw HoldfastError(.stopping, "this process ends: call again")
    }
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
      state.withLock { $0 = .hosting(server) }
      lock.announce(socket: socket.address, sequence: store.database.health.lastSequence)
    } catch {
      store.database.close()
      throw error
    }
  }

  /// A server that starts asks for the store, and gets it however long that takes: nothing new is begun.
  private var handOver: StoreOperationEntry {
    StoreOperationEntry(HandOver.self) { [self] _ in
      HandOver { [self] in
        guard case .hosting(let server) = state.withLock({ $0 }) else { return }
        while !server.shutDown(within: 2) {}
        state.withLock { if case .hosting = $0 { $0 = .idle } }
      }
    }
  }

  /// Answers what has come in, and lets go of the store.
  ///
  /// - Returns: Whether everything ended; if not, the process can only exit.
  func end() -> Bool {
    let last = state.withLock { state in
      defer { state = .ending }
      return state
    }
    guard case .hosting(let server) = last else { return true }
    return server.shutDown(within: 2)
  }
}
