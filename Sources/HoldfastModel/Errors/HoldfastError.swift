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
  public enum Code: String, Sendable, CaseIterable {
    case invalidRequest = "invalid_request"
    case invalidField = "invalid_field"
    case unknownField = "unknown_field"
    /// A status that the task graph's clients do not have.
    case invalidState = "invalid_state"
    case notAllowed = "not_allowed"
    case notFound = "not_found"
    case taskNotFound = "task_not_found"
    case methodNotAllowed = "method_not_allowed"
    case conflict
    case alreadyExists = "already_exists"
    case invalidTransition = "invalid_transition"
    case claimLost = "claim_lost"
    case alreadyClaimed = "already_claimed"
    case claimLimit = "claim_limit"
    case dependencyNotSatisfied = "dependency_not_satisfied"
    case dependencyCycle = "dependency_cycle"
    case childrenOpen = "children_open"
    case hasChildren = "has_children"
    case notOwner = "not_owner"
    case tagMismatch = "tag_mismatch"
    case revisionMismatch = "revision_mismatch"
    case tooLarge = "too_large"
    case misdirected = "misdirected_request"
    case headerTooLarge = "header_too_large"
    case idempotencyMismatch = "idempotency_mismatch"
    case internalError = "internal_error"
    case readTooLong = "read_too_long"
    case notAvailable = "not_available"
    case unavailable
    /// The server is on its way out: another one, or the caller itself, has the store in a moment.
    case stopping
    case overloaded
    case commitUnknown = "commit_unknown"
    case readOnly = "read_only"
    case storageFull = "storage_full"
    case unreachable
    case usage
    case corrupt = "corrupt_store"
    case repositoryNotRegistered = "repo_not_registered"
    case configNotFound = "config_not_found"
    case agentNotFound = "agent_not_found"
    case lockConflict = "lock_conflict"
    case fileNotFound = "file_not_found"
    case attachmentNotFound = "attachment_not_found"
    case invalidPath = "invalid_path"
    /// A reader's position is older than what is kept: it starts over from the present state.
    case reset

    // The one table of codes. Exit codes: 1 error, 2 usage, 3 not found, 4 conflict,
    // 5 cannot reach the store, 6 not allowed.
    private var row: (httpStatus: Int, exitCode: Int32) {
      switch self {
      case .invalidRequest, .invalidField, .invalidState, .unknownField, .invalidPath, .usage:
        (400, 2)
      case .notAllowed, .notOwner, .tagMismatch: (403, 6)
      case .notFound, .taskNotFound, .configNotFound, .agentNotFound, .fileNotFound,
        .attachmentNotFound:
        (404, 3)
      case .methodNotAllowed: (405, 2)
      case .conflict, .alreadyExists, .invalidTransition, .claimLost, .alreadyClaimed, .claimLimit,
        .dependencyNotSatisfied, .dependencyCycle, .childrenOpen, .hasChildren, .lockConflict:
        (409, 4)
      case .reset: (410, 4)
      case .revisionMismatch: (412, 4)
      case .tooLarge: (413, 2)
      case .misdirected: (421, 6)
      case .idempotencyMismatch: (422, 4)
      case .headerTooLarge: (431, 2)
      case .internalError, .readTooLong, .corrupt: (500, 1)
      case .notAvailable: (501, 1)
      case .unreachable: (502, 5)
      case .unavailable, .stopping, .overloaded, .commitUnknown: (503, 5)
      case .readOnly: (503, 1)
      case .repositoryNotRegistered: (503, 3)
      case .storageFull: (507, 1)
      }
    }

    /// The wire name, in snake case.
    public var name: String { rawValue }
    /// The status of an HTTP answer.
    public var httpStatus: Int { row.httpStatus }
    /// The exit code of a command.
    public var exitCode: Int32 { row.exitCode }

    /// The most general code of an HTTP status, which is the first of the table, for servers that send
    /// no code.
    public init(status: Int) {
      self = Self.allCases.first { $0.httpStatus == status } ?? .internalError
    }
  }
}
