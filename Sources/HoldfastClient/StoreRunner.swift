public import HoldfastJSON
public import HoldfastStore

/// Runs operations, and work that spans the store, where a process may use the store itself.
public protocol StoreRunner: OperationRunner {
  /// Runs work that spans the store.
  ///
  /// - Parameter progress: Told how far it is, while it runs here.
  func run(
    _ entry: StoreOperationEntry, _ fields: [(String, JSON)],
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) throws -> JSON

  /// Lets go of the store; the next call takes it again.
  func close()
}
