/// What a patch does with a field: null and absent differ.
public enum Change<Value: Sendable>: Sendable {
  case keep
  case clear
  case set(Value)

  /// The value after the change.
  ///
  /// - Parameters:
  ///   - current: The value before.
  ///   - empty: What "cleared" means for this field.
  public func applied(to current: Value, empty: Value) -> Value {
    switch self {
    case .keep: current
    case .clear: empty
    case .set(let value): value
    }
  }

  /// The value after the change, where nothing is a value.
  public func applied(to current: Value?) -> Value? {
    switch self {
    case .keep: current
    case .clear: nil
    case .set(let value): value
    }
  }

  /// Whether the patch names the field.
  public var isChange: Bool {
    if case .keep = self { false } else { true }
  }
}
