extension OperationCatalog {
  /// Operations on signals.
  static let signals: [OperationEntry] = [
    .mutation(SignalCreate.self),
    .query(SignalGet.self),
    .listing(SignalList.self),
    .mutation(SignalClaim.self),
    .mutation(SignalProcessed.self),
    .mutation(SignalApply.self),
    .mutation(SignalResetStuck.self),
    .mutation(SignalRetry.self),
    .mutation(SignalPurge.self),
  ]
}
