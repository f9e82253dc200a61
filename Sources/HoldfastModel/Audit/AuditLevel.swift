/// How much an audit event matters.
public enum AuditLevel: String, CaseIterable, Hashable, Sendable {
  /// Something happened as it should.
  case info
  /// Something deserves a look.
  case warn
  /// Something failed.
  case error
}
