public import HoldfastModel

/// Makes the index of the search again, from the tasks.
public struct SearchRebuild: StoreOperation {
  public static let name = "search_rebuild"
  public static let summary = "Makes the index of the search again."
  public static let access = Access.admin

  public init() {}

  public func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void)
    throws -> SearchRebuildReport
  {
    try translatingErrors {
      let tasks = try store.search.rebuild { done, total in
        try progress(
          StoreProgress("indexing", unit: "events", done: Int(done), total: Int(total)))
      }
      return SearchRebuildReport(tasks: tasks)
    }
  }
}

/// An index that was made again.
public struct SearchRebuildReport: Output {
  public let tasks: Int64

  public static var placeholder: SearchRebuildReport { SearchRebuildReport(tasks: 0) }

  public func write(_ out: inout ObjectWriter) {
    out.field("tasks", tasks, "How many tasks are in the index.")
  }
}
