internal import CSystem
internal import Foundation
internal import Glibc
public import HoldfastDatabase
import Synchronization

/// A throw-away PostgreSQL cluster of this test process, and a fresh database on it for each who asks.
///
/// It lives in a folder of its own, is reached through a unix socket in it alone, and ends with the
/// process, however that ends: its shell waits for the end of a pipe that the process holds.
public final class PostgreSQLCluster: Sendable {
  /// The cluster of this process, made when the first test needs it.
  public static let shared = PostgreSQLCluster()

  /// Whether the tests of the store run over PostgreSQL.
  public static let isWanted =
    ProcessInfo.processInfo.environment["HOLDFAST_TEST_ENGINE"] == "postgresql"

  public let folder: String
  private let made = Atomic(0)
  private let process: TestProcess
  // Held open until this process ends, or the cluster goes away.
  private let input: Int32
  private let telling = Mutex(())

  /// A cluster of one test, which may stop and start it.
  ///
  /// - Parameter options: Words for the server, such as `-c` and a setting.
  public init(_ options: String...) {
    folder = NSTemporaryDirectory() + "holdfast-pg-\(UInt32.random(in: 0 ... .max))"
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else { fatalError("no pipe for PostgreSQL") }
    input = ends[1]
    do {
      process = try TestProcess(
        "/bin/sh", ["-c", Self.script, "sh", folder] + options,
        environment: ProcessInfo.processInfo.environment, input: ends[0])
    } catch {
      fatalError("no shell for PostgreSQL: \(error)")
    }
    close(ends[0])
    expect("ready")
  }

  deinit {
    close(input)
    process.wait()
  }

  /// It says a line when it has done what it was told.
  private func expect(_ word: String) {
    let line = process.line()
    precondition(line == word, "PostgreSQL is not \(word): \(line ?? "") \(process.rest())")
  }

  private func tell(_ word: String, _ answer: String) {
    telling.withLock { _ in
      let bytes = Array("\(word)\n".utf8)
      precondition(write(input, bytes, bytes.count) == bytes.count, "PostgreSQL's shell is gone")
      expect(answer)
    }
  }

  /// Ends the server at once, as a crash would, and returns when it is gone.
  public func crash() { tell("stop", "stopped") }

  /// Starts it again and returns when it takes connections.
  public func start() { tell("start", "ready") }

  /// Makes a cluster and starts it, then stops and starts it as it is told; ends with its input.
  ///
  /// PostgreSQL refuses to run as root, so root hands it to the user that Debian's package made.
  private static let script = """
    set -eu
    folder=$1
    shift
    binaries=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
    as=
    mkdir -m 700 "$folder"
    if [ "$(id -u)" = 0 ]; then
      as="setpriv --reuid=postgres --regid=postgres --clear-groups"
      chown postgres "$folder"
      chmod 711 "$folder"
    fi
    cd /
    $as "$binaries/initdb" -D "$folder/data" -U holdfast -A trust -E UTF8 --locale=C --no-sync \\
      >"$folder.log" 2>&1
    stop() {
      kill -QUIT $server 2>/dev/null || true
      wait $server 2>/dev/null || true
    }
    start() {
      $as "$binaries/postgres" -D "$folder/data" -k "$folder" -h '' -c fsync=off \\
        -c max_connections=1000 -c shared_buffers=64MB -c unix_socket_permissions=0777 "$@" \\
        >>"$folder.log" 2>&1 </dev/null &
      server=$!
      until "$binaries/pg_isready" -q -h "$folder"; do
        kill -0 $server || { cat "$folder.log"; exit 1; }
      done
    }
    trap 'stop; rm -rf "$folder" "$folder.log"' EXIT
    start "$@"
    echo ready
    while read -r word; do
      case $word in
        stop) stop; echo stopped ;;
        start) start "$@"; echo ready ;;
      esac
    done
    """

  /// A configuration of an empty database of its own.
  public func emptyDatabase() throws -> PostgreSQLConfiguration {
    PostgreSQLConfiguration(url: url(of: try makeDatabase()))
  }

  /// Makes an empty database and gives its name.
  public func makeDatabase() throws -> String {
    let name = "t\(made.add(1, ordering: .relaxed).newValue)"
    try run("CREATE DATABASE \(name) TEMPLATE template0", in: url(of: "postgres"))
    return name
  }

  public func url(of database: String) -> String {
    "postgresql://holdfast@/\(database)?host=\(folder)"
  }

  /// The path of the server's socket.
  var socketPath: String { "\(folder)/.s.PGSQL.5432" }

  /// Runs statements as another program would.
  public func run(_ sql: String, in url: String) throws {
    let psql = try TestProcess.run(
      ["-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql],
      program: "/usr/bin/psql", environment: ProcessInfo.processInfo.environment)
    guard psql.code == 0 else {
      throw DatabaseError(.misuse, "psql refused: \(psql.errors)")
    }
  }
}
