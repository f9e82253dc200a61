internal import HoldfastJSON
public import HoldfastModel

/// What a check of the whole store found.
public struct VerifyReport: Output {
  /// What differs, a sentence each.
  public var problems: [String] = []
  /// Problems beyond those that are listed.
  public var problemsLeftOut = 0
  /// What was not looked at and why, a sentence each.
  public var unchecked: [String] = []
  /// Files of the project's media folder that no attachment has.
  public var mediaLeft: [String] = []
  /// How many rows each table has.
  public var tables: [TableCount] = []
  /// How many events the log has.
  public var events = 0
  /// The number of the last event.
  public var lastSequence: Int64 = 0

  public init() {}

  /// Whether nothing differs.
  public var isClean: Bool { problems.isEmpty && problemsLeftOut == 0 }

  public static var placeholder: VerifyReport { VerifyReport() }

  public func write(_ out: inout ObjectWriter) {
    out.field("clean", isClean, "Whether the store is what its history says, to the last column.")
    out.list("problems", problems, "What differs, a sentence each.")
    out.field("problems_left_out", Int64(problemsLeftOut), "How many more there are.")
    out.list("unchecked", unchecked, "What was not looked at and why, a sentence each.")
    out.list(
      "media_left", unlessEmpty: mediaLeft,
      "Files of the project's media folder that no attachment has.")
    out.list("tables", tables, "How many rows each table has.")
    out.field("events", Int64(events), "How many events the log has.")
    out.field("last_seq", lastSequence, "The number of the last event.")
  }

  /// The refusal of a store, or a copy of one, that is not clean.
  ///
  /// - Parameter what: What was checked, at the start of the sentence.
  /// - Returns: The error that lists the problems.
  func refusal(of what: String) -> HoldfastError {
    let more = problems.count + problemsLeftOut - 1
    let first = problems.first ?? "it has no history"
    return HoldfastError(
      .corrupt, "\(what) is damaged: \(first)" + (more > 0 ? " And \(more) more." : ""),
      details: [("problems", .array(problems.map { .string($0) }))])
  }
}

/// The number of rows of a table.
public struct TableCount: Output, Equatable {
  public let name: String
  public var rows: Int

  public init(name: String, rows: Int) {
    self.name = name
    self.rows = rows
  }

  public static var placeholder: TableCount { TableCount(name: "tasks", rows: 0) }

  public func write(_ out: inout ObjectWriter) {
    out.field("name", name, "The table's name.")
    out.field("rows", Int64(rows), "How many rows it has.")
  }
}
