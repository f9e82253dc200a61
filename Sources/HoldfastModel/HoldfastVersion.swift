/// The version of this program.
public enum HoldfastVersion {
  /// Semantic versioning 2.0.
  public static let current = "0.1.0"
}
