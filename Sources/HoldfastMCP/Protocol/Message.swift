public import HoldfastJSON

/// The id of a request, echoed in its answer as it came.
public enum RequestID: Sendable, Hashable {
  case text(String)
  case number(JSONNumber)

  init?(_ json: JSON) {
    switch json {
    case .string(let text): self = .text(text)
    case .number(let number) where number.int64 != nil: self = .number(number)
    default: return nil
    }
  }

  var json: JSON {
    switch self {
    case .text(let text): .string(text)
    case .number(let number): .number(number)
    }
  }
}

/// One JSON-RPC message of a client.
enum Message: Sendable {
  case request(Request)
  case notification(method: String, params: JSONObject)
  /// An answer to something that a server asked: ours asks nothing.
  case response

  /// How deep a message may be nested.
  static let depthMax = 256

  /// A request.
  struct Request: Sendable {
    let id: RequestID
    let method: String
    let params: JSONObject

    var meta: JSONObject? { params["_meta"]?.objectValue }
  }

  /// Reads what JSON-RPC 2.0 asks of a message.
  ///
  /// - Throws: ``RPCError`` with the id, where there is one to be read.
  init(_ json: JSON) throws(RPCError) {
    guard case .object(let object) = json else {
      throw RPCError(.invalidRequest, "a message is one JSON object, not \(json.kind)")
    }
    let id = object["id"].flatMap(RequestID.init)
    guard object["jsonrpc"]?.stringValue == "2.0" else {
      throw RPCError(.invalidRequest, "jsonrpc must be \"2.0\"", id: id)
    }
    guard let method = object["method"]?.stringValue else {
      guard object["method"] == nil, object["result"] != nil || object["error"] != nil else {
        throw RPCError(.invalidRequest, "method must be a string", id: id)
      }
      self = .response
      return
    }
    let params: JSONObject
    switch object["params"] {
    case nil: params = JSONObject()
    case .object(let given): params = given
    default: throw RPCError(.invalidRequest, "params must be an object", id: id)
    }
    guard let sent = object["id"] else {
      self = .notification(method: method, params: params)
      return
    }
    guard let id else {
      throw RPCError(.invalidRequest, "id must be a string or a whole number, not \(sent.kind)")
    }
    self = .request(Request(id: id, method: method, params: params))
  }
}
