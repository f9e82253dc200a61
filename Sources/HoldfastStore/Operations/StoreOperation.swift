public import HoldfastModel

/// Work that spans the store: verify, backup, import, export.
///
/// It takes as long as the store is large, so it runs on its caller's thread in bounded steps, beside
/// reads and writes that go on. The doors render its report like any other answer.
public protocol StoreOperation: Sendable {
  /// What it answers with.
  associatedtype Report: Output

  /// The name on every door, in snake case.
  static var name: String { get }
  /// What it does, in one sentence.
  static var summary: String { get }
  /// What a caller must be allowed to do.
  static var access: Access { get }

  /// Does the work and blocks until it is done.
  ///
  /// - Parameters:
  ///   - store: The store it spans.
  ///   - progress: Called often, on the calling thread; what it throws ends the work.
  /// - Returns: What was done or found.
  /// - Throws: ``HoldfastError`` when it cannot be done.
  func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void) throws
    -> Report
}

extension StoreOperation {
  /// Does the work without telling anybody how far it is.
  public func run(on store: Store) throws -> Report { try run(on: store) { _ in } }
}

/// How far a long work is.
public struct StoreProgress: Sendable, Equatable {
  /// What is being done, such as "comparing tasks"; it changes when a part of the work ends.
  public let phase: String
  /// What is counted, in the plural, such as "events".
  public let unit: String
  public let done: Int
  /// How much there is to do in this phase; nil when nobody knows.
  public let total: Int?

  public init(_ phase: String, unit: String, done: Int, total: Int? = nil) {
    self.phase = phase
    self.unit = unit
    self.done = done
    self.total = total
  }
}
