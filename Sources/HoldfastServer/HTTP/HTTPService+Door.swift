internal import CMicroHTTPD
internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

extension HTTPService {
  /// Hands a request to another door, and sets the connection aside until it has answered.
  func run(
    _ door: any ServerDoor, _ exchange: Exchange, _ connection: OpaquePointer
  ) throws -> Bool {
    if sent.isExhausted { throw Self.tooManyAnswers }
    if let origin = exchange.headers.origin, !(exchange.connection?.isUnix ?? false) {
      try safety.check(
        origin: String(cString: origin), host: exchange.headers.host.map { String(cString: $0) })
    }
    let query = try RequestTarget(exchange.target).query().map { ($0.name, $0.value) }
    let taken = try takeMemory(forValuesOf: exchange)
    let isOwners = exchange.connection?.isUnix ?? false
    let response = DoorResponse(self, exchange) { [received] in received.giveBack(taken) }
    let request = DoorRequest(
      query: query,
      headers: Self.headers(of: connection), body: exchange.body,
      runner: DoorRunner(
        service: self, isOwners: isOwners,
        isConnected: { [weak response] in
          response?.isWanted ?? false
        }))
    exchange.response = response
    exchange.body = []
    exchange.stage = .suspended
    response.suspend(connection)
    doors.opened(response)
    door.answer(request, response)
    return true
  }

  /// All headers of a request, their names in lower case.
  private static func headers(of connection: OpaquePointer) -> [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    withUnsafeMutablePointer(to: &found) {
      _ = MHD_get_connection_values_n(connection, .HEADER_KIND, collectHeader, $0)
    }
    return found
  }
}

private func collectHeader(
  _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
  guard let context, let name else { return .YES }
  func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(
      decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self
    )
  }
  context.assumingMemoryBound(to: [(name: String, value: String)].self).pointee.append(
    (text(name, nameSize).lowercased(), text(value, valueSize)))
  return .YES
}

/// Runs operations for the client of a request to another door, with the same checks as routes have.
struct DoorRunner: Sendable {
  let service: HTTPService
  /// Whether the client is the store's owner.
  let isOwners: Bool
  let isConnected: @Sendable () -> Bool

  func run(
    _ operation: String, _ fields: JSONObject, agent: String?,
    _ completion: @escaping @Sendable (Result<Reply, any Error>) -> Void
  ) {
    do {
      switch try prepare(operation, fields, agent) {
      case .write(let write):
        write(WriteRequest(caller: Caller(isConnected: isConnected)), completion)
      case .read(let read):
        if read.isHeavy || service.store.database.queuesReads, let submit = read.submit {
          return submit(completion)
        }
        var out = ObjectWriter(shape: .native)
        let info = try read(&out)
        let bytes = out.bytes
        completion(
          .success(
            .recorded(RecordedAnswer(status: 200, revision: info.revision, body: bytes))))
      }
    } catch {
      completion(.failure(error))
    }
  }

  private func prepare(
    _ operation: String, _ fields: JSONObject, _ agent: String?
  ) throws -> PreparedRun {
    guard let entry = OperationCatalog.named(operation) else {
      throw HoldfastError(.notFound, "there is no operation \(operation)")
    }
    let members = fields.members.map { ($0.key, $0.value) }
    var texts: [(String, JSON)] = []
    if !isOwners { try service.registered?.hold(members, &texts, of: entry) }
    if let agent { service.store.hear(try AgentID(agent)) }
    var request = Fields(members, texts: texts)
    let project = fields["project"]?.stringValue ?? ""
    request.projectFolder = service.folders[ProjectName(stored: project)].map {
      KnownFolder(path: $0, isOwners: isOwners)
    }
    return try entry.prepare(service.store, &request)
  }
}
