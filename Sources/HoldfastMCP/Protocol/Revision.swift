/// A revision of the Model Context Protocol.
///
/// Up to 2025-11-25 a client shakes hands (`initialize`); from 2026-07-28 on each request says by itself
/// what it speaks.
public enum Revision: String, Sendable, CaseIterable, Comparable {
  case y2024m11 = "2024-11-05"
  case y2025m03 = "2025-03-26"
  case y2025m06 = "2025-06-18"
  case y2025m11 = "2025-11-25"
  case y2026m07 = "2026-07-28"

  /// The newest one that clients shake hands for.
  static let newestLegacy = Revision.y2025m11
  /// Those whose requests stand alone.
  static let modern: [Revision] = [.y2026m07]

  /// Whether its requests stand alone.
  public var isModern: Bool { Self.modern.contains(self) }

  public static func < (left: Revision, right: Revision) -> Bool { left.rawValue < right.rawValue }
}

/// The keys of a request's `_meta`.
enum MetaKey {
  static let protocolVersion = "io.modelcontextprotocol/protocolVersion"
  static let clientCapabilities = "io.modelcontextprotocol/clientCapabilities"
  static let subscriptionID = "io.modelcontextprotocol/subscriptionId"
  static let serverInfo = "io.modelcontextprotocol/serverInfo"
}
