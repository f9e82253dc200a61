/// The members of a JSON object, in order and with duplicates kept.
///
/// Keys are compared by their UTF-8 bytes. Where a key occurs more than once, the last one counts.
public struct JSONObject: Sendable {
  /// One key with its value.
  public struct Member: Sendable {
    /// The name of the member.
    public var key: String
    /// What the name stands for.
    public var value: JSON

    /// A key with its value.
    public init(key: String, value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The members in order, duplicates kept.
  public var members: [Member]

  /// An object without members.
  public init() {
    members = []
  }

  /// An object with these members in this order.
  public init(_ members: [(String, JSON)]) {
    self.members = members.map { Member(key: $0.0, value: $0.1) }
  }

  /// Takes the members as they are.
  init(members: [Member]) {
    self.members = members
  }

  /// The value of a key; the last one of duplicates.
  public subscript(_ key: String) -> JSON? {
    guard let index = lastIndex(of: key) else { return nil }
    return members[index].value
  }

  /// Replaces the value that ``subscript(_:)`` returns, or appends a new member.
  public mutating func set(_ key: String, _ value: JSON) {
    if let index = lastIndex(of: key) {
      members[index].value = value
    } else {
      members.append(Member(key: key, value: value))
    }
  }

  private func lastIndex(of key: String) -> Int? {
    var index = members.count - 1
    while index >= 0 {
      if members[index].key.hasSameBytes(as: key) { return index }
      index -= 1
    }
    return nil
  }
}

extension JSONObject: Equatable {
  /// Compares what the keys stand for; order and overridden duplicates do not count.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    let left = left.membersByKey
    let right = right.membersByKey
    guard left.count == right.count else { return false }
    return left.allSatisfy { right[$0.key] == $0.value }
  }

  /// The values that count, by the bytes of their keys.
  private var membersByKey: [[UInt8]: JSON] {
    Dictionary(members.map { (Array($0.key.utf8), $0.value) }) { _, last in last }
  }
}
