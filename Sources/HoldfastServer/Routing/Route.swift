internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// One method on one path, and what it runs.
struct Route: Sendable {
  let method: Method
  /// The path with its parameters in braces: `/v1/projects/{project}/tasks/{task}`.
  let path: String
  let target: Target

  /// What a route runs.
  enum Target: Sendable {
    case operation(OperationRoute)
    /// Something that is no operation: health, metrics, the description of the interface.
    case page(Page)
    /// Work that spans the store, for commands on this machine.
    case storeWork(StoreOperationEntry)
    /// Another door.
    case door(any ServerDoor)
  }

  /// The pages of the server itself.
  enum Page: Sendable {
    case ping
    case health
    case metrics
    case openAPI
    /// The list of all operations.
    case operations
    /// The answer for a name that no operation has.
    case unknownOperation
  }
}

/// How a route translates a request into an operation, and its answer back.
struct OperationRoute: Sendable {
  let entry: OperationEntry
  var body = BodyStyle.none
  var reply = ReplyStyle()
  /// Fields that the route itself fixes.
  var fixed: [(String, JSON)] = []
  /// How a task that is not there is named.
  var notFound = NotFoundStyle.task
  /// Whether a conflict is told by the error's details alone, without sentence and code.
  var conflictIsBare = false
  /// Whose wire rules hold: lenient keys and the contract's shape, or the strict native ones.
  var shape = ObjectWriter.Shape.contract
  /// Whether a member of the body that no field reads is refused, on a route that no existing client
  /// of the contract knows.
  var isStrict = false
  /// A query on the path's parameters whose refusal comes before that of a bad body.
  var precondition: OperationEntry?
  /// The largest body, in bytes.
  var bodyBytesMax = Limits.jsonBytesMax

  /// Whether the contract's lenient rules on bodies hold.
  var isLenient: Bool { shape == .contract && !isStrict }

  /// What the body of a request is.
  enum BodyStyle: Sendable {
    case none
    /// An object whose members are fields.
    case object
    /// An object that may be left out.
    case optionalObject
    /// Any value, as the field of that name.
    case field(String)
    /// The bytes of a field, as they are.
    case raw(String)
  }

  /// What an answer's body is.
  struct ReplyStyle: Sendable {
    var status = 200
    var content = Content.answer

    /// What of the operation's answer is sent.
    enum Content: Sendable {
      case answer
      case empty
      /// The answer's raw bytes under that media type.
      case raw(HTTPAnswer.ContentType)
    }
  }

  /// The wordings of the contract for a task that is not there.
  enum NotFoundStyle: Sendable {
    /// `task not found: <filename>`
    case task
    /// `plan not found: <project>/<filename>`
    case plan
    /// `plan not found`
    case planAlone

    /// The error in this route's words.
    func worded(_ error: HoldfastError) -> HoldfastError {
      guard error.code == .taskNotFound, self != .task else { return error }
      let words = Dictionary(
        error.details.map { ($0.name, $0.value.stringValue ?? "") }, uniquingKeysWith: { $1 })
      var error = error
      error.message =
        self == .planAlone
        ? "plan not found"
        : "plan not found: \(words["project"] ?? "")/\(words["task"] ?? "")"
      return error
    }
  }
}

/// The route of a request with the values of its path's parameters.
struct RouteMatch: Sendable {
  let route: Route
  /// The route's place in the table, for its metrics.
  let index: Int
  let parameters: [(name: String, value: String)]
}
