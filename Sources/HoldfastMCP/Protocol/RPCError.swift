internal import HoldfastJSON

/// A failure of the protocol itself; what an operation refuses is the result of its tool.
struct RPCError: Error {
  /// The kinds that the protocol knows.
  enum Code: Int64, Sendable {
    case parse = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case internalError = -32603
    case headerMismatch = -32020
    case unsupportedVersion = -32022
    /// Before 2026-07-28 alone.
    case resourceNotFound = -32002

    /// The status over HTTP in the modern era.
    var httpStatus: Int {
      switch self {
      case .methodNotFound: 404
      case .internalError: 500
      default: 400
      }
    }
  }

  let code: Code
  let message: String
  var data: JSONObject?
  /// The request's; nil when it cannot be told.
  var id: RequestID?
  /// The status over HTTP.
  var httpStatus: Int

  init(_ code: Code, _ message: String, data: JSONObject? = nil, id: RequestID? = nil) {
    self.code = code
    self.message = message
    self.data = data
    self.id = id
    httpStatus = code.httpStatus
  }

  /// The message that goes out.
  var json: JSON {
    var error = JSONObject([
      ("code", .number(JSONNumber(code.rawValue))), ("message", .string(message)),
    ])
    if let data { error.set("data", .object(data)) }
    var object = JSONObject([("jsonrpc", "2.0")])
    if let id { object.set("id", id.json) }
    object.set("error", .object(error))
    return .object(object)
  }
}
