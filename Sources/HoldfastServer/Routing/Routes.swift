internal import HoldfastModel
internal import HoldfastStore

/// The table of all routes.
enum Routes {
  static let all: [Route] = server + ofProjects + operations

  /// The routes of the task-store contract, by area.
  static let ofProjects: [Route] =
    tasks + graph + live + workflow + pullRequests + signals + topics + projects + agents + locks
    + reports

  /// What a person asks the store in SQL.
  static let reports: [Route] = [
    store(.post, "sql", .report(SQLQuery.self)) { $0.body = .object }
  ]

  static let server: [Route] = [
    Route(method: .get, path: "/v1/ping", target: .page(.ping)),
    Route(method: .get, path: "/v1/health", target: .page(.health)),
    Route(method: .get, path: "/metrics", target: .page(.metrics)),
    Route(method: .get, path: "/openapi.json", target: .page(.openAPI)),
    Route(method: .get, path: "/v1/operations", target: .page(.operations)),
    Route(method: .post, path: "/v1/operations/{name}", target: .page(.unknownOperation)),
  ]

  /// Every operation under its own name, in the native shape.
  static let operations: [Route] = OperationCatalog.all.map { entry in
    var target = OperationRoute(entry: entry)
    target.body = .optionalObject
    target.shape = .native
    target.bodyBytesMax = bodyBytesMax(of: entry)
    return Route(
      method: .post, path: "/v1/operations/\(entry.name)", target: .operation(target))
  }

  /// Work that spans the store, for commands on this machine.
  static func storeWork(_ entries: [StoreOperationEntry]) -> [Route] {
    entries.map {
      Route(method: .post, path: "/v1/operations/\($0.name)", target: .storeWork($0))
    }
  }

  /// What an operation may be sent does not depend on the path: the most that any of its routes takes.
  private static func bodyBytesMax(of entry: OperationEntry) -> Int {
    let limits = ofProjects.compactMap { route -> Int? in
      guard case .operation(let target) = route.target, target.entry.name == entry.name else {
        return nil
      }
      return target.bodyBytesMax
    }
    return limits.max() ?? Limits.jsonBytesMax
  }

  /// A route of a project: `path` stands below `/v1/projects/{project}/`.
  static func route(
    _ method: Method, _ path: String, _ entry: OperationEntry,
    _ adjust: (inout OperationRoute) -> Void = { _ in }
  ) -> Route {
    var target = OperationRoute(entry: entry)
    adjust(&target)
    return Route(
      method: method, path: "/v1/projects/{project}/\(path)", target: .operation(target))
  }

  /// A route of the whole store: `path` stands below `/v1/`.
  static func store(
    _ method: Method, _ path: String, _ entry: OperationEntry,
    shape: ObjectWriter.Shape = .native, _ adjust: (inout OperationRoute) -> Void = { _ in }
  ) -> Route {
    var target = OperationRoute(entry: entry, shape: shape)
    adjust(&target)
    return Route(method: method, path: "/v1/\(path)", target: .operation(target))
  }
}

extension OperationRoute {
  /// A native route with a body: strict names, and natively shaped answers.
  mutating func asNative() {
    body = .object
    shape = .native
  }
}
