/// Which agents may claim a task: its wanted and needed tags, as one key.
///
/// Tasks with the same rights have the same key, so a store can find the best task of each and leave
/// all others alone. The key of a task that is assigned to an agent names the agent.
public struct TagRights: Hashable, Sendable {
  /// An agent must have all of these.
  public let needed: TagList
  /// An agent must have one of these, when there are any.
  public let wanted: TagList

  public init(needed: TagList, wanted: TagList) {
    self.needed = needed
    self.wanted = wanted
  }

  /// The longest key, in bytes: it stands in an index.
  public static let keyBytesMax = 2000

  /// What comes before the name in the key of an assigned task.
  private static let assigned = "@"
  /// What comes before the tags in a key; all such keys are behind it.
  public static let tagged = "t"

  /// The key of a task; empty where everybody may claim.
  public static func key(assignee: String, needed: TagList, wanted: TagList) -> String {
    if !assignee.isEmpty { return assigned + assignee }
    if needed.isEmpty && wanted.isEmpty { return "" }
    return tagged + sorted(needed) + "\u{1}" + sorted(wanted)
  }

  /// The key of the tasks that are assigned to an agent.
  public static func key(assignedTo agent: String) -> String { assigned + agent }

  private static func sorted(_ list: TagList) -> String {
    list.tags.sorted(by: UTF8Order.precedes).joined(separator: "\n")
  }

  /// Reads a key that starts with ``tagged``.
  public init?(key: String) {
    let parts = key.dropFirst().split(separator: "\u{1}", omittingEmptySubsequences: false)
    guard key.hasPrefix(Self.tagged), parts.count == 2 else { return nil }
    needed = TagList(stored: String(parts[0]))
    wanted = TagList(stored: String(parts[1]))
  }

  /// The first needed tag that is not among these.
  public func missing(from tags: TagList) -> String? { needed.tags.first { !tags.contains($0) } }

  /// Whether one of the wanted tags is among these, or none is wanted.
  public func hasWanted(in tags: TagList) -> Bool {
    wanted.isEmpty || wanted.tags.contains { tags.contains($0) }
  }

  /// Whether an agent with these tags may claim.
  public func allows(_ tags: TagList) -> Bool { missing(from: tags) == nil && hasWanted(in: tags) }
}
