public import HoldfastJSON

/// What a status means, whatever its workflow calls it: claims, readiness and statistics go by it.
public enum StatusCategory: Int64, CaseIterable, Sendable {
  /// Waits to be started; only such a task can be claimed.
  case open = 0
  /// Somebody works on it.
  case active = 1
  /// It cannot go on for now.
  case waiting = 2
  /// It ended well.
  case done = 3
  /// It ended badly.
  case failed = 4
  /// It was given up.
  case cancelled = 5

  /// The name on the wire.
  public var name: String { "\(self)" }

  /// Whether the work has ended, well or not.
  public var isFinal: Bool { self == .done || endedBadly }

  /// Whether the work has ended without its result.
  public var endedBadly: Bool { self == .failed || self == .cancelled }

  /// How the whole stands by how its parts stand; nil without parts.
  ///
  /// What has begun and has not ended is active. What has ended has failed when one part did, and is
  /// cancelled when all were.
  public init?(rollingUp parts: some Collection<StatusCategory>) {
    guard !parts.isEmpty else { return nil }
    if parts.allSatisfy(\.isFinal) {
      self = parts.contains(.failed) ? .failed : parts.contains(.done) ? .done : .cancelled
    } else if parts.contains(.active) || parts.contains(.done) {
      self = .active
    } else {
      self = parts.contains(.open) ? .open : .waiting
    }
  }
}

extension StatusCategory: FieldValue {
  public static var fieldSchema: FieldSchema { .text(choices: allCases.map(\.name)) }
  public static var placeholder: StatusCategory { .open }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    let name = try String(json, field: field)
    guard let category = Self.allCases.first(where: { $0.name == name }) else {
      let names = Self.allCases.map(\.name)
      throw field.mustBe(
        "one of \(names.joined(separator: ", ")), not \(name.quoted)"
          + EditDistance.hint(name, among: names))
    }
    self = category
  }

  public var fieldJSON: JSON { .string(name) }
}
