internal import CSystem
import Foundation
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
  private let process: Process

  private init() {
    let folder = NSTemporaryDirectory() + "holdfast-pg-\(UInt32.random(in: 0 ... .max))"
    self.folder = folder
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", Self.script, "sh", folder]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      fatalError("no shell for PostgreSQL: \(error)")
    }
    // It says a line when it takes connections.
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    precondition(line.hasPrefix("ready"), "PostgreSQL did not start: \(line)")
    // Held open until this process ends.
    _ = Unmanaged.passRetained(input)
  }

  /// Makes a cluster, starts it, says so, and waits for the end of its input.
  ///
  /// PostgreSQL refuses to run as root, so root hands it to the user that Debian's package made.
  private static let script = """
    set -eu
    folder=$1
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
    $as "$binaries/postgres" -D "$folder/data" -k "$folder" -h '' -c fsync=off -c max_connections=1000 \\
      -c shared_buffers=64MB -c unix_socket_permissions=0777 >>"$folder.log" 2>&1 &
    server=$!
    trap 'kill -QUIT $server 2>/dev/null || true; wait $server 2>/dev/null || true
      rm -rf "$folder" "$folder.log"' EXIT
    until "$binaries/pg_isready" -q -h "$folder"; do
      kill -0 $server || { cat "$folder.log"; exit 1; }
    done
    echo ready
    cat >/dev/null
    """

  /// A configuration of an empty database of its own.
  public func emptyDatabase() throws -> PostgreSQLConfiguration {
    let name = "t\(made.add(1, ordering: .relaxed).newValue)"
    try run("CREATE DATABASE \(name) TEMPLATE template0", in: url(of: "postgres"))
    return PostgreSQLConfiguration(url: url(of: name))
  }

  private func url(of database: String) -> String {
    "postgresql://holdfast@/\(database)?host=\(folder)"
  }

  /// Runs statements as another program would.
  public func run(_ sql: String, in url: String) throws {
    let psql = Process()
    psql.executableURL = URL(fileURLWithPath: "/usr/bin/psql")
    psql.arguments = ["-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]
    try psql.run()
    psql.waitUntilExit()
    guard psql.terminationStatus == 0 else {
      throw DatabaseError(.misuse, "psql refused: \(sql)")
    }
  }
}
