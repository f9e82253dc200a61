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
    var parameters: [(name: String, value: String)] = []
    let node = try node(of: segments, &parameters)
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
    var parameters: [(name: String, value: String)] = []
    return allowedMethods(nodes[try node(of: segments, &parameters)])
  }

  /// What the server as a whole takes.
  static let allMethods = Method.allCases.filter { $0 != .other }.map(\.rawValue)
    .joined(separator: ", ")

  /// The end of a path, where at least one method has a route.
  private func node(
    of segments: [String], _ parameters: inout [(name: String, value: String)]
  ) throws(HoldfastError) -> Int {
    guard let node = end(of: segments[...], from: 0, &parameters) else { throw Self.nothingThere }
    return node
  }

  /// The end of a path below a node.
  ///
  /// A segment that is written in a route goes before a parameter, unless it leads nowhere.
  private func end(
    of segments: ArraySlice<String>, from node: Int,
    _ parameters: inout [(name: String, value: String)]
  ) -> Int? {
    guard let segment = segments.first else { return nodes[node].routes.isEmpty ? nil : node }
    let rest = segments.dropFirst()
    if let next = nodes[node].literals[segment], let end = end(of: rest, from: next, &parameters) {
      return end
    }
    guard let next = nodes[node].parameter, !segment.isEmpty else { return nil }
    parameters.append((nodes[node].parameterName, segment))
    if let end = end(of: rest, from: next, &parameters) { return end }
    parameters.removeLast()
    return nil
  }

  private static let nothingThere = HoldfastError(
    .notFound, "there is nothing at this path; /openapi.json lists all paths")

  private func allowedMethods(_ node: Node) -> String {
    var methods = node.routes.keys.map(\.rawValue) + [Method.options.rawValue]
    if node.routes[.get] != nil { methods.append(Method.head.rawValue) }
    return methods.sorted().joined(separator: ", ")
  }
}
