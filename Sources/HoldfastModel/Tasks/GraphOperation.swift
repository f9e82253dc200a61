/// What agents and users do to tasks of the graph, whatever their workflow calls the statuses.
public enum GraphOperation: String, CaseIterable, Sendable {
  case claim
  case release
  case complete
  case fail
  case cancel
  case reopen

  /// What the status means that it leads to.
  public var category: StatusCategory {
    switch self {
    case .claim: .active
    case .release, .reopen: .open
    case .complete: .done
    case .fail: .failed
    case .cancel: .cancelled
    }
  }
}

extension GraphOperation {
  /// Its name as a field.
  var fieldName: StaticString {
    switch self {
    case .claim: "claim"
    case .release: "release"
    case .complete: "complete"
    case .fail: "fail"
    case .cancel: "cancel"
    case .reopen: "reopen"
    }
  }

  /// What the field says.
  var fieldDescription: String { "The \(category.name) status that it leads to." }
}
