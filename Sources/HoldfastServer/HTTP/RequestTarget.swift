internal import HoldfastModel

/// A request target taken apart: decoded path segments and query parameters.
///
/// RFC 3986 section 3.3: the path is split before it is decoded, so `%2F` is part of a name. A plus
/// in a path is a plus; in a query it is a space, as forms write it.
struct RequestTarget {
  /// The decoded segments: `/v1/ping` has two.
  let segments: [String]
  private let queryBytes: ArraySlice<UInt8>

  /// What a target in absolute form (`http://localhost/v1/ping`) names as its server.
  let authority: String?

  /// - Throws: ``HoldfastError`` for an encoding that is broken or no text.
  init(_ target: [UInt8]) throws(HoldfastError) {
    authority = Self.pathStart(target).map {
      String(decoding: target[$0.authority..<$0.path], as: UTF8.self)
    }
    guard let path = Self.path(of: target) else {
      throw HoldfastError(.invalidRequest, "the request target must be a path")
    }
    let end = path.endIndex
    queryBytes = target[end...].dropFirst()
    var segments: [String] = []
    var slash = path.startIndex
    for index in (slash + 1)...end where index == end || path[index] == UInt8(ascii: "/") {
      segments.append(try Self.decode(path[(slash + 1)..<index], plusIsSpace: false))
      slash = index
    }
    self.segments = segments
  }

  /// The path of a target, not decoded; nil when it has none.
  ///
  /// What stands before it in absolute form may hold a password.
  static func path(of target: [UInt8]) -> ArraySlice<UInt8>? {
    let path = target[(pathStart(target)?.path ?? 0)...].prefix { $0 != UInt8(ascii: "?") }
    return path.first == UInt8(ascii: "/") ? path : nil
  }

  /// Where authority and path of a target in absolute form start (RFC 9112 section 3.2.2).
  private static func pathStart(_ target: [UInt8]) -> (authority: Int, path: Int)? {
    guard target.first != UInt8(ascii: "/") else { return nil }
    for scheme in ["http://", "https://"] {
      let isScheme = zip(target, scheme.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
      guard isScheme, target.count > scheme.utf8.count else { continue }
      let authority = scheme.utf8.count
      guard let path = target[authority...].firstIndex(of: UInt8(ascii: "/")) else { return nil }
      return (authority, path)
    }
    return nil
  }

  /// The query's parameters in order.
  func query() throws(HoldfastError) -> [(name: String, value: String)] {
    guard !queryBytes.isEmpty else { return [] }
    var parameters: [(String, String)] = []
    for pair in queryBytes.split(separator: UInt8(ascii: "&")) {
      let middle = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let value = middle < pair.endIndex ? pair[(middle + 1)...] : []
      parameters.append(
        (
          try Self.decode(pair[..<middle], plusIsSpace: true),
          try Self.decode(value, plusIsSpace: true)
        ))
    }
    return parameters
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(HoldfastError)
    -> String
  {
    let isPlain = !bytes.contains {
      $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") || $0 >= 128
    }
    if isPlain { return String(decoding: bytes, as: UTF8.self) }
    guard let decoded = PercentEncoding.bytes(bytes, plusIsSpace: plusIsSpace) else {
      throw HoldfastError(
        .invalidRequest, "the request target has a % that is not followed by two hex digits")
    }
    guard let text = String(validating: decoded, as: UTF8.self) else {
      throw HoldfastError(.invalidRequest, "the request target is not UTF-8 once it is decoded")
    }
    guard !decoded.contains(0) else {
      throw HoldfastError(.invalidRequest, "the request target must not contain %00")
    }
    return text
  }
}
