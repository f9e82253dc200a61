public import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// Runs operations on a Holdfast server: `POST /v1/operations/{name}`.
///
/// The connection is opened by the first operation. A server that does not know that route is one of
/// the task-store contract; operations are said in the contract's words there.
public final class RemoteRunner: OperationRunner {
  private let endpoint: HTTPEndpoint
  private var connection: (any HTTPConnection)?
  private let keys: IdempotencyKeys
  /// The store that is meant, where more than one server may answer.
  private let storePath: String?
  /// Whether the server has shown that it knows the contract's routes only.
  private var isForeign = false
  /// How long a request may take, in seconds; ours add the time that they wait for something, and
  /// that of a large body.
  private let secondsMax: Int
  /// The slowest pace, in bytes a second, at which a body is sent.
  private static let bytesPerSecondMin = 1024 * 1024

  /// A server at a URL such as `http://host:7433`, which has the contract's 5 s for a request.
  public convenience init(url: String) {
    self.init(to: .url(url), keys: IdempotencyKeys(), secondsMax: 5)
  }

  init(
    to endpoint: HTTPEndpoint, keys: IdempotencyKeys, secondsMax: Int, storePath: String? = nil
  ) {
    self.endpoint = endpoint
    self.keys = keys
    self.secondsMax = secondsMax
    self.storePath = storePath
  }

  public func run(_ call: OperationCall) throws -> JSON? {
    if isForeign { return try runForeign(call) }
    do {
      return try runOurs(call)
    } catch is ForeignServer {
      isForeign = true
      return try runForeign(call)
    }
  }

  /// The server does not know our operations.
  private struct ForeignServer: Error {}

  private func runOurs(_ call: OperationCall) throws -> JSON? {
    let key = keys.next(for: call)
    // One more try with the same key: a kept connection may have been closed under us.
    do {
      return try run(call, idempotencyKey: key)
    } catch let error as HTTPTransportError
      where !error.isTimeout && (key != nil || error.isBeforeSending)
    {
      return try translated(isWrite: key != nil) { try run(call, idempotencyKey: key) }
    } catch let error as HTTPTransportError {
      throw unreachable(error, isWrite: key != nil)
    }
  }

  private func translated<R>(isWrite: Bool, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as HTTPTransportError {
      throw unreachable(error, isWrite: isWrite)
    }
  }

  private func unreachable(
    _ error: HTTPTransportError, isWrite: Bool
  ) -> HoldfastError {
    let what =
      isWrite && !error.isBeforeSending
      ? "; what was asked may be done already: look before you repeat it"
      : "; look whether a server runs there"
    return HoldfastError(
      .unreachable, "task store unreachable: \(endpoint.name): \(error.message)\(what)")
  }

  /// Sends the call once.
  ///
  /// - Parameter seconds: How long it may take; as long as its kind of request may when left out.
  func run(_ call: OperationCall, idempotencyKey: String?, seconds: Int? = nil) throws -> JSON? {
    let connection = try connection ?? endpoint.connection()
    self.connection = connection
    var headers = [("Content-Type", "application/json")]
    if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
    if let agent = call.agent, agent.text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
      headers.append(("X-Agent-ID", agent.text))
    }
    if let storePath { headers.append(("Holdfast-Store", PercentEncoding.text(storePath.utf8))) }
    if storePath != nil, let folder = call.projectFolder {
      headers.append(("Holdfast-Folder", PercentEncoding.text(folder.utf8)))
    }
    let body = Self.body(of: call)
    let waits = Int(clamping: (call.fields["wait_ms"]?.int64Value ?? 0) / 1000)
    let answer = try connection.send(
      "POST", Self.path(of: call), body: body, headers: headers,
      seconds: seconds ?? secondsMax + waits + body.count / Self.bytesPerSecondMin)
    if answer.status == 204 { return nil }
    let value = try? JSONReader.read(answer.body)
    if [404, 405].contains(answer.status), value?["code"] == nil {
      throw ForeignServer()
    }
    guard (200..<300).contains(answer.status), let value else {
      throw Self.error(status: answer.status, body: value)
    }
    return value
  }

  /// Runs an operation as a request of the contract: once, without a key that nobody knows there.
  private func runForeign(_ call: OperationCall) throws -> JSON? {
    let translation = try ContractTranslation(call)
    let answer = try sendForeign(translation)
    if answer.status == 204, case .signal = translation.route.answer { return nil }
    if let native = try translation.native(answer.body) { return native }
    let task = call.fields["new_filename"] ?? call.fields["task"] ?? call.fields["filename"] ?? ""
    let reading = OperationCall(
      "task_get", [("project", call.fields["project"] ?? ""), ("task", task)])
    let asking = try ContractTranslation(reading)
    return try asking.native(try sendForeign(asking).body) ?? [:]
  }

  private func sendForeign(_ translation: ContractTranslation) throws -> HTTPAnswer {
    let connection = try connection ?? endpoint.connection()
    self.connection = connection
    let isWrite = translation.route.method != "GET"
    let answer = try translated(isWrite: isWrite) {
      try connection.send(
        translation.route.method, translation.path, body: translation.body(),
        headers: [("Content-Type", "application/json")], seconds: secondsMax)
    }
    guard (200..<300).contains(answer.status) else {
      throw Self.contractError(answer)
    }
    return answer
  }

  private static func contractError(_ answer: HTTPAnswer) -> HoldfastError {
    let value = try? JSONReader.read(answer.body)
    let code = HoldfastError.Code(status: answer.status)
    guard let sentence = value?["error"]?.stringValue, !sentence.isEmpty else {
      return HoldfastError(
        code, "task store: the server gave no reason (status \(answer.status))")
    }
    if answer.status == 404 { return HoldfastError(.notFound, sentence) }
    return HoldfastError(code, "task store: \(sentence) (status \(answer.status))")
  }

  static func path(of call: OperationCall) -> String { "/v1/operations/\(call.name)" }

  static func body(of call: OperationCall) -> [UInt8] {
    var fields = call.fields
    if let attachment = call.attachment {
      fields.set(attachment.field, BytesValue(attachment.bytes).shortJSON)
    }
    return JSON.object(fields).rendered()
  }

  /// The error that the server answered with, as if it had been thrown here.
  private static func error(status: Int, body: JSON?) -> HoldfastError {
    guard let object = body?.objectValue, let sentence = object["error"]?.stringValue else {
      return HoldfastError(
        .unreachable, "task store: the answer is not of a task store (status \(status))")
    }
    let code =
      object["code"]?.stringValue.flatMap(HoldfastError.Code.init(rawValue:))
      ?? HoldfastError.Code(status: status)
    let details = object.members.filter { $0.key != "error" && $0.key != "code" }
    return HoldfastError(code, sentence, details: details.map { ($0.key, $0.value) })
  }
}

/// The idempotency keys of one invocation: `key/n` for its n-th mutation, the same on every retry
/// and on every path.
public final class IdempotencyKeys {
  private let base: String
  private var count = 0

  public init() {
    var generator = SystemRandomNumberGenerator()
    base =
      String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
  }

  /// The key for the next call; nil for an operation that only reads, and for work on the whole
  /// store, which is in no catalog.
  func next(for call: OperationCall) -> String? {
    guard OperationCatalog.named(call.name)?.isMutation == true else { return nil }
    if let key = call.idempotencyKey { return key }
    count += 1
    return "\(base)/\(count)"
  }
}
