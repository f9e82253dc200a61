internal import HoldfastJSON

/// Which rules a request asks for.
///
/// Each message says so by itself: clients mix eras on one connection.
enum Era: Sendable {
  /// It stands alone: from 2026-07-28 on.
  case modern
  /// Behind a handshake, or without one.
  case legacy

  /// Tells the era of a request.
  ///
  /// - Throws: ``RPCError`` for a claim that is no whole one, and for a revision that nobody knows.
  init(of request: Message.Request) throws(RPCError) {
    guard let meta = request.meta, let claimed = meta[MetaKey.protocolVersion] else {
      self = .legacy
      return
    }
    guard let version = claimed.stringValue else {
      throw RPCError(
        .invalidParams, "_meta.\(MetaKey.protocolVersion) must be a string", id: request.id)
    }
    guard let revision = Revision(rawValue: version) else {
      throw RPCError.unsupported(version, id: request.id)
    }
    guard revision.isModern else {
      self = .legacy
      return
    }
    guard meta[MetaKey.clientCapabilities]?.objectValue != nil else {
      throw RPCError(
        .invalidParams, "_meta.\(MetaKey.clientCapabilities) must be an object", id: request.id)
    }
    self = .modern
  }
}

extension RPCError {
  /// The refusal of a revision.
  static func unsupported(_ version: String, id: RequestID?) -> RPCError {
    RPCError(
      .unsupportedVersion, "this server does not speak \(version)",
      data: JSONObject([
        ("supported", .array(Revision.modern.map { .string($0.rawValue) })),
        ("requested", .string(version)),
      ]), id: id)
  }
}
