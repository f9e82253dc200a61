internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

extension OpenAPI {
  /// Every answer that a route can give.
  func responses(of route: Route, _ target: OperationRoute, _ input: ObjectSchema) -> JSON {
    var responses = JSONObject([
      ("\(target.reply.status)", success(of: route, target))
    ])
    if input.fields.contains(where: { $0.name == "wait_ms" }) {
      responses.set("204", Self.response("There was nothing to give."))
    }
    var codes = [400, 404, 413, 421, 431, 500, 503]
    if !route.method.isSafe { codes += [403] }
    if target.entry.mayConflict { codes += [409] }
    if target.entry.isMutation { codes += [412, 422, 507] }
    for code in codes.sorted() {
      responses.set("\(code)", Self.reference("responses", "\(code)"))
    }
    if target.conflictIsBare {
      responses.set(
        "409",
        Self.response("Another has it.", "application/json", ["type": "object"]))
    }
    return .object(responses)
  }

  private func success(of route: Route, _ target: OperationRoute) -> JSON {
    let output = target.entry.output(target.shape)
    var headers: [(String, JSON)] = []
    if case .object(let schema) = output, schema.fields.contains(where: { $0.name == "revision" }) {
      headers.append(("ETag", Self.reference("headers", "ETag")))
    }
    if target.entry.isMutation {
      headers.append(("Idempotent-Replayed", Self.reference("headers", "IdempotentReplayed")))
    }
    switch target.reply.content {
    case .empty: return Self.response("Done.", headers: headers)
    case .raw(let type):
      let media = String(type.text.prefix { $0 != ";" })
      return Self.response("The bytes as they are.", headers: headers, media, [:])
    case .answer:
      return Self.response(
        "The answer.", headers: headers, "application/json", schema(of: output, target.shape))
    }
  }

  private func schema(of output: OperationEntry.OutputSchema, _ shape: ObjectWriter.Shape) -> JSON {
    switch output {
    case .object(let schema): return schemas.reference(schema)
    case .texts: return ["type": "array", "items": ["type": "string"]]
    case .list(let name, let element):
      let list: JSON = ["type": "array", "items": schemas.reference(element)]
      guard shape == .native else { return list }
      return [
        "type": "object",
        "properties": .object(
          JSONObject([
            (name, list),
            ("has_more", ["type": "boolean", "description": "Whether there are more."]),
            (
              "next_cursor",
              ["type": "string", "description": "Where the next page starts; left out at the end."]
            ),
          ])),
        "required": [.string(name), "has_more"],
      ]
    }
  }

  /// One answer.
  static func response(
    _ description: String, headers: [(String, JSON)] = [], _ type: String? = nil,
    _ schema: JSON = [:]
  ) -> JSON {
    let all = headers + [("X-Request-Id", reference("headers", "RequestID"))]
    var response = JSONObject([
      ("description", .string(description)), ("headers", .object(JSONObject(all))),
    ])
    if let type {
      response.set("content", .object(JSONObject([(type, ["schema": schema])])))
    }
    return .object(response)
  }
}
