public import HoldfastJSON

/// A refusal or failure that a caller can act on.
///
/// `message` is one sentence that says what is wrong and, where there is something to do, what to do
/// next. It is safe to show to any client: it never holds SQL, paths of the machine or secrets.
public struct HoldfastError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure this is, for programs.
  public var code: Code
  /// The sentence for people.
  public var message: String
  /// Fields beside `error` and `code` in the answer that help to act on it, such as `holder`.
  public var details: [Detail]

  /// One more field of the answer.
  public struct Detail: Sendable {
    public let name: String
    public let value: JSON
  }

  public init(_ code: Code, _ message: String, details: [(String, JSON)] = []) {
    self.code = code
    self.message = message
    self.details = details.map { Detail(name: $0.0, value: $0.1) }
  }

  public var description: String { message }

  /// The details as an object.
  public var detailObject: JSONObject { JSONObject(details.map { ($0.name, $0.value) }) }
}

extension HoldfastError {
  /// The kind of a failure: its wire name, its HTTP status and the exit code of a command.
  public struct Code: Hashable, Sendable {
    /// The wire name, in snake case.
    public let name: String
    /// The status of an HTTP answer.
    public let httpStatus: Int
    /// The exit code of a command.
    public let exitCode: Int32

    private init(_ name: String, _ httpStatus: Int, _ exitCode: Int32) {
      self.name = name
      self.httpStatus = httpStatus
      self.exitCode = exitCode
    }

    // The one table of codes. Exit codes: 1 error, 2 usage, 3 not found, 4 conflict,
    // 5 cannot reach the store, 6 not allowed.
    public static let invalidRequest = Code("invalid_request", 400, 2)
    public static let invalidField = Code("invalid_field", 400, 2)
    public static let unknownField = Code("unknown_field", 400, 2)
    public static let notAllowed = Code("not_allowed", 403, 6)
    public static let notFound = Code("not_found", 404, 3)
    public static let taskNotFound = Code("task_not_found", 404, 3)
    public static let methodNotAllowed = Code("method_not_allowed", 405, 2)
    public static let requestTimeout = Code("request_timeout", 408, 5)
    public static let conflict = Code("conflict", 409, 4)
    public static let alreadyExists = Code("already_exists", 409, 4)
    public static let invalidTransition = Code("invalid_transition", 409, 4)
    public static let claimLost = Code("claim_lost", 409, 4)
    public static let revisionMismatch = Code("revision_mismatch", 412, 4)
    public static let tooLarge = Code("too_large", 413, 2)
    public static let misdirected = Code("misdirected_request", 421, 6)
    public static let headerTooLarge = Code("header_too_large", 431, 2)
    public static let idempotencyMismatch = Code("idempotency_mismatch", 422, 4)
    public static let internalError = Code("internal_error", 500, 1)
    public static let readTooLong = Code("read_too_long", 500, 1)
    public static let notAvailable = Code("not_available", 501, 1)
    public static let unavailable = Code("unavailable", 503, 5)
    public static let overloaded = Code("overloaded", 503, 5)
    public static let commitUnknown = Code("commit_unknown", 503, 5)
    public static let readOnly = Code("read_only", 503, 1)
    public static let storageFull = Code("storage_full", 507, 1)
    public static let unreachable = Code("unreachable", 502, 5)
    public static let usage = Code("usage", 400, 2)
    public static let corrupt = Code("corrupt_store", 500, 1)
    public static let repositoryNotRegistered = Code("repo_not_registered", 503, 3)
    public static let configNotFound = Code("config_not_found", 404, 3)

    public static func == (a: Code, b: Code) -> Bool { a.name == b.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    private static let all: [Code] = [
      invalidRequest, invalidField, unknownField, notAllowed, notFound, taskNotFound,
      methodNotAllowed, requestTimeout, conflict, alreadyExists, invalidTransition, claimLost,
      revisionMismatch, tooLarge, misdirected, idempotencyMismatch, internalError, readTooLong,
      notAvailable,
      unavailable, overloaded, commitUnknown, readOnly, storageFull, unreachable, usage, corrupt,
      repositoryNotRegistered, configNotFound,
    ]

    /// The code of that wire name.
    public init?(named name: String) {
      guard let code = Self.all.first(where: { $0.name == name }) else { return nil }
      self = code
    }

    /// The most general code of an HTTP status, which is the first of the table, for servers that send
    /// no code.
    public init(status: Int) {
      self = Self.all.first { $0.httpStatus == status } ?? .internalError
    }
  }
}
