extension OperationCatalog {
  /// Operations on file locks.
  static let locks: [OperationEntry] = [
    .mutation(LockTake.self),
    .mutation(LockRelease.self),
    .listing(LockList.self),
    .mutation(LockUpdates.self),
    .listing(LockEventList.self),
  ]
}
