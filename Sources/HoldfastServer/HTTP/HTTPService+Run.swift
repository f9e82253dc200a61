internal import CMicroHTTPD
internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

extension HTTPService {
  /// Runs a route's operation; a write suspends the connection until it is on disk, and so does a read
  /// whose answer comes from afar or takes its time.
  func run(
    _ route: OperationRoute, _ match: RouteMatch, _ exchange: Exchange,
    _ connection: OpaquePointer
  ) throws -> Bool {
    let registered = exchange.connection?.isUnix ?? false ? nil : self.registered
    let (run, project) = try prepare(route, match, exchange, registered)
    switch run {
    case .read(let read):
      if read.isHeavy || store.database.queuesReads, let submit = read.submit {
        if sent.isExhausted { throw Self.tooManyAnswers }
        suspend(exchange, connection, during: submit)
        return true
      }
      return send(try route.answer(to: exchange.target, reading: read), exchange, connection)
    case .write(let write):
      if sent.isExhausted { throw Self.tooManyAnswers }
      let request = try writeRequest(route, project: project, exchange)
      suspend(exchange, connection, during: { write(request, $0) })
      return true
    }
  }

  /// Sets the connection aside until `work` has called its completion.
  func suspend(
    _ exchange: Exchange, _ connection: OpaquePointer,
    during work: (@escaping @Sendable (Result<Reply, any Error>) -> Void) -> Void
  ) {
    suspend(
      exchange, connection,
      until: { resume in
        work { result in
          exchange.finished = result
          resume()
        }
      })
  }

  /// Sets the connection aside until `work` has called what it gets, once.
  func suspend(
    _ exchange: Exchange, _ connection: OpaquePointer,
    until work: (_ resume: @escaping @Sendable () -> Void) -> Void
  ) {
    exchange.body = []
    exchange.stage = .suspended
    MHD_suspend_connection(connection)
    nonisolated(unsafe) let suspended = connection  // Resumed exactly once, below.
    work { MHD_resume_connection(suspended) }
  }

  /// Reads the request; gives what it will run, and the project it is about.
  private func prepare(
    _ route: OperationRoute, _ match: RouteMatch, _ exchange: Exchange,
    _ registered: RegisteredProjects?
  ) throws -> (PreparedRun, project: String) {
    // A path that names another project is refused before its body is looked at.
    if let registered, let project = match.parameters.first(where: { $0.name == "project" }) {
      try registered.check(project.value, of: route.entry)
    }
    let bytes = try takeMemory(forValuesOf: exchange, route)
    defer { received.giveBack(bytes) }
    do throws(HoldfastError) {
      let input = OperationRequest(route: route, match: match, exchange: exchange)
      var (fields, project) = try input.fields(heldTo: registered)
      fields.projectFolder = folder(of: project, exchange)
      try hear(exchange)
      return (try prepare(route, &fields), project)
    } catch {
      try checkPrecondition(of: route, match)
      throw error
    }
  }

  /// Notes the agent that a header names as the one who makes the call.
  private func hear(_ exchange: Exchange) throws(HoldfastError) {
    guard let header = exchange.headers.agent else { return }
    do throws(HoldfastError) {
      store.hear(try AgentID(String(cString: header)))
    } catch {
      throw HoldfastError(.invalidRequest, "X-Agent-ID: \(error.message)")
    }
  }

  /// The folder of a project: as its owner says through the unix socket, which nobody else can open, or as
  /// the server was told when it was started.
  private func folder(of project: String, _ exchange: Exchange) -> KnownFolder? {
    if exchange.connection?.isUnix ?? false, let said = exchange.headers.folder,
      let bytes = PercentEncoding.bytes(String(cString: said).utf8)
    {
      return String(validating: bytes, as: UTF8.self).map { KnownFolder(path: $0, isOwners: true) }
    }
    guard !folders.isEmpty, let path = folders[ProjectName(stored: project)] else { return nil }
    return KnownFolder(path: path, isOwners: exchange.connection?.isUnix ?? false)
  }

  /// Takes what the values of a large JSON body need of the memory of bodies, beside their text.
  ///
  /// A body of zeros and commas grows more than tenfold when it is read.
  private func takeMemory(
    forValuesOf exchange: Exchange, _ route: OperationRoute
  ) throws(HoldfastError) -> Int {
    if case .raw = route.body { return 0 }
    return try takeMemory(forValuesOf: exchange)
  }

  /// The same for a body that is JSON for certain.
  func takeMemory(forValuesOf exchange: Exchange) throws(HoldfastError) -> Int {
    guard exchange.body.count > Limits.smallBytesMax else { return 0 }
    let count = JSONReader.valueCountMax(of: exchange.body)
    guard count <= Limits.jsonValuesMax else {
      throw HoldfastError(
        .tooLarge, "the body must have at most \(Limits.jsonValuesMax) values",
        details: [("limit", .number(JSONNumber(Int64(Limits.jsonValuesMax))))])
    }
    let bytes = count * Limits.bytesPerValue
    guard received.take(bytes) else { throw Self.tooManyBodies }
    return bytes
  }

  /// Runs the query that comes first where the contract says so, once there is something to refuse.
  private func checkPrecondition(of route: OperationRoute, _ match: RouteMatch) throws {
    guard let precondition = route.precondition else { return }
    var fields = Fields(match.parameters.map { ($0.name, .string($0.value)) })
    guard case .read(let read) = try precondition.prepare(store, &fields) else { return }
    var out = ObjectWriter(shape: route.shape)
    _ = try read(&out)
  }

  private func prepare(
    _ route: OperationRoute, _ fields: inout Fields
  ) throws(HoldfastError) -> PreparedRun {
    do {
      return try route.entry.prepare(store, &fields)
    } catch {
      // The contract names what is wrong with a body in these words.
      let isOfField = error.details.contains { $0.name == "field" }
      if case .none = route.body { throw error }
      guard route.shape == .contract, isOfField, error.code == .invalidField else { throw error }
      var error = error
      error.message = "invalid request body: \(error.message)"
      throw error
    }
  }

  private func writeRequest(
    _ route: OperationRoute, project: String, _ exchange: Exchange
  ) throws(HoldfastError) -> WriteRequest {
    let key = try Self.idempotencyKey(exchange.headers.idempotency_key)
    let socket = exchange.connection?.socket ?? -1
    let caller = Caller(
      expectedRevision: Self.expectedRevision(exchange.headers.if_match),
      isConnected: { ConnectionRegistry.isOpen(socket) })
    guard let key else { return WriteRequest(caller: caller) }
    let ifMatch = exchange.headers.if_match.map { String(cString: $0) } ?? ""
    return WriteRequest(
      caller: caller,
      idempotency: IdempotentRequest(
        key: key, actor: caller.actor, project: project, method: exchange.method.rawValue,
        target: exchange.target, body: exchange.body, ifMatch: ifMatch, shape: route.shape,
        render: { info, write in
          let answer = route.answer(info: info, write: write)
          return RecordedAnswer(
            status: answer.status, revision: info?.revision, body: answer.body)
        }))
  }

  private static func idempotencyKey(_ header: UnsafePointer<CChar>?) throws(HoldfastError)
    -> String?
  {
    guard let header else { return nil }
    let key = String(cString: header)
    guard (1...Limits.idempotencyKeyBytesMax).contains(key.utf8.count) else {
      throw HoldfastError(
        .invalidRequest,
        "Idempotency-Key must have 1 to \(Limits.idempotencyKeyBytesMax) characters")
    }
    return key
  }

  /// What `If-Match` names; whether the task has it is told once the task is there.
  private static func expectedRevision(_ header: UnsafePointer<CChar>?) -> String? {
    guard let header else { return nil }
    let text = String(cString: header)
    if text == "*" { return nil }
    let isQuoted = text.utf8.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
    return isQuoted ? String(text.dropFirst().dropLast()) : text
  }

  /// The answer to a write that has ended.
  func answer(to exchange: Exchange, ended result: Result<Reply, any Error>) -> HTTPAnswer {
    do {
      let reply = try result.get()
      guard case .operation(let route)? = exchange.match?.route.target else {
        // Work that spans the store has rendered its report.
        guard case .recorded(let report) = reply else { return .empty(500) }
        return HTTPAnswer(status: report.status, contentType: .json, body: try report.body())
      }
      switch reply {
      case .answer(let info, let write):
        return route.answer(info: info, write: write)
          .linking(to: info.nextCursor, of: exchange.target)
      case .nothing: return .empty(204)
      case .recorded(let recorded): return try route.answer(recorded)
      }
    } catch {
      return refusal(error, exchange)
    }
  }

  /// An error in the words of its route; one that is not meant for clients goes to the log.
  func refusal(_ error: any Error, _ exchange: Exchange) -> HTTPAnswer {
    guard let known = error as? HoldfastError else {
      log.failure(error, exchange)
      return .failure(error)
    }
    guard case .operation(let route)? = exchange.match?.route.target else { return .refusal(known) }
    if route.conflictIsBare, known.code == .conflict {
      return .json(.object(known.detailObject), status: known.code.httpStatus)
    }
    return .refusal(route.notFound.worded(known))
  }
}
