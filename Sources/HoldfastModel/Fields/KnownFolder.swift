/// The folder of a project on this machine, as a door knows it.
public struct KnownFolder: Sendable, Equatable {
  public let path: String
  /// Whether its owner asks, and not whoever reaches a server over the network.
  public let isOwners: Bool

  public init(path: String, isOwners: Bool) {
    self.path = path
    self.isOwners = isOwners
  }
}
