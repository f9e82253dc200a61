internal import HoldfastJSON
internal import HoldfastModel

/// The headers of a POST that say what its body says, so that an intermediary need not read that.
struct RoutingHeaders: Sendable {
  let version: String?
  let method: String?
  let name: String?

  /// - Throws: ``RPCError`` for one that comes twice, as the answer to the request of that id.
  init(_ values: (String) -> [String], id: RequestID?) throws(RPCError) {
    func one(_ name: String) throws(RPCError) -> String? {
      let found = values(name)
      guard found.count <= 1 else {
        throw RPCError(.headerMismatch, "the header \(name) must come once", id: id)
      }
      return found.first?.trimmingSpace
    }
    version = try one("mcp-protocol-version")
    method = try one("mcp-method")
    name = try one("mcp-name")
  }

  /// Compares them with what a request says, and tells its era.
  ///
  /// The body decides; a header may not contradict it.
  func era(of request: Message.Request) throws(RPCError) -> Era {
    let claimed = request.meta?[MetaKey.protocolVersion]?.stringValue
    let era = try Era(of: request)
    switch era {
    case .modern:
      try compare("MCP-Protocol-Version", version, claimed, request)
      try compare("Mcp-Method", method, request.method, request)
      if let place = Self.namePlaces[request.method] {
        try compare(
          "Mcp-Name", try decodedName(request), request.params[place]?.stringValue, request)
      }
    case .legacy: try checkLegacy(request)
    }
    return era
  }

  /// Which member of the parameters `Mcp-Name` repeats.
  private static let namePlaces = [
    "tools/call": "name", "prompts/get": "name", "resources/read": "uri",
  ]

  private func compare(
    _ header: String, _ value: String?, _ body: String?, _ request: Message.Request
  ) throws(RPCError) {
    guard let value else {
      throw RPCError(.headerMismatch, "the header \(header) is missing", id: request.id)
    }
    // A body without the member is refused for that.
    guard let body, !value.utf8.elementsEqual(body.utf8) else { return }
    throw RPCError(
      .headerMismatch, "the header \(header) says \(value), the body \(body)", id: request.id)
  }

  /// Refuses a revision that nobody speaks.
  func checkVersion() throws(RPCError) {
    guard let version, Revision(rawValue: version) == nil else { return }
    throw RPCError.unsupported(version, id: nil)
  }

  private func checkLegacy(_ request: Message.Request) throws(RPCError) {
    guard let version else { return }
    guard let revision = Revision(rawValue: version) else {
      throw RPCError.unsupported(version, id: request.id)
    }
    guard revision.isModern else { return }
    if request.method == "initialize" {
      throw RPCError(
        .headerMismatch, "initialize is of revisions before \(version)", id: request.id)
    }
    throw RPCError(
      .invalidParams,
      "params._meta needs \(MetaKey.protocolVersion) and \(MetaKey.clientCapabilities)",
      id: request.id)
  }

  /// `Mcp-Name`, which may stand in base64 between `=?base64?` and `?=`.
  private func decodedName(_ request: Message.Request) throws(RPCError) -> String? {
    guard let name, name.hasPrefix("=?base64?"), name.hasSuffix("?="), name.utf8.count >= 11 else {
      return name
    }
    guard let bytes = Base64.decode(String(name.dropFirst(9).dropLast(2))),
      let text = String(validating: bytes, as: UTF8.self)
    else {
      throw RPCError(.headerMismatch, "the base64 in Mcp-Name is broken", id: request.id)
    }
    return text
  }
}

extension String {
  fileprivate var trimmingSpace: String {
    var text = self[...]
    while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
    while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
    return String(text)
  }
}
