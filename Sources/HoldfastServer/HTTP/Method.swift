/// A request's method.
enum Method: String, Sendable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"
  /// Any other: no route has it.
  case other = "OTHER"

  /// The method of a request line, whose letters are upper case (RFC 9110 section 9.1).
  init(_ name: UnsafePointer<CChar>) {
    self = Method(rawValue: String(cString: name)) ?? .other
  }

  /// Whether the method only reads (RFC 9110 section 9.2.1).
  var isSafe: Bool { self == .get || self == .head || self == .options }
}
