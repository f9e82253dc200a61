internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

extension OpenAPI {
  /// A route that runs an operation.
  func describe(_ route: Route, _ target: OperationRoute) -> JSON {
    let input = target.entry.input()
    var object = JSONObject([
      ("operationId", .string(Self.identifier(route))),
      ("summary", .string(target.entry.summary)),
      ("tags", [.string(target.shape == .contract ? "task store" : "operations")]),
      ("parameters", .array(parameters(of: route, target, input))),
    ])
    if let body = requestBody(of: route, target, input) { object.set("requestBody", body) }
    object.set("responses", responses(of: route, target, input))
    return .object(object)
  }

  // MARK: Parameters

  private func parameters(
    of route: Route, _ target: OperationRoute, _ input: ObjectSchema
  ) -> [JSON] {
    var parameters = route.parameterNames.map { name -> JSON in
      let field = input.fields.first { Self.isSame($0.name, name) }
      return [
        "name": .string(name), "in": "path", "required": true,
        "description": .string(field?.description ?? ""),
        "schema": segment(field),
      ]
    }
    if let inBody = target.fieldsBesideQuery {
      let free = freeFields(of: route, target, input).filter { !inBody.contains($0.name) }
      parameters += free.map { field in
        [
          "name": .string(field.name), "in": "query", "required": .bool(field.isRequired),
          "description": .string(field.description), "schema": schemas.json(field),
        ]
      }
    }
    if target.entry.isMutation {
      parameters.append(Self.reference("parameters", "IfMatch"))
      parameters.append(Self.reference("parameters", "IdempotencyKey"))
    }
    parameters.append(Self.reference("parameters", "RequestID"))
    return parameters
  }

  /// The schema of a segment of a path, which is never empty.
  private func segment(_ field: ObjectSchema.Field?) -> JSON {
    let json = field.map { schemas.json($0) } ?? ["type": "string"]
    guard case .object(var schema) = json, schema["type"] == "string" else { return json }
    schema.set("minLength", 1)
    return .object(schema)
  }

  /// The fields that neither the path nor the route itself fixes.
  private func freeFields(
    of route: Route, _ target: OperationRoute, _ input: ObjectSchema
  ) -> [ObjectSchema.Field] {
    let fixed = route.parameterNames + target.fixed.map(\.0)
    return input.fields.filter { field in !fixed.contains { Self.isSame(field.name, $0) } }
  }

  /// Whether a route means that field: case and underscores do not count.
  private static func isSame(_ a: String, _ b: String) -> Bool {
    a.lowercased().replacing("_", with: "") == b.lowercased().replacing("_", with: "")
  }

  // MARK: Request bodies

  private func requestBody(
    of route: Route, _ target: OperationRoute, _ input: ObjectSchema
  ) -> JSON? {
    switch target.body {
    case .none: return nil
    case .object, .optionalObject:
      let fields = freeFields(of: route, target, input)
      let isNative = target.shape == .native
      // The native form of an input has a name of its own: /v1/operations takes exactly that.
      let schema =
        isNative && fields.count == input.fields.count
        ? schemas.reference(
          ObjectSchema(name: Self.typeName(target.entry.name), fields: fields), closed: true)
        : schemas.json(ObjectSchema(name: "", fields: fields), closed: !target.isLenient)
      var isRequired = fields.contains(where: \.isRequired)
      if case .object = target.body { isRequired = true }
      return Self.body("application/json", schema, isRequired: isRequired)
    case .field(let name):
      let field = input.fields.first { Self.isSame($0.name, name) }
      return Self.body("application/json", field.map { schemas.json($0) } ?? [:], isRequired: true)
    case .raw(let name):
      let field = input.fields.first { Self.isSame($0.name, name) }
      return Self.body(
        "application/octet-stream", ["type": "string", "format": "binary"], isRequired: false,
        description: field?.description)
    }
  }

  private static func body(
    _ type: String, _ schema: JSON, isRequired: Bool, description: String? = nil
  ) -> JSON {
    var body = JSONObject([
      ("required", .bool(isRequired)),
      ("content", .object(JSONObject([(type, ["schema": schema])]))),
    ])
    if let description { body.set("description", .string(description)) }
    return .object(body)
  }

  /// `task_create` as the name of a type: `TaskCreateInput`.
  private static func typeName(_ operation: String) -> String {
    operation.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
      + "Input"
  }
}

extension OperationRoute {
  /// The fields that a query cannot have; nil where nothing is read from a query.
  fileprivate var fieldsBesideQuery: [String]? {
    switch body {
    case .none: []
    case .raw(let name) where shape == .native: [name]
    default: nil
    }
  }
}

extension Route {
  /// The names of the path's parameters.
  var parameterNames: [String] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
      String($0.dropFirst().dropLast())
    }
  }
}
