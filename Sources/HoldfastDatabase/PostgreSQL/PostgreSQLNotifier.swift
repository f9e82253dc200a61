internal import CPostgreSQL
internal import CSystem
private import Dispatch
private import Glibc
private import Synchronization

/// The thread that tells the other servers what commits have touched, and hears it from them.
///
/// On a connection of its own and behind the commit: inside of the transaction a NOTIFY would cost each
/// group a lock of the whole cluster
/// (https://www.postgresql.org/docs/15/sql-notify.html). What comes together goes in one message. After
/// a broken connection everybody who waits is woken, so nothing that was missed meanwhile matters.
final class PostgreSQLNotifier: Sendable {
  private let configuration: PostgreSQLConfiguration
  /// Told which keys were touched elsewhere; nil for any.
  private let heard: @Sendable ([String]?) -> Void
  /// Told that there is no connection, once for each time.
  private let lost: @Sendable () -> Void
  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)
  private let wakeReading: Int32
  private let wakeWriting: Int32
  /// Tells this process from others on the channel.
  private let name = String(UInt64.random(in: .min ... .max), radix: 36)

  private struct State {
    var keys: Set<String> = []
    var isStopped = false
    var isRunning = false
  }

  /// How long a connection may be silent until it is asked whether it still stands, in milliseconds.
  private static let silenceMax: Int32 = 5_000
  /// PostgreSQL refuses payloads of 8,000 bytes and more.
  private static let payloadMax = 7_000

  private static let tell: SQL = "SELECT pg_notify('holdfast', ?1)"
  private static let alive: SQL = "SELECT 1"

  init(
    _ configuration: PostgreSQLConfiguration, heard: @escaping @Sendable ([String]?) -> Void,
    lost: @escaping @Sendable () -> Void
  ) throws {
    self.configuration = configuration
    self.heard = heard
    self.lost = lost
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else {
      throw DatabaseError(.cannotOpen, "the system has no more open files for this process")
    }
    wakeReading = ends[0]
    wakeWriting = ends[1]
  }

  deinit {
    close(wakeReading)
    close(wakeWriting)
  }

  func start() throws {
    try startThread(name: "holdfast-notify") { [self] in
      run()
      ended.signal()
    }
    state.withLock { $0.isRunning = true }
  }

  /// Queues keys that a commit has touched.
  func notify(_ keys: [String]) {
    let mustWake = state.withLock { state in
      defer { state.keys.formUnion(keys) }
      return state.keys.isEmpty
    }
    if mustWake { wake() }
  }

  /// Tells what is left, and ends the thread; one that waits for a database that is away ends later.
  func stop() {
    let wasRunning = state.withLock { state in
      state.isStopped = true
      defer { state.isRunning = false }
      return state.isRunning
    }
    guard wasRunning else { return }
    wake()
    _ = ended.wait(timeout: .now() + .seconds(2))
  }

  private func wake() {
    var byte: UInt8 = 1
    // A full pipe wakes as well.
    _ = write(wakeWriting, &byte, 1)
  }

  // MARK: The thread

  private func run() {
    var pause: Int32 = 50
    var hasSaidSo = false
    while true {
      do {
        let connection = try PostgreSQLConnection(
          configuration, program: "holdfast listener", clock: PostgreSQLClock(replacement: nil))
        try connection.send(text: "LISTEN holdfast")
        try connection.settle()
        hasSaidSo = false
        pause = 50
        heard(nil)
        try serve(connection)
        return
      } catch {
        // The writer and the readers say what is wrong with the database; this comes back with it.
        guard !state.withLock({ $0.isStopped }) else { return }
        if !hasSaidSo { lost() }
        hasSaidSo = true
        waitForWake(pause)
        pause = min(pause * 2, 1_000)
      }
    }
  }

  /// Tells and hears until the end.
  private func serve(_ connection: PostgreSQLConnection) throws {
    while true {
      let (keys, isStopped) = state.withLock { state in
        defer { state.keys = [] }
        return (state.keys, state.isStopped)
      }
      if !keys.isEmpty {
        do {
          _ = try connection.answer(to: Self.tell, [.text(payload(keys))])
        } catch {
          state.withLock { $0.keys.formUnion(keys) }
          throw error
        }
      }
      hear(connection)
      if isStopped { return }
      let outcome = connection.withHandle {
        holdfast_pg_listen($0, wakeReading, Self.silenceMax)
      }
      guard outcome >= 0 else {
        throw DatabaseError(unreachable: "the connection of the listener broke")
      }
      if !waitForWake(0) && outcome == 0 { _ = try connection.answer(to: Self.alive, []) }
    }
  }

  /// Takes the bytes that woke the thread; false when there were none.
  @discardableResult
  private func waitForWake(_ milliseconds: Int32) -> Bool {
    var waiting = pollfd(fd: wakeReading, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) == 1 else { return false }
    var bytes = [UInt8](repeating: 0, count: 64)
    return read(wakeReading, &bytes, bytes.count) > 0
  }

  /// Hands over what has come from others.
  private func hear(_ connection: PostgreSQLConnection) {
    while let text = connection.withHandle({ holdfast_pg_notification($0) }) {
      defer { free(text) }
      let lines = String(cString: text).split(separator: "\n", omittingEmptySubsequences: false)
      guard let sender = lines.first, sender != name else { continue }
      let keys = lines.dropFirst().map(String.init)
      heard(keys.isEmpty ? nil : keys)
    }
  }

  /// The sender and a key a line; without keys where they do not fit, which wakes everybody.
  private func payload(_ keys: Set<String>) -> String {
    let lines = [name] + keys
    let fits =
      lines.reduce(0) { $0 + $1.utf8.count + 1 } < Self.payloadMax
      && !keys.contains { $0.utf8.contains(UInt8(ascii: "\n")) }
    return fits ? lines.joined(separator: "\n") : name
  }
}
