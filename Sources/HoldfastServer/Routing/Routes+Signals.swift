internal import HoldfastJSON
internal import HoldfastStore

extension Routes {
  /// Signals.
  static let signals: [Route] = [
    route(.get, "signals", .listing(SignalList.self)) {
      // The contract's clients rely on it: a list without a status is empty.
      $0.fixed = [("needs_status", true)]
    },
    route(.post, "signals", .mutation(SignalCreate.self)) {
      $0.body = .object
      $0.reply.status = 201
    },
    route(.post, "signals/claim", .mutation(SignalClaim.self)) { $0.body = .object },
    route(.post, "signals/reset-stuck", .mutation(SignalResetStuck.self)) { $0.body = .object },
    route(.post, "signals/purge", .mutation(SignalPurge.self)) { $0.body = .object },
    route(.get, "signals/{id}", .query(SignalGet.self)),
    route(.post, "signals/{id}/processed", .mutation(SignalProcessed.self)) { $0.body = .object },
    route(.post, "signals/{id}/retry", .mutation(SignalRetry.self)),
  ]
}
