internal import HoldfastDatabase
internal import HoldfastModel

/// Ends a call that waits for something to happen: it gets nothing, as if its time were over.
///
/// One that has its answer by then keeps it.
public struct WaitEnd: StoreOperation {
  public static let name = "wait_end"
  public static let summary = "Ends a call that waits, as if its time were over."
  public static let access = Access.write

  private let key: String

  /// - Parameter key: The call's idempotency key.
  public init(_ key: String) { self.key = key }

  public func run(
    on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) throws -> Done {
    let key = key
    store.database.endWaits { $0.name == key }
    return Done()
  }

  /// The operation as doors run it.
  public static let entry = StoreOperationEntry(WaitEnd.self) {
    (fields: inout Fields) throws(HoldfastError) in
    WaitEnd(try fields.required("key", "The call's idempotency key."))
  }
}
