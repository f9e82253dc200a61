internal import CPostgreSQL
private import Glibc

/// One connection to a PostgreSQL server with its prepared statements, and the transaction on it.
///
/// Statements go into a pipeline and are sent when somebody needs an answer, so that many of them cost
/// one way to the server and back
/// (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html). Not thread safe: whoever holds it uses
/// it alone.
class PostgreSQLConnection: ReadTransaction {
  private let handle: OpaquePointer
  let clock: PostgreSQLClock
  /// How long an answer may take.
  var answerMilliseconds: Int32
  /// The moment on the monotonic clock after which no answer is waited for.
  var deadline: UInt64 = .max
  private var statements: [SQL: Statement] = [:]
  private var statementsMade = 0
  /// What the server still has to answer, in order.
  private var expected: [Expected] = []
  private var expectedBytes = 0
  /// Bytes that were not handed to the system yet, about.
  private var bytesToPush = 0
  /// Statements sent, and how many of them make it time for new plans.
  private var statementsSent = 0
  private var statementsToReplan = 32
  /// Whether an answer did not come in time, so that nothing on it can be trusted any more.
  private var isBroken = false
  /// Whether a query has given a row, since it was last asked for none.
  var hasGivenRows = false
  /// Cursors that are open now, one inside of the other.
  var openCursors = 0

  /// A prepared statement.
  private struct Statement {
    let name: String
    /// Whether it leaves the database as it is.
    let isReadOnly: Bool
  }

  private enum Expected {
    case prepared(SQL)
    /// All statements that were prepared before were let go.
    case forgotten([SQL: Statement])
    case answer
    /// The answer of a command, which says no more than that it was done.
    case done
    case sync
  }

  /// More distinct statements than this are a sign of SQL that is built per request.
  private static let statementsMax = 512
  /// Bytes and statements that wait to be sent, at most: the server holds its answers meanwhile.
  private static let pipelineBytesMax = 1024 * 1024
  private static let pipelineMax = 512
  /// Bytes that are sent on the way, so that the server works meanwhile.
  private static let pushBytes = 8192
  /// Bytes of a statement beside its values, about.
  private static let statementBytes = 64
  /// Statements after which new plans are made at the latest: it takes a few thousandths of their time.
  private static let replanMax = 16384
  private static let commit: SQL = "COMMIT"

  /// Connects.
  ///
  /// - Parameters:
  ///   - program: What the server's list of sessions calls it.
  ///   - deadline: The moment on the monotonic clock at which it must stand.
  /// - Throws: ``DatabaseError`` saying why there is no connection, without the password.
  init(
    _ configuration: PostgreSQLConfiguration, program: String, clock: PostgreSQLClock,
    by deadline: UInt64 = .max
  ) throws {
    guard holdfast_pg_is_built() else {
      throw DatabaseError(
        .cannotOpen,
        "this Holdfast was built without PostgreSQL: use one that was built with it, or a store in a "
          + "file")
    }
    guard holdfast_pg_load() else {
      throw DatabaseError(
        .cannotOpen,
        "a store on PostgreSQL needs the library libpq.so.5, version 14 or newer: install the "
          + "package libpq5")
    }
    guard Self.isReadable(configuration.url) else {
      throw DatabaseError(
        .cannotOpen,
        "the database's URL cannot be read: in its password write '%', '@', ':' and '/' as %25, %40, "
          + "%3A and %2F, and look at the names of its options")
    }
    let left = Int64(clamping: deadline) - Int64(clamping: monotonicNanoseconds())
    let seconds = max(1, min(Int64(configuration.connectSeconds), left / 1_000_000_000))
    guard let handle = holdfast_pg_connect(configuration.url, program, Int32(seconds))
    else { throw DatabaseError(.cannotOpen, "there is no memory for a connection") }
    self.handle = handle
    self.clock = clock
    answerMilliseconds = Int32(clamping: configuration.answerMax / 1_000_000)
    guard holdfast_pg_is_alive(handle) else {
      throw Self.failure(connecting: handle)
    }
    guard holdfast_pg_server_version(handle) >= 140_000 else {
      throw DatabaseError(.cannotOpen, "the database server is too old: PostgreSQL 14 is needed")
    }
    for setting in [
      "SET client_min_messages = warning",
      "SET default_transaction_isolation = 'read committed'",
      "SET lock_timeout = '\(configuration.lockSeconds)s'",
      // The server says that it takes too long before it is taken for silent.
      "SET statement_timeout = '\(answerMilliseconds / 10 * 9)ms'",
      "SET idle_in_transaction_session_timeout = '\(configuration.holdSeconds * 1000)ms'",
      // Every question has its index, whatever the size of a table was when it was last looked at.
      "SET enable_seqscan = off", "SET enable_hashjoin = off", "SET enable_mergejoin = off",
      "SET jit = off",
    ] {
      try send(text: setting)
    }
    self.deadline = min(
      deadline, monotonicNanoseconds() + UInt64(configuration.connectSeconds) * 1_000_000_000)
    defer { self.deadline = .max }
    // An answer means: on disk. What is stronger than that stays as it is.
    try send(
      text: """
        SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off'
        """)
    try settle()
  }

  deinit { holdfast_pg_close(handle) }

  /// Whether libpq takes nothing for an option, a host or a port that may be a piece of a password: it
  /// would quote it.
  private static func isReadable(_ url: String) -> Bool {
    if let words = holdfast_pg_check(url) {
      free(words)
      return false
    }
    let option = { (name: String) -> String in
      guard let value = holdfast_pg_option(url, name) else { return "" }
      defer { free(value) }
      return String(cString: value)
    }
    return !option("host").dropFirst().contains("@")
      && option("port").utf8.allSatisfy { $0 == UInt8(ascii: ",") || (48...57).contains($0) }
  }

  /// Why a connection was not made, in a sentence that repeats neither the password nor a path.
  private static func failure(connecting handle: OpaquePointer) -> DatabaseError {
    let detail = String(cString: holdfast_pg_message(handle))
    let words = detail.split(separator: "\n")
      .map { line in
        guard line.hasPrefix("connection to server on socket") else { return line }
        return line.split(separator: "failed: ", maxSplits: 1).last ?? line
      }
      .joined(separator: " ").split { $0.isWhitespace }.joined(separator: " ")
    let refusals = [
      "authentication failed", "no password supplied", "does not exist", "no pg_hba.conf entry",
      "permission denied",
    ]
    if refusals.contains(where: words.contains) {
      return DatabaseError(
        .cannotOpen, "the database server refused the connection: \(words)", detail: detail)
    }
    let crowds = ["too many clients", "too many connections", "connection slots are reserved"]
    if crowds.contains(where: words.contains) {
      return DatabaseError(
        .noConnection,
        "the database server takes no more connections: raise its max_connections, or run fewer servers "
          + "(\(words))", detail: detail)
    }
    return DatabaseError(
      .unreachable, "the database server cannot be reached: \(words)", detail: detail)
  }

  static var tooLate: DatabaseError { DatabaseError(unreachable: "no answer in time") }

  // MARK: Facts

  /// Whether it can still be used.
  var isAlive: Bool { !isBroken && holdfast_pg_is_alive(handle) }
  var isInTransaction: Bool { isAlive && holdfast_pg_is_in_transaction(handle) }
  /// Whether the transaction has failed and takes nothing but its end.
  var hasFailed: Bool { !isAlive || holdfast_pg_has_failed(handle) }
  var serverVersion: Int { Int(holdfast_pg_server_version(handle)) }

  /// Makes sure that nobody uses it any more.
  func giveUp() { isBroken = true }

  /// Gives the connection to a function of libpq.
  func withHandle<R>(_ body: (OpaquePointer) -> R) -> R { body(handle) }

  // MARK: Statements

  let dialect = Dialect.postgresql

  func query(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    try answer(to: sql, values).each { row in
      hasGivenRows = true
      try body(row)
    }
  }

  /// Puts a statement into the pipeline; its error shows with the next answer that is waited for.
  ///
  /// - Parameter isAsking: Whether its answer says more than that it was done.
  /// - Returns: Whether it leaves the database as it is.
  @discardableResult
  func send(_ sql: SQL, _ values: [SQLValue], isAsking: Bool = true) throws -> Bool {
    if expectedBytes >= Self.pipelineBytesMax || expected.count >= Self.pipelineMax {
      try settle()
    }
    statementsSent += 1
    let statement = try prepared(sql)
    let isSent = Self.withBound(values) {
      holdfast_pg_run_prepared(handle, statement.name, $0, $1, $2, $3)
    }
    try sent(isSent, isAsking ? .answer : .done)
    let bytes = values.reduce(Self.statementBytes) { $0 + $1.byteCount }
    expectedBytes += bytes
    bytesToPush += bytes
    if bytesToPush >= Self.pushBytes {
      bytesToPush = 0
      // What could not be sent at once goes with the rest.
      guard holdfast_pg_push(handle) else { throw lost() }
    }
    return statement.isReadOnly
  }

  /// Ends the transaction; what comes of it shows with the next answer.
  func sendCommit() throws {
    try replanWhenDue()
    try send(Self.commit, [], isAsking: false)
  }

  /// Has the server plan its statements anew from time to time.
  ///
  /// A prepared statement keeps its plan until the table is analyzed, a minute later or more, and one
  /// that was made while the table was empty may take an index by which it then reads all of a table that
  /// grows. Inside of a transaction, so that nothing can fail behind the commit.
  func replanWhenDue() throws {
    guard statementsSent >= statementsToReplan else { return }
    statementsToReplan = statementsSent + min(statementsSent, Self.replanMax)
    try send(text: "DISCARD PLANS")
  }

  /// Puts a statement into the pipeline that is not worth preparing.
  ///
  /// - Parameter isAsking: Whether its answer says more than that it was done.
  func send(text: String, _ values: [SQLValue] = [], isAsking: Bool = false) throws {
    guard !isBroken else { throw lost() }
    let isSent = Self.withBound(values) { holdfast_pg_run(handle, text, $0, $1, $2, $3) }
    try sent(isSent, isAsking ? .answer : .done)
  }

  /// Runs a statement and waits for its rows.
  func answer(to sql: SQL, _ values: [SQLValue]) throws -> PostgreSQLResult {
    try send(sql, values)
    return try receive()
  }

  /// Waits for everything that was sent.
  ///
  /// - Throws: The first error among it.
  func settle() throws {
    guard !expected.isEmpty else { return }
    try receive { _ in }
  }

  private func prepared(_ sql: SQL) throws -> Statement {
    guard !isBroken else { throw lost() }
    if let statement = statements[sql] { return statement }
    if statements.count >= Self.statementsMax {
      let isSent = holdfast_pg_run(handle, "DEALLOCATE ALL", 0, nil, nil, nil)
      try sent(isSent, .forgotten(statements))
      statements = [:]
    }
    statementsMade += 1
    let text = Self.numbered(sql.text, "$")
    let statement = Statement(
      name: "s\(statementsMade)", isReadOnly: text.hasPrefix("SELECT") || text.hasPrefix("WITH"))
    try sent(holdfast_pg_prepare(handle, statement.name, text), .prepared(sql))
    statements[sql] = statement
    return statement
  }

  /// The text with another mark in place of the `?` of each `?1`, outside of quotes.
  static func numbered(_ text: String, _ mark: String) -> String {
    var bytes: [UInt8] = []
    var isQuoted = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "'") { isQuoted.toggle() }
      if byte == UInt8(ascii: "?"), !isQuoted { bytes += mark.utf8 } else { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Numbers go as text, so that the server reads them as wide as the place they are for; the rest goes
  /// as it is.
  private static func withBound<R>(
    _ values: [SQLValue],
    _ body: (
      Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> R
  ) -> R {
    guard !values.isEmpty else { return body(0, nil, nil, nil) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.reduce(0) { $0 + max($1.byteCount, 20) + 1 })
    var places: [Int?] = []
    var lengths: [Int32] = []
    var formats: [Int32] = []
    for value in values {
      let place = bytes.count
      var format: Int32 = 1
      switch value {
      case .null: break
      case .int(let number):
        bytes += String(number).utf8
        format = 0
      case .text(let text): bytes += text.utf8
      case .bytes(let content): bytes += content
      }
      places.append(value == .null ? nil : place)
      lengths.append(Int32(clamping: bytes.count - place))
      formats.append(format)
      bytes.append(0)
    }
    return bytes.withUnsafeBytes { buffer in
      let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
      let pointers = places.map { place in place.flatMap { place in start.map { $0 + place } } }
      return body(Int32(values.count), pointers, lengths, formats)
    }
  }

  // MARK: Answers

  private func sent(_ isSent: Bool, _ answer: Expected) throws {
    guard isSent else { throw lost() }
    expected.append(answer)
  }

  private func lost() -> DatabaseError {
    isBroken = isBroken || !holdfast_pg_is_alive(handle)
    guard isBroken else {
      return DatabaseError(
        .misuse, "the database refused a statement",
        detail: String(cString: holdfast_pg_message(handle)))
    }
    return DatabaseError(unreachable: String(cString: holdfast_pg_message(handle)))
  }

  /// Sends what waits to be sent.
  func flush() throws {
    guard !isBroken, holdfast_pg_sync(handle) else { throw lost() }
    expected.append(.sync)
    expectedBytes = 0
    bytesToPush = 0
  }

  /// Sends what waits to be sent, and takes all answers.
  ///
  /// - Returns: The last answer before the end.
  /// - Throws: The first error.
  func receive() throws -> PostgreSQLResult {
    var last: PostgreSQLResult?
    try receive { last = $0 }
    guard let last else {
      throw DatabaseError(.misuse, "there is no answer where one was waited for")
    }
    return last
  }

  /// Sends what waits to be sent, and hands over the answers one after the other.
  ///
  /// - Throws: The first error, when all have come.
  func receive(_ each: (PostgreSQLResult) -> Void) throws {
    try flush()
    var failure: DatabaseError?
    for answer in expected {
      let result = try take()
      switch (holdfast_pg_result_kind(result.pointer), answer) {
      case (HOLDFAST_PG_ERROR, _):
        let error = DatabaseError(
          postgresql: String(cString: holdfast_pg_state(result.pointer)),
          String(cString: holdfast_pg_error(result.pointer)))
        failure = failure ?? (isAlive ? error : DatabaseError(unreachable: error.detail))
        undo(answer)
      case (HOLDFAST_PG_SKIPPED, _): undo(answer)
      case (_, .answer): each(result)
      default: break
      }
    }
    expected.removeAll(keepingCapacity: true)
    if let failure { throw failure }
  }

  /// Takes back what is not so, because the server did not do it.
  private func undo(_ answer: Expected) {
    switch answer {
    case .prepared(let sql): statements[sql] = nil
    case .forgotten(let kept): statements.merge(kept) { newer, _ in newer }
    default: break
    }
  }

  /// The next answer.
  private func take() throws -> PostgreSQLResult {
    // Each answer is followed by an empty one, but for the last one of a pipeline.
    for _ in 0..<3 {
      switch holdfast_pg_await(handle, waitMilliseconds) {
      case 1: break
      case 0:
        isBroken = true
        throw Self.tooLate
      default:
        isBroken = true
        throw lost()
      }
      if let result = holdfast_pg_take(handle) { return PostgreSQLResult(result) }
    }
    isBroken = true
    throw lost()
  }

  // MARK: Time

  /// How long the next answer is waited for.
  private var waitMilliseconds: Int32 {
    guard deadline != .max else { return answerMilliseconds }
    let now = monotonicNanoseconds()
    return min(answerMilliseconds, Int32(clamping: (max(deadline, now) - now) / 1_000_000))
  }

  var now: Int64 { clock.now }

  static let readLease: SQL = "SELECT lease_time, lease_wall FROM writer WHERE id = 1"

  var leaseTime: Int64 {
    get throws {
      let stored = try first(Self.readLease, []) { LeaseClock(time: $0.int(0), wall: $0.int(1)) }
      return stored?.advanced(to: now).time ?? 0
    }
  }

  var stepIsOver: Bool { false }
}
