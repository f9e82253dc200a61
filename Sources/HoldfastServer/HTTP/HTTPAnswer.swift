internal import HoldfastJSON
internal import HoldfastModel

/// An answer as it goes to the client.
struct HTTPAnswer {
  var status: Int
  var contentType: ContentType
  var body: [UInt8]
  /// Makes the next part of the body, behind what was made so far, or nil when that was all.
  ///
  /// There is no such function when the body is whole.
  var rest: (() throws -> [UInt8]?)?
  var headers: [(name: StaticString, value: String)] = []
  /// Whether the connection is closed behind it.
  var closes = false

  /// The kind of a body.
  struct ContentType: Equatable {
    let text: String

    static let none = ContentType(text: "")
    static let json = ContentType(text: "application/json")
    static let markdown = ContentType(text: "text/markdown; charset=utf-8")
    static let toml = ContentType(text: "application/toml")
    static let metrics = ContentType(text: "text/plain; version=0.0.4; charset=utf-8")
    /// Any bytes, of the type that the answer says.
    static let attachment = ContentType(text: "application/octet-stream")
  }

  init(status: Int, contentType: ContentType, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// Success without a body.
  static func empty(_ status: Int = 200) -> HTTPAnswer {
    HTTPAnswer(status: status, contentType: .none, body: [])
  }

  /// A JSON document, with the newline that ends it.
  static func json(_ value: JSON, status: Int = 200) -> HTTPAnswer {
    var body = value.rendered(escapingHTML: true)
    body.append(UInt8(ascii: "\n"))
    return HTTPAnswer(status: status, contentType: .json, body: body)
  }

  /// A refusal: `{"error": "<sentence>", "code": "<snake>"}` and what helps to act on it.
  static func refusal(_ error: HoldfastError) -> HTTPAnswer {
    var object = JSONObject([("error", .string(error.message)), ("code", .string(error.code.name))])
    for detail in error.details { object.set(detail.name, detail.value) }
    var answer = json(.object(object), status: error.code.httpStatus)
    switch answer.status {
    case 503: answer.headers.append(("Retry-After", "1"))
    case 405:
      let allowed = error.details.first { $0.name == "allowed" }?.value.stringValue
      answer.headers.append(("Allow", allowed ?? ""))
    default: break
    }
    return answer
  }

  /// What a path takes, for OPTIONS.
  ///
  /// Without headers of CORS a browser lets no other site go on.
  static func options(allowed: String) -> HTTPAnswer {
    var answer = empty(204)
    answer.headers.append(("Allow", allowed))
    return answer
  }

  /// An error of any kind; what is not meant for clients is not shown to them.
  static func failure(_ error: any Error) -> HTTPAnswer {
    if let error = error as? HoldfastError { return refusal(error) }
    return refusal(
      HoldfastError(.internalError, "the server met an error that it has no words for"))
  }
}
