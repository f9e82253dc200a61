internal import HoldfastJSON
internal import HoldfastModel

/// Finds out which addresses a client may hear of, and what their projects are called today.
struct WatchCheck: Sendable {
  /// What came of it.
  struct Found: Sendable {
    var watched: [WatchedResource] = []
    var names: [String: String] = [:]
    /// Why the first one that is left out is.
    var refusal: HoldfastError?
  }

  private let backend: any ToolBackend
  private let wanted: [WatchedResource]

  init(_ wanted: [WatchedResource], on backend: any ToolBackend) {
    self.wanted = wanted
    self.backend = backend
  }

  func run(_ completion: @escaping @Sendable (Found) -> Void) {
    next(wanted[...], Found(), completion)
  }

  /// Looks at one after the other; each project is asked for once.
  private func next(
    _ left: ArraySlice<WatchedResource>, _ found: Found,
    _ completion: @escaping @Sendable (Found) -> Void
  ) {
    var found = found
    var left = left
    while let first = left.first, let project = first.project, found.names[project] != nil {
      found.watched.append(first)
      left = left.dropFirst()
    }
    guard let first = left.first else { return completion(found) }
    let rest = left.dropFirst()
    let soFar = found
    backend.run(probe(first)) { result in
      var found = soFar
      switch result {
      case .failure(let error):
        found.refusal = found.refusal ?? HoldfastError(told: error)
        let refused = first.project
        let others = refused == nil ? rest : rest.filter { $0.project != refused }[...]
        next(others, found, completion)
      case .success:
        found.watched.append(first)
        guard let project = first.project else { return next(rest, found, completion) }
        let asking = ToolCall(
          operation: "project_get", fields: JSONObject([("project", .string(project))]), agent: nil)
        let known = found
        backend.run(asking) { answer in
          var found = known
          // One that is not there yet has its name to come.
          let today = try? answer.get()()?["name"]?.stringValue
          found.names[project] = today ?? project
          next(rest, found, completion)
        }
      }
    }
  }

  /// A call that is refused where reading the resource is.
  private func probe(_ resource: WatchedResource) -> ToolCall {
    guard let project = resource.project else { return resource.call }
    return ToolCall(
      operation: "event_list",
      fields: JSONObject([("project", .string(project)), ("limit", 1), ("fields", "slim")]),
      agent: nil)
  }
}
