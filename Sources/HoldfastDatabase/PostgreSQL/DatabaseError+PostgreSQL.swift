internal import CPostgreSQL

extension DatabaseError {
  /// The meaning of an error of the server
  /// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
  ///
  /// - Parameters:
  ///   - state: The five letters of SQLSTATE.
  ///   - words: The server's primary message.
  init(postgresql state: String, _ words: String) {
    let detail = "PostgreSQL \(state): \(words)"
    switch state {
    case "23505":
      self.init(.duplicate, "a rule of the schema refused the row", detail: detail)
    case "40001", "40P01", "25P02":
      self.init(.aborted, "the database gave up the transaction: try again", detail: detail)
    case "53100":
      self.init(
        .full, "the database's disk is full and nothing was written: make room and try again",
        detail: detail)
    case "55P03":
      self.init(
        .busy, "another server holds the database's writer for too long: try again", detail: detail)
    case "57014":
      self.init(.tooLong, "the read took too long: ask for less at a time", detail: detail)
    case "25006":
      self.init(
        .unreachable, "the database server takes no writes (a standby?): try again", detail: detail)
    case "42501":
      self.init(
        .readOnly, "the database's user may not do this: give it the rights to the database",
        detail: detail)
    case "3D000":
      self.init(
        .cannotOpen, "the database does not exist: make it with 'createdb'", detail: detail)
    case "57P01", "57P02", "57P03", "57P05", "25P03":
      self.init(unreachable: detail)
    case _ where state.hasPrefix("08") || state.hasPrefix("53"): self.init(unreachable: detail)
    case _ where state.hasPrefix("23"):
      self.init(.constraint, "a rule of the schema refused the row", detail: detail)
    case _ where state.hasPrefix("28"):
      self.init(
        .cannotOpen, "the database server refused the user or the password", detail: detail)
    case _ where state.hasPrefix("58"):
      self.init(.io, "the database's disk failed and nothing was written", detail: detail)
    case "XX001", "XX002":
      self.init(
        .corrupt, "the database is damaged: restore a backup of it", detail: detail)
    default:
      self.init(.misuse, "the database refused a statement", detail: detail)
    }
  }

  /// The database server went away, or is not there.
  init(unreachable detail: String) {
    self.init(
      .unreachable, "the database server cannot be reached; nothing was done: try again",
      detail: detail)
  }

  /// Whether the same on another connection, or in another transaction, may go well.
  var isPassing: Bool { [.unreachable, .noConnection, .aborted].contains(kind) }
}
