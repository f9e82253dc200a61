internal import CMicroHTTPD
internal import CSystem
internal import Glibc
internal import HoldfastDatabase
public import HoldfastModel
public import HoldfastStore
private import Synchronization

/// The HTTP door: libmicrohttpd's threads over one store.
///
///     let server = HTTPServer(store: store)
///     try server.serve(on: .tcp(host: "127.0.0.1", port: 7433))
///     ...
///     server.shutDown(within: 5)
///
/// A server that serves must be shut down before it goes away.
public final class HTTPServer: Sendable {
  private let service: HTTPService
  private let daemons = Mutex<[Daemon]>([])
  private let sweepers = Mutex<[EverySecond]>([])
  private let others: [any ServerDoor]

  /// One daemon of libmicrohttpd.
  ///
  /// `@unchecked Sendable`, at the boundary to C: it is stopped exactly once, by whoever took it out
  /// of the mutex.
  private struct Daemon: @unchecked Sendable {
    let handle: OpaquePointer
    let service: Unmanaged<HTTPService>
    let socket: ListeningSocket
  }

  /// A server that does not listen yet.
  ///
  /// - Parameters:
  ///   - store: What it serves; ``shutDown(within:)`` closes its database.
  ///   - storePath: The store's file, with all links resolved: a command that names another one is
  ///     refused. nil for a store that commands do not look for.
  ///   - limits: What a client may ask of it.
  ///   - log: Where answers are noted.
  ///   - hostNames: Names, beside the loopback ones, under which clients may reach it.
  ///   - isOpenToAll: Whether machines other than this one can reach it; then the checks that guard
  ///     a tokenless loopback server against browsers make no sense.
  ///   - projects: The only projects that it serves over TCP; nil for every project.
  ///   - folders: The folders of projects on this machine, as far as they are known.
  ///   - storeWork: Work that spans the store, which commands on this machine ask for.
  ///   - doors: Other doors on paths of their own.
  public init(
    store: Store, storePath: String? = nil, limits: Limits = Limits(),
    log: AccessLog = AccessLog(form: .off),
    hostNames: [String] = [], isOpenToAll: Bool = false,
    projects: [ProjectName]? = nil, folders: [ProjectName: String] = [:],
    storeWork: [StoreOperationEntry] = StoreOperationCatalog.own,
    doors: [any ServerDoor] = []
  ) {
    others = doors
    service = HTTPService(
      store: store, storePath: storePath,
      router: Router(
        Routes.all + Routes.storeWork(storeWork)
          + doors.map { Route(method: .post, path: $0.path, target: .door($0)) }), limits: limits,
      safety: BrowserSafety(names: hostNames.map { $0.lowercased() }, isOn: !isOpenToAll),
      registered: projects.map { RegisteredProjects($0) }, folders: folders, log: log)
  }

  /// Starts answering on a listening socket, which the server closes when it stops.
  ///
  /// - Throws: ``HoldfastError`` when libmicrohttpd is missing, or when the system refuses the threads.
  public func serve(on socket: ListeningSocket) throws(HoldfastError) {
    guard holdfast_mhd_load() else {
      throw HoldfastError(
        .unavailable,
        "the HTTP server could not start: is libmicrohttpd (package libmicrohttpd12) installed?")
    }
    do {
      try startSweepers()
      if !others.isEmpty { try service.doors.start() }
    } catch {
      throw HoldfastError(.unavailable, "the HTTP server could not start its threads")
    }
    let limits = service.limits
    let retained = Unmanaged.passRetained(service)
    let settings = holdfast_mhd_settings(
      listen_socket: socket.descriptor, threads: UInt32(limits.threads),
      connections: UInt32(limits.connectionsMax + Limits.refusedConnectionsMax),
      idle_seconds: UInt32(limits.idleSeconds), memory_bytes: Limits.connectionBytesMax)
    guard
      let handle = holdfast_mhd_start(
        settings, retained.toOpaque(), handleRequest, requestBegan, requestCompleted,
        connectionChanged)
    else {
      retained.release()
      throw HoldfastError(.unavailable, "the HTTP server could not start its threads")
    }
    daemons.withLock {
      $0.append(Daemon(handle: handle, service: retained, socket: socket))
    }
  }

  /// Ends the server and closes its store.
  ///
  /// Accepted requests are answered first; what waits for something to happen ends at once with
  /// nothing. Idempotent.
  ///
  /// In this order: no more requests; the end of all waits; the answers of what has
  /// come in, while slow readers have time to take them; the threads; the store.
  ///
  /// - Parameter seconds: How long it may take. Connections that are still busy then are cut.
  /// - Returns: Whether everything ended. If not, a write never came back from the disk, or
  ///   ``storeWork`` goes on; their clients got no answer, and the process can only exit.
  @discardableResult
  public func shutDown(within seconds: Int) -> Bool {
    let start = monotonicNanoseconds()
    let deadline = start + UInt64(max(seconds, 1)) * 1_000_000_000
    drain()
    let work = service.inFlight
    // A request that is just coming in has a moment; one that is whole has all of the time but the
    // last part, in which the connections are cut and the store is closed.
    _ = work.wait(until: start + (deadline - start) / 4) { $0.isEmpty }
    work.close()
    let isAnswered = work.wait(until: start + (deadline - start) / 10 * 7) { $0.isAnswered }
    if !isAnswered {
      service.connections.closeAll()
      guard work.wait(until: deadline, { $0.isAnswered }) else { return false }
    }
    stop()
    service.store.search.stop()
    service.store.database.close()
    return true
  }

  /// The names of the work that spans the store and goes on now.
  public var storeWork: [String] { service.storeWork.withLock { $0 } }

  /// Refuses requests from now on, and ends what waits for something to happen.
  ///
  /// New connections are still accepted, and hear that the server is stopping: to quiesce a daemon
  /// races with its threads over the listening socket, and libmicrohttpd then aborts the process.
  func drain() {
    service.inFlight.drain()
    daemons.withLock { daemons in
      for daemon in daemons { daemon.socket.withdraw() }
    }
    for door in others { door.stop() }
    service.store.database.endWaits()
  }

  /// Stops the threads, and closes the listening sockets.
  ///
  /// No connection may be suspended: libmicrohttpd aborts the process then.
  private func stop() {
    let stopping = daemons.withLock { daemons in
      defer { daemons = [] }
      return daemons
    }
    for daemon in stopping {
      MHD_stop_daemon(daemon.handle)
      daemon.service.release()
    }
    let sweeping = sweepers.withLock { sweepers in
      defer { sweepers = [] }
      return sweepers
    }
    for sweeper in sweeping { sweeper.stop() }
    service.doors.stop()
  }

  private func startSweepers() throws {
    try sweepers.withLock { sweepers in
      guard sweepers.isEmpty else { return }
      let service = service
      sweepers.append(try EverySecond(name: "holdfast-sweep") { service.closeOverdue() })
      let store = StoreSweep(service.store, log: service.log)
      sweepers.append(try EverySecond(name: "holdfast-lease") { store.run() })
    }
  }
}

extension HTTPService {
  /// Bytes of large bodies at once after which memory is given back: what made them lies scattered
  /// between what goes on living, so the allocator would keep most of it.
  private static let largeBytes = 1024 * 1024

  /// Closes overdue connections, has the search index follow what was written, and gives memory back that
  /// large bodies took.
  fileprivate func closeOverdue() {
    connections.closeOverdue()
    doors.tellOfSilence(seconds: limits.streamSilenceSeconds)
    store.search.tend()
    if max(received.takePeak(), sent.takePeak()) >= Self.largeBytes {
      holdfast_give_back_memory()
    }
  }
}
