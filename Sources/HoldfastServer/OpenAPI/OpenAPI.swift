internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// The description of the interface in OpenAPI 3.1, made from the routes and their operations.
///
/// Nothing is written down twice: paths come from the table of routes, fields and answers from the
/// operations themselves (https://spec.openapis.org/oas/v3.1.1.html).
struct OpenAPI {
  /// The named schemas that the paths refer to.
  let schemas = OpenAPISchemas()

  static func document(of routes: [Route]) -> JSON {
    OpenAPI().document(of: routes)
  }

  private func document(of routes: [Route]) -> JSON {
    var paths = JSONObject()
    for route in routes {
      guard let description = describe(route) else { continue }
      var path = paths[route.path]?.objectValue ?? JSONObject()
      path.set(route.method.rawValue.lowercased(), description)
      paths.set(route.path, .object(path))
    }
    return [
      "openapi": "3.1.0",
      "info": Self.info,
      "servers": [["url": "/"]],
      "tags": Self.tags,
      "paths": .object(paths),
      "components": .object(
        JSONObject([
          ("schemas", schemas.json),
          ("parameters", Self.parameters),
          ("headers", Self.headers),
          ("responses", Self.refusals),
        ])),
    ]
  }

  private static let info: JSON = [
    "title": "Holdfast",
    "version": .string(HoldfastVersion.current),
    "summary": "Tasks, signals and history of a fleet of agents.",
    "description": """
    Paths under /v1/projects speak the task-store contract: keys match in any case, unknown keys \
    are ignored, an unset time is 0001-01-01T00:00:00Z. Paths under /v1/operations speak the \
    native form: exact keys, unknown ones are refused, what is unset is left out. HEAD works \
    wherever GET does, and OPTIONS says what a path takes. Refusals come in one order: what cannot be \
    read (400), what is not there (404), another revision than If-Match names (412), what the state of \
    things does not allow (409).
    """,
    "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
  ]

  private static let tags: JSON = [
    ["name": "task store", "description": "The task-store contract."],
    ["name": "operations", "description": "Every operation by its name, in the native form."],
    ["name": "server", "description": "The server itself."],
  ]

  /// The description of one route; nil for what is not listed.
  private func describe(_ route: Route) -> JSON? {
    switch route.target {
    case .operation(let target): describe(route, target)
    case .page(let page): describe(route, page)
    // Nobody reaches it over the network.
    case .storeWork, .door: nil
    }
  }

  /// A name for generated clients, unique because method and path are.
  static func identifier(_ route: Route) -> String {
    let words = route.path.split(whereSeparator: { "/{}.".contains($0) }).map(String.init)
      .drop { $0 == "v1" }
    if words.first == "operations", words.count == 2, let name = words.last { return name }
    return ([route.method.rawValue.lowercased()] + words).joined(separator: "_")
      .replacing("-", with: "_")
  }

  static func reference(_ kind: String, _ name: String) -> JSON {
    ["$ref": .string("#/components/\(kind)/\(name)")]
  }
}
