internal import HoldfastJSON
internal import HoldfastModel

/// Finds the route of a request: a tree of path segments, frozen when the server starts.
struct Router: Sendable {
  private struct Node: Sendable {
    var literals: [String: Int] = [:]
    var parameter: Int?
    var parameterName = ""
    /// Route indexes by method.
    var routes: [Method: Int] = [:]
  }

  let routes: [Route]
  private var nodes: [Node] = [Node()]

  init(_ routes: [Route]) {
    self.routes = routes
    for (index, route) in routes.enumerated() {
      var node = 0
      for segment in route.path.split(separator: "/").map(String.init) {
        node = child(of: node, segment)
      }
      precondition(
        nodes[node].routes[route.method] == nil, "\(route.method) \(route.path) is declared twice")
      nodes[node].routes[route.method] = index
    }
  }

  private mutating func child(of node: Int, _ segment: String) -> Int {
    if segment.hasPrefix("{") {
      let name = String(segment.dropFirst().dropLast())
      if let existing = nodes[node].parameter {
        precondition(
          nodes[node].parameterName == name,
          "{\(name)} is called {\(nodes[node].parameterName)} by another route")
        return existing
      }
      nodes.append(Node())
      nodes[node].parameter = nodes.count - 1
      nodes[node].parameterName = name
      return nodes.count - 1
    }
    if let existing = nodes[node].literals[segment] { return existing }
    nodes.append(Node())
    nodes[node].literals[segment] = nodes.count - 1
    return nodes.count - 1
  }

  /// Finds the route of a request.
  ///
  /// - Throws: 404 for an unknown path, 405 with what is allowed for a wrong method.
  func match(_ method: Method, _ segments: [String]) throws(HoldfastError) -> RouteMatch {
    var parameters: [(String, String)] = []
    let node = try node(of: segments) { parameters.append(($0, $1)) }
    guard let index = nodes[node].routes[method == .head ? .get : method] else {
      let allowed = allowedMethods(nodes[node])
      throw HoldfastError(
        .methodNotAllowed, "this path takes \(allowed)", details: [("allowed", .string(allowed))])
    }
    return RouteMatch(route: routes[index], index: index, parameters: parameters)
  }

  /// What a path takes.
  ///
  /// - Throws: 404 for an unknown path.
  func allowedMethods(_ segments: [String]) throws(HoldfastError) -> String {
    allowedMethods(nodes[try node(of: segments) { _, _ in }])
  }

  /// What the server as a whole takes.
  static let allMethods = Method.allCases.filter { $0 != .other }.map(\.rawValue)
    .joined(separator: ", ")

  /// The end of a path, where at least one method has a route.
  private func node(
    of segments: [String], _ parameter: (String, String) -> Void
  ) throws(HoldfastError) -> Int {
    var node = 0
    for segment in segments {
      if let next = nodes[node].literals[segment] {
        node = next
      } else if let next = nodes[node].parameter, !segment.isEmpty {
        parameter(nodes[node].parameterName, segment)
        node = next
      } else {
        throw Self.nothingThere
      }
    }
    guard !nodes[node].routes.isEmpty else { throw Self.nothingThere }
    return node
  }

  private static let nothingThere = HoldfastError(
    .notFound, "there is nothing at this path; /openapi.json lists all paths")

  private func allowedMethods(_ node: Node) -> String {
    var methods = node.routes.keys.map(\.rawValue) + [Method.options.rawValue]
    if node.routes[.get] != nil { methods.append(Method.head.rawValue) }
    return methods.sorted().joined(separator: ", ")
  }
}
