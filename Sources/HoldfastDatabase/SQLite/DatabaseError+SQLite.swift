internal import CSQLite

extension DatabaseError {
  /// The meaning of a result code of SQLite (https://www.sqlite.org/rescode.html).
  init(sqlite code: Int32, on connection: OpaquePointer?) {
    let extended = connection.map { sqlite3_extended_errcode($0) } ?? code
    let words = String(cString: connection.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
    let detail = "SQLite \(extended): \(words)"
    switch (code & 0xff, extended) {
    case (SQLITE_CONSTRAINT, _):
      let isDuplicate =
        extended == holdfast_sqlite_constraint_unique
        || extended == holdfast_sqlite_constraint_primarykey
        || extended == holdfast_sqlite_constraint_rowid
      self.init(
        isDuplicate ? .duplicate : .constraint, "a rule of the schema refused the row",
        detail: detail)
    case (SQLITE_FULL, _), (SQLITE_IOERR, holdfast_sqlite_ioerr_shmsize):
      self.init(
        code & 0xff == SQLITE_FULL ? .full : .fullForIndex,
        "the disk is full and nothing was written: make room and try again",
        detail: detail)
    case (SQLITE_IOERR, _):
      self.init(.io, "the disk failed and nothing was written", detail: detail)
    case (SQLITE_CORRUPT, _):
      self.init(
        .corrupt,
        "the store's file is damaged: stop what uses it and put a backup in its place with "
          + "'holdfast restore'", detail: detail)
    case (SQLITE_NOTADB, _):
      self.init(.foreignFile, "the file is not a Holdfast store", detail: detail)
    case (SQLITE_READONLY, _), (SQLITE_PERM, _):
      self.init(
        .readOnly, "the store cannot be written: check the permissions of its file and folder",
        detail: detail)
    case (SQLITE_CANTOPEN, _):
      self.init(
        .cannotOpen, "the store's file cannot be opened: check its path and permissions",
        detail: detail)
    case (SQLITE_BUSY, _), (SQLITE_LOCKED, _):
      self.init(
        .busy, "another program keeps the store's file locked: close it there and try again",
        detail: detail)
    case (SQLITE_INTERRUPT, _):
      self.init(.tooLong, "the read took too long: ask for less at a time", detail: detail)
    default:
      self.init(.misuse, "the database refused a statement", detail: detail)
    }
  }
}
