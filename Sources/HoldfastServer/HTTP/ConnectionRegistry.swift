internal import CMicroHTTPD
internal import Glibc
internal import HoldfastDatabase
private import Synchronization

/// The open connections, and until when each of them has to get on.
///
/// libmicrohttpd's own time-out starts over with every byte, so headers, bodies or reads that trickle
/// could hold a connection for ever. The sweep closes those.
final class ConnectionRegistry: Sendable {
  /// One connection of a client.
  final class Connection: Sendable {
    let socket: Int32
    /// Whether it came over the unix socket, which nobody but the store's owner can open.
    let isUnix: Bool
    /// Whether it came when there were already as many as may be.
    let isBeyondLimit: Bool
    /// When it is closed unless it gets on; `.max` while the client waits for us.
    fileprivate let deadline: Atomic<UInt64>

    fileprivate init(socket: Int32, isBeyondLimit: Bool, deadline: UInt64) {
      self.socket = socket
      isUnix = holdfast_mhd_is_unix(socket) != 0
      self.isBeyondLimit = isBeyondLimit
      self.deadline = Atomic(deadline)
    }

    /// The client has until that moment on the monotonic clock.
    func mustGetOn(until moment: UInt64) { deadline.store(moment, ordering: .relaxed) }

    /// The request is whole: from here on the client waits for us.
    func waitsForUs() { deadline.store(.max, ordering: .relaxed) }
  }

  private let open = Mutex<[ObjectIdentifier: Connection]>([:])
  private let connectionsMax: Int
  /// How long a connection may stand before a request line, in nanoseconds.
  private let patience: UInt64

  init(limits: Limits) {
    connectionsMax = limits.connectionsMax
    patience = UInt64(limits.idleSeconds + limits.requestSeconds) * 1_000_000_000
  }

  var count: Int { open.withLock { $0.count } }

  func opened(_ connection: OpaquePointer, context: UnsafeMutablePointer<UnsafeMutableRawPointer?>)
  {
    open.withLock { open in
      let entry = Connection(
        socket: holdfast_mhd_socket(connection), isBeyondLimit: open.count >= connectionsMax,
        deadline: monotonicNanoseconds() + patience)
      context.pointee = Unmanaged.passRetained(entry).toOpaque()
      open[ObjectIdentifier(entry)] = entry
    }
  }

  func closed(context: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
    guard let pointer = context.pointee else { return }
    context.pointee = nil
    let entry = Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
    // Before the socket's number can be used again.
    _ = open.withLock { $0.removeValue(forKey: ObjectIdentifier(entry)) }
  }

  /// What is known about a connection.
  func entry(of connection: OpaquePointer) -> Connection? {
    guard let context = holdfast_mhd_socket_context(connection), let pointer = context.pointee
    else {
      return nil
    }
    return Unmanaged<Connection>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// The answer is out: the next request may come.
  func awaitsRequest(_ connection: Connection, now: UInt64) {
    connection.mustGetOn(until: now + patience)
  }

  /// Closes all connections, whatever they are at.
  func closeAll() { closeOverdue(now: .max) }

  /// Closes the connections whose time is over.
  func closeOverdue(now: UInt64 = monotonicNanoseconds()) {
    open.withLock { open in
      for connection in open.values
      where connection.deadline.load(ordering: .relaxed) <= now {
        shutdown(connection.socket, Int32(SHUT_RDWR))
      }
    }
  }

  /// Whether the peer still listens; asked before something is handed to it.
  static func isOpen(_ socket: Int32) -> Bool {
    socket < 0 || holdfast_mhd_peer_is_gone(socket) == 0
  }
}
