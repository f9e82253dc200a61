import CSQLite
import HoldfastDatabase

/// A connection of another program, such as the sqlite3 shell: it knows no gate and no lock.
final class ForeignConnection {
  private let handle: OpaquePointer

  init(_ path: String) throws {
    var handle: OpaquePointer?
    guard sqlite3_open(path, &handle) == SQLITE_OK, let handle else {
      throw DatabaseError(.cannotOpen, "The test cannot open \(path).")
    }
    self.handle = handle
  }

  deinit { sqlite3_close(handle) }

  /// Runs statements and gives the first column of all rows.
  @discardableResult
  func run(_ sql: String) throws -> [String] {
    var rows: [String] = []
    let code = withUnsafeMutablePointer(to: &rows) { rows in
      sqlite3_exec(
        handle, sql,
        { context, _, values, _ in
          let text = values?[0].map { String(cString: $0) } ?? ""
          context?.assumingMemoryBound(to: [String].self).pointee.append(text)
          return 0
        }, rows, nil)
    }
    guard code == SQLITE_OK else {
      throw DatabaseError(.misuse, String(cString: sqlite3_errmsg(handle)))
    }
    return rows
  }

  /// Makes a database of another program.
  static func makeDatabase(_ path: String, _ sql: String) throws {
    try ForeignConnection(path).run(sql)
  }
}
