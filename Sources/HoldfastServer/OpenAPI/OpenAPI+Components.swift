internal import HoldfastJSON

extension OpenAPI {
  /// The parameters that many routes share.
  static let parameters: JSON = [
    "IfMatch": [
      "name": "If-Match", "in": "header", "required": false,
      "description": "The ETag that the task must still have; * or nothing for any.",
      "schema": ["type": "string"],
    ],
    "IdempotencyKey": [
      "name": "Idempotency-Key", "in": "header", "required": false,
      "description": """
      Makes a repeat of the same request give the first answer again, for 24 hours; the same key \
      with another request is refused.
      """,
      "schema": [
        "type": "string", "minLength": 1,
        "maxLength": .number(JSONNumber(Int64(Limits.idempotencyKeyBytesMax))),
      ],
    ],
    "RequestID": [
      "name": "X-Request-Id", "in": "header", "required": false,
      "description": .string(
        """
        Names the request in the answer and in the log; anything but visible ASCII of at most \
        \(Limits.requestIDBytesMax) characters is replaced.
        """),
      "schema": ["type": "string"],
    ],
  ]

  /// The headers of answers.
  static let headers: JSON = [
    "ETag": [
      "description": "The task's revision in quotes, for If-Match.", "schema": ["type": "string"],
    ],
    "RequestID": [
      "description": "The name of the request in the server's log.", "required": true,
      "schema": ["type": "string"],
    ],
    "IdempotentReplayed": [
      "description": "true when this is the answer of an earlier request with the same key.",
      "schema": ["type": "string"],
    ],
    "RetryAfter": [
      "description": "Seconds after which to try again.", "required": true,
      "schema": ["type": "integer", "minimum": 1],
    ],
  ]

  /// The refusals by status.
  static let refusals: JSON = .object(
    JSONObject(
      [
        (400, "The request cannot be read, or a field has a value that it must not have."),
        (403, "A page of another site may not write here."),
        (404, "What the request names is not there."),
        (409, "The store's state does not allow it."),
        (412, "The task has changed since the revision in If-Match."),
        (413, "The body is too large."),
        (421, "The server does not answer for that Host."),
        (422, "The Idempotency-Key was used for another request."),
        (431, "The path and headers are too large."),
        (500, "The server met an error of its own."),
        (501, "This server does not have what was asked for."),
        (503, "The server cannot answer now."),
        (507, "The disk is full; nothing was changed."),
      ].map { code, description in
        let headers =
          code == 503 ? [("Retry-After", reference("headers", "RetryAfter"))] : []
        return (
          "\(code)",
          response(
            description, headers: headers, "application/json", reference("schemas", "Error"))
        )
      }))
}
