internal import HoldfastJSON
internal import HoldfastModel

extension OpenAPI {
  /// A page of the server itself; nil for what only answers mistakes.
  func describe(_ route: Route, _ page: Route.Page) -> JSON? {
    switch page {
    case .unknownOperation: nil
    case .ping: describe(route, "Says whether the store answers.", Self.response("It does."))
    case .health:
      describe(
        route, "Says how the server is.",
        Self.response("It takes writes.", "application/json", Self.health),
        unavailable: Self.response(
          "It takes no writes, or cannot answer.", "application/json",
          ["anyOf": [Self.health, Self.reference("schemas", "Error")]]))
    case .metrics:
      describe(
        route, "Gives counters and gauges for Prometheus.",
        Self.response("The text format, version 0.0.4.", "text/plain", ["type": "string"]))
    case .openAPI:
      describe(
        route, "Gives this description.",
        Self.response("OpenAPI 3.1.", "application/json", ["type": "object"]))
    case .operations:
      describe(
        route, "Lists the operations.",
        Self.response("All of them.", "application/json", Self.operationList))
    }
  }

  private func describe(
    _ route: Route, _ summary: String, _ success: JSON, unavailable: JSON? = nil
  ) -> JSON {
    var responses = JSONObject([("200", success)])
    for code in [400, 413, 421, 431, 500] + (route.method.isSafe ? [] : [403]) {
      responses.set("\(code)", Self.reference("responses", "\(code)"))
    }
    responses.set("503", unavailable ?? Self.reference("responses", "503"))
    return [
      "operationId": .string(Self.identifier(route)), "summary": .string(summary),
      "tags": ["server"],
      "parameters": .array(
        route.parameterNames.map { name in
          [
            "name": .string(name), "in": "path", "required": true,
            "schema": ["type": "string", "minLength": 1],
          ]
        } + [Self.reference("parameters", "RequestID")]),
      "responses": .object(responses),
    ]
  }

  private static let health: JSON = [
    "type": "object",
    "properties": [
      "status": ["enum": ["ok", "failing"]], "version": ["type": "string"],
      "store": ["type": "string", "description": "The engine and its version."],
      "writer": [
        "type": "object",
        "properties": [
          "state": ["enum": ["writing", "stopped"]], "reason": ["type": "string"],
        ],
        "required": ["state"],
      ],
      "queue_depth": ["type": "integer", "description": "Writes that wait for the next group."],
      "waiting": ["type": "integer", "description": "Requests that wait for something to happen."],
      "wal_bytes": ["type": "integer", "description": "Of a store in a file."],
      "file_bytes": ["type": "integer", "description": "Of a store in a file."],
      "last_seq": ["type": "integer", "description": "The last event's number."],
      "connections": ["type": "integer"],
    ],
    "required": [
      "status", "version", "store", "writer", "queue_depth", "waiting", "last_seq",
      "connections",
    ],
  ]

  private static let operationList: JSON = [
    "type": "object",
    "properties": [
      "operations": [
        "type": "array",
        "items": [
          "type": "object",
          "properties": [
            "name": ["type": "string"], "summary": ["type": "string"],
            "access": ["enum": ["read", "write", "admin"]],
          ],
          "required": ["name", "summary", "access"],
        ],
      ]
    ],
    "required": ["operations"],
  ]
}
