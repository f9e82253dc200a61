public import HoldfastDatabase
public import HoldfastStore

/// Has a process let go of a store that it only holds because no server does.
public struct HandOver: StoreOperation {
  public static let name = "hand_over"
  public static let summary = "Lets go of the store, for a server that wants to have it."
  public static let access = Access.admin

  private let letGo: @Sendable () -> Void

  /// - Parameter letGo: Lets go of the store, once this has been answered.
  public init(_ letGo: @escaping @Sendable () -> Void) { self.letGo = letGo }

  public func run(
    on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) throws -> Done {
    try startThread(name: "holdfast-handover", letGo)
    return Done()
  }

  /// Asks the holder of a store to let go of it.
  ///
  /// - Returns: Whether it will; false also when nobody answers there.
  public static func ask(_ holder: StoreLock.Holder, path: String) -> Bool {
    guard let socket = holder.socket else { return false }
    let runner = RemoteRunner(
      to: .unixSocket(socket), keys: IdempotencyKeys(), secondsMax: 2,
      storePath: realPath(of: path))
    return (try? runner.run(OperationCall(name), idempotencyKey: nil)) != nil
  }
}
