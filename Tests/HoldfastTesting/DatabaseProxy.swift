internal import Glibc
public import HoldfastDatabase
private import Synchronization

/// A network between servers and a cluster that fails as it is told.
///
/// It listens on a port of this machine and speaks to the cluster's socket. What clients send it takes
/// apart into PostgreSQL's messages, so that it can cut a connection around a COMMIT
/// (https://www.postgresql.org/docs/15/protocol-message-formats.html).
public final class DatabaseProxy: Sendable {
  /// What it does with what comes.
  public enum Mode: Sendable, Equatable {
    case passes
    /// Each message waits for that long, in milliseconds.
    case delays(Int32)
    /// Nothing gets through, and nobody is told: half-open connections.
    case swallows
    /// All connections are cut, and new ones at once.
    case refuses
  }

  /// Where a writer's connection is cut, once.
  public enum Cut: Sendable {
    /// The COMMIT was sent and never reaches the server.
    case beforeCommit
    /// The server has committed, and its answer never reaches the client.
    case behindCommit
  }

  private struct State {
    var mode = Mode.passes
    var cut: Cut?
    /// What it turns to when it has cut.
    var modeAfterCut = Mode.passes
    var isClosed = false
  }

  private let state = Mutex(State())
  private let listening: ListeningPort
  private let cluster: PostgreSQLCluster
  private let cutDone: Handover<Bool>

  public init(to cluster: PostgreSQLCluster) throws {
    self.cluster = cluster
    listening = try ListeningPort()
    cutDone = Handover()
    try startThread(name: "proxy") { [self] in accept() }
  }

  /// Ends it and all connections through it.
  public func close() {
    state.withLock { $0.isClosed = true }
    listening.end()
  }

  public func configuration(of database: String) -> PostgreSQLConfiguration {
    PostgreSQLConfiguration(url: url(of: database))
  }

  public func url(of database: String) -> String {
    "postgresql://holdfast@127.0.0.1:\(listening.port)/\(database)?sslmode=disable&gssencmode=disable"
  }

  public func turn(to mode: Mode) { state.withLock { $0.mode = mode } }

  /// Cuts the next writer's connection that commits, and then turns to a mode.
  public func cut(_ cut: Cut, then mode: Mode = .passes) {
    state.withLock { state in
      state.cut = cut
      state.modeAfterCut = mode
    }
  }

  /// Whether it has cut what it was told to.
  public var hasCut: Bool { state.withLock { $0.cut == nil } }

  /// Blocks until it has cut for the first time.
  public func waitForCut() { _ = cutDone.wait() }

  private var mode: Mode { state.withLock { $0.isClosed ? .refuses : $0.mode } }

  private func takeCut(_ cut: Cut) -> Bool {
    let isTaken = state.withLock { state in
      guard state.cut == cut else { return false }
      state.cut = nil
      state.mode = state.modeAfterCut
      return true
    }
    if isTaken { cutDone.set(true) }
    return isTaken
  }

  // MARK: Threads

  private func accept() {
    while let client = listening.accept() {
      guard mode != .refuses, let server = connectToCluster() else {
        Glibc.close(client)
        continue
      }
      TestThread.start { [self] in
        serve(client, server)
        Glibc.close(client)
        Glibc.close(server)
      }
    }
  }

  private func connectToCluster() -> Int32? {
    HTTPClient(socket: cluster.socketPath).connect()
  }

  /// Carries bytes between two ends until one of them ends or is cut.
  private func serve(_ client: Int32, _ server: Int32) {
    var messages = Messages()
    while isCarrying() {
      var ends = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: server, events: Int16(POLLIN), revents: 0),
      ]
      // Looks now and then whether it is still to carry anything.
      guard poll(&ends, 2, 5) >= 0 else { return }
      if case .delays(let milliseconds) = mode { poll(nil, 0, milliseconds) }
      if ends[0].revents != 0 {
        guard let bytes = receive(client), isCarrying() else { return }
        let isCommit = messages.take(bytes)
        if isCommit, takeCut(.beforeCommit) { return }
        guard send(bytes, to: server) else { return }
      }
      if ends[1].revents != 0 {
        guard let bytes = receive(server), isCarrying() else { return }
        if messages.isWriter, messages.hasCommitted(bytes), takeCut(.behindCommit) { return }
        guard send(bytes, to: client) else { return }
      }
    }
  }

  /// Waits while bytes are swallowed; false when connections are cut.
  ///
  /// Asked between taking bytes and handing them on, too: what came after the turn to swallowing may have
  /// been taken together with what came before it.
  private func isCarrying() -> Bool {
    while mode == .swallows { poll(nil, 0, 5) }
    return mode != .refuses
  }

  private func receive(_ descriptor: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  private func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}

/// What a client has sent, as far as it is known where a writer commits.
private struct Messages {
  private(set) var isWriter = false
  private var rest: [UInt8] = []
  private var hasStarted = false
  private var commitName: ArraySlice<UInt8>?

  /// Takes bytes; true when a writer's COMMIT ends in them.
  mutating func take(_ bytes: [UInt8]) -> Bool {
    rest += bytes
    var isCommit = false
    while true {
      let head = hasStarted ? 1 : 0
      guard rest.count >= head + 4 else { return isCommit }
      let length = rest[head..<head + 4].reduce(0) { $0 << 8 | Int($1) } + head
      guard rest.count >= length else { return isCommit }
      let body = rest[(head + 4)..<length]
      if !hasStarted {
        hasStarted = true
        isWriter = body.split(separator: 0).contains { $0.elementsEqual("holdfast writer".utf8) }
      } else if rest[0] == UInt8(ascii: "P") {
        // A name and a text, both with their end.
        let words = body.split(separator: 0, omittingEmptySubsequences: false)
        if words.count > 1, words[1].elementsEqual("COMMIT".utf8) { commitName = words[0] }
      } else if rest[0] == UInt8(ascii: "B"), let commitName {
        // A portal's name, which is empty, and that of the statement.
        let words = body.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        if words.count > 1, words[1].elementsEqual(commitName) { isCommit = isWriter }
      }
      rest.removeFirst(length)
    }
  }

  /// Whether an answer of the server says that it has committed.
  func hasCommitted(_ bytes: [UInt8]) -> Bool {
    let tag = Array("COMMIT\0".utf8)
    guard bytes.count >= tag.count else { return false }
    return (0...(bytes.count - tag.count)).contains { bytes[$0...].starts(with: tag) }
  }
}

/// A listening port of this machine.
private final class ListeningPort: Sendable {
  let port: Int
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 128) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw TestFailure("no port for a proxy: \(errno)") }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { Glibc.close(descriptor) }

  /// The next connection; nil when the port has ended.
  func accept() -> Int32? {
    let client = Glibc.accept(descriptor, nil, nil)
    return client >= 0 ? client : nil
  }

  func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
