internal import HoldfastJSON
internal import HoldfastModel

/// One `subscriptions/listen`: it stays open, and tells what it was asked for until either side ends it.
///
/// The lists of tools, prompts and resources change with the program alone, so these are never honoured.
struct Listening: Sendable {
  private let id: RequestID
  private let wanted: [WatchedResource]

  /// Reads a request.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - resources: Those that the client sees.
  ///   - project: The project of the caller, for addresses that name none.
  /// - Throws: ``RPCError`` for what is no filter.
  init(
    _ request: Message.Request, of resources: ResourceSet, project: String?
  ) throws(RPCError) {
    id = request.id
    guard let filter = request.params["notifications"]?.objectValue else {
      throw RPCError(.invalidParams, "subscriptions/listen needs notifications, an object")
    }
    for name in ["toolsListChanged", "promptsListChanged", "resourcesListChanged"] {
      guard filter[name] == nil || filter[name]?.boolValue != nil else {
        throw RPCError(.invalidParams, "notifications.\(name) must be true or false")
      }
    }
    var wanted: [WatchedResource] = []
    if let given = filter["resourceSubscriptions"] {
      guard let uris = given.arrayValue, uris.allSatisfy({ $0.stringValue != nil }) else {
        throw RPCError(.invalidParams, "notifications.resourceSubscriptions must be addresses")
      }
      let bytes = uris.reduce(0) { $0 + ($1.stringValue?.utf8.count ?? 0) }
      guard uris.count <= Subscriptions.urisMax, bytes <= Subscriptions.uriBytesMax else {
        throw RPCError(
          .invalidParams,
          "notifications.resourceSubscriptions has at most \(Subscriptions.urisMax) addresses of "
            + "\(Subscriptions.uriBytesMax) bytes together")
      }
      var seen: Set<String> = []
      wanted = uris.compactMap(\.stringValue).filter { seen.insert($0).inserted }
        .compactMap { WatchedResource($0, of: resources, project: project) }
    }
    self.wanted = wanted
  }

  /// Listens until the end, which `completion` gets: the result, or nil where nothing is to be said.
  func start(
    _ open: OpenRequest, _ subscriptions: Subscriptions, on backend: any ToolBackend,
    _ completion: @escaping @Sendable (Result<[(String, JSON)], RPCError>?) -> Void
  ) {
    let end = Once<Result<[(String, JSON)], RPCError>?> {
      open.end()
      completion($0)
    }
    WatchCheck(wanted, on: backend).run { found in
      let subscription = Subscription(
        found.watched, names: found.names,
        Subscription.Events(
          begun: { open.send(acknowledgement(of: found.watched.map(\.uri))) != .tooMany },
          refused: { end(.failure(Self.tooMany)) },
          changed: {
            open.send(tagged("notifications/resources/updated", ("uri", .string($0))))
          },
          ended: { error in
            end(error.map { .failure(RPCError(.internalError, $0.message)) } ?? .success(result))
          }))
      do {
        try subscriptions.open(subscription, on: backend)
        open.onRoom { subscription.flush() }
        open.onCancel {
          subscription.cancel()
          end(nil)
        }
      } catch {
        end(.failure(RPCError(.internalError, HoldfastError(told: error).message)))
      }
    }
  }

  private static var tooMany: RPCError {
    var error = RPCError(
      .internalError,
      "the server sends as many streams as it may: end one of them, or try again in a second")
    error.httpStatus = 503
    return error
  }

  private func acknowledgement(of uris: [String]) -> JSON {
    var honoured = JSONObject()
    if !uris.isEmpty {
      honoured.set("resourceSubscriptions", .array(uris.map { .string($0) }))
    }
    return tagged("notifications/subscriptions/acknowledged", ("notifications", .object(honoured)))
  }

  private func tagged(_ method: String, _ member: (String, JSON)) -> JSON {
    Outbound.notification(method, [("_meta", meta), member])
  }

  private var meta: JSON { .object(JSONObject([(MetaKey.subscriptionID, id.json)])) }

  private var result: [(String, JSON)] { [("_meta", meta)] }
}
