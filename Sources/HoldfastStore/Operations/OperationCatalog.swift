/// Every operation, once: the doors list, describe and look them up here.
public enum OperationCatalog {
  public static let all: [OperationEntry] =
    tasks + graph + taskRows + live + attachments + agents + locks + workflow + pullRequests
    + signals + topics
    + projects + maintenance + reports

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The operation of that name.
  public static func named(_ name: String) -> OperationEntry? { byName[name] }
}
