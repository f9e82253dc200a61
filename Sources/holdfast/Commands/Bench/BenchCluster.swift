private import Glibc
import HoldfastDatabase
import HoldfastModel

/// A throw-away PostgreSQL cluster with its defaults, reached through a unix socket in its own
/// folder alone.
///
/// Its files are in the folder of the run, which is removed with all that is in it.
final class BenchCluster {
  private let processes: ChildProcesses
  private let folder: ScratchFolder
  private let binaries: String
  /// The folder of its files and its socket.
  private let place: String
  private var server: pid_t?

  // PostgreSQL's own words, and those of the programs that use it.
  private static let log = "postgresql.log"
  private static let errors = "postgresql.errors"
  private static let user = "holdfast"

  /// Makes it and starts it.
  /// - Throws: ``HoldfastError`` when PostgreSQL is not installed or does not start.
  init(in folder: ScratchFolder, processes: ChildProcesses) throws(HoldfastError) {
    self.processes = processes
    self.folder = folder
    let versions = Path.names(in: Self.installations)?.compactMap { Int($0) } ?? []
    guard let version = versions.max() else {
      throw HoldfastError(
        .notAvailable, "PostgreSQL is missing: install it with apt-get install postgresql")
    }
    binaries = "\(Self.installations)/\(version)/bin"
    place = folder.makeFolder("postgresql")
    let prefix = try Self.unprivileged(place, in: folder)
    try run(
      prefix + [
        program("initdb"), "-D", "\(place)/data", "-U", Self.user, "-A", "trust", "-E", "UTF8",
        "--locale=C",
      ])
    // Its defaults, but for the 256 connections of a yardstick.
    server = try processes.start(
      prefix + [
        program("postgres"), "-D", "\(place)/data", "-k", place, "-h", "",
        "-c", "unix_socket_permissions=0700", "-c", "max_connections=300",
      ], environment: environment, directory: "/", errors: folder.file(Self.log))
    do {
      try waitUntilReady()
      try query("CREATE DATABASE \(Self.user)", in: "postgres")
    } catch {
      stop()
      throw error
    }
  }

  private static let installations = "/usr/lib/postgresql"

  /// The words before a program that must not run as root; what it makes is its own.
  private static func unprivileged(
    _ place: String, in folder: ScratchFolder
  ) throws(HoldfastError) -> [String] {
    guard getuid() == 0 else { return [] }
    guard let user = getpwnam("postgres")?.pointee else {
      throw HoldfastError(
        .notAvailable, "PostgreSQL does not run as root, and there is no user named postgres")
    }
    chown(place, user.pw_uid, user.pw_gid)
    chmod(folder.path, 0o711)
    return [
      "setpriv", "--reuid=\(user.pw_uid)", "--regid=\(user.pw_gid)", "--clear-groups", "--",
    ]
  }

  /// Ends it at once; its clients are gone by then.
  func stop() {
    if let server { processes.stop(server, with: SIGINT) }
    server = nil
  }

  /// Where a server finds its store in it.
  var url: String {
    "postgresql://\(Self.user)@/\(Self.user)?host=\(PercentEncoding.text(place.utf8))"
  }

  /// The processor seconds of all its processes, those that have ended included.
  var cpuSeconds: Double? { server.flatMap { MachineClock.familySeconds(of: $0) } }

  /// The bytes that it has written to its log.
  func walBytesWritten() throws(HoldfastError) -> Double {
    Double(try query("SELECT pg_current_wal_insert_lsn() - '0/0'")) ?? 0
  }

  /// What a query gives, without the line's end.
  @discardableResult
  func query(_ sql: String, in database: String = user) throws(HoldfastError) -> String {
    let output = try run(
      [program("psql"), "-h", place, "-U", Self.user, "-XAtq", "-v", "ON_ERROR_STOP=1"]
        + ["-c", sql, database])
    return String(output.prefix { $0 != "\n" })
  }

  /// How often a second pgbench runs a script, each statement prepared.
  /// - Parameters:
  ///   - script: What is run again and again, without a semicolon behind it.
  ///   - variables: The values that stand in it as `:name`.
  ///   - connections: Its connections.
  ///   - seconds: How long.
  /// - Returns: Transactions a second.
  /// - Throws: ``HoldfastError`` when one of them failed.
  func pgbench(
    _ script: String, _ variables: [(name: String, value: String)] = [], connections: Int,
    seconds: Int
  ) throws(HoldfastError) -> Double {
    let file = try folder.write(script + ";\n", to: "pgbench.sql")
    let output = try run(
      [
        program("pgbench"), "-n", "-M", "prepared", "-c", "\(connections)", "-j", "2",
        "-T", "\(seconds)", "-f", file, "-h", place, "-U", Self.user,
      ] + variables.flatMap { ["-D", "\($0.name)=\($0.value)"] } + [Self.user])
    guard let rate = Self.rate(in: output) else {
      throw HoldfastError(.internalError, "transactions of pgbench failed: \(output)")
    }
    return rate
  }

  /// The rate in what pgbench prints; nil when there is none, or when a transaction failed.
  static func rate(in output: String) -> Double? {
    func number(after name: String) -> Double? {
      let line = output.split(separator: "\n").first { $0.hasPrefix(name) }
      return line?.dropFirst(name.count).split(separator: " ").first.flatMap { Double($0) }
    }
    guard number(after: "number of failed transactions: ") == 0 else { return nil }
    return number(after: "tps = ")
  }

  // MARK: Programs

  private func program(_ name: String) -> String { "\(binaries)/\(name)" }

  private var environment: [String] { ChildProcesses.environment(home: folder.path) }

  /// Runs a program that has to succeed, and gives what it printed.
  @discardableResult
  private func run(_ arguments: [String]) throws(HoldfastError) -> String {
    let (output, end) = try processes.run(
      arguments, environment: environment, directory: "/", errors: folder.file(Self.errors))
    guard end.code == 0 else {
      throw HoldfastError(
        .internalError,
        "\(Path.name(of: arguments.first { $0.hasPrefix("/") } ?? "")) ended with \(end.code): "
          + folder.lastLine(of: Self.errors))
    }
    return output
  }

  private func waitUntilReady() throws(HoldfastError) {
    let deadline = monotonicNanoseconds() + 10_000_000_000
    while true {
      let (_, end) = try processes.run(
        [program("pg_isready"), "-q", "-h", place], environment: environment, directory: "/")
      if end.code == 0 { return }
      guard monotonicNanoseconds() < deadline else {
        throw HoldfastError(
          .unreachable, "PostgreSQL did not start: \(folder.lastLine(of: Self.log))")
      }
      usleep(20_000)
    }
  }
}
