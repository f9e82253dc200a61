internal import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// Reads the store with a statement that the caller wrote.
public struct SQLQuery: Report {
  public static let name = "sql_query"
  public static let summary =
    "Reads the store with one SQL statement that only reads, for at most five seconds; without one, lists "
    + "the tables and views with their columns."
  public static let access = Access.admin

  /// nil for the list of what can be read.
  public let statement: String?
  public let values: [JSON]
  public let limit: Int64
  public let format: SQLFormat
  public let unit: TimeUnit

  /// In which unit the times of the task graph's views are.
  public enum TimeUnit: String, CaseIterable, Sendable, Choice {
    case milliseconds = "ms"
    case seconds = "s"
  }

  private static let statementBytesMax = 65536

  public init(reading fields: inout Fields) throws(HoldfastError) {
    statement = try fields.optional(
      "sql",
      "One SELECT, WITH or VALUES; left out, the tables and views with their columns; values stand as ?1, ?2. Views task_graph_tasks, task_graph_agents, "
        + "task_graph_dependencies, task_graph_file_locks, task_graph_claim_sequence and "
        + "task_graph_attachments have the names of task-graph-mcp.")
    values = try fields.value(
      "values", "Texts, whole numbers and null, in their order.", default: [JSON]())
    limit = try fields.value("limit", "At most this many rows.", in: 1...1000, default: 100)
    format = try fields.value("format", "How the rows are written.", default: SQLFormat.json)
    unit = try fields.value(
      "time_unit", "The unit of times in the views of the task graph.",
      default: TimeUnit.milliseconds)
  }

  public func check() throws(HoldfastError) {
    guard statement?.utf8.count ?? 0 <= Self.statementBytesMax else {
      throw FieldPosition("sql").mustBe("at most \(Self.statementBytesMax) bytes long")
    }
  }

  /// What a report may read.
  ///
  /// What is not here is the store's own: keys of repeated requests, the index of words, clocks.
  private static let visible: Set<String> = Set(
    Tables.logged.map(\.name) + Tables.apart.map(\.name) + ["events"]
      + TaskGraphViews.all(.sqlite, .milliseconds).map(\.name))

  public func run(on store: Store) throws -> SQLAnswer {
    guard let statement else { return try tables(of: store) }
    var request = ReportRequest(
      text: statement, values: try bound(), rowsMax: Int(limit), visible: Self.visible)
    if unit == .seconds {
      request.views = TaskGraphViews.all(try store.view { $0.reading.dialect }, .seconds)
    }
    do {
      return SQLAnswer(rows: try store.database.report(request), format: format)
    } catch let refusal as ReportRefusal {
      throw FieldPosition("sql").invalid("sql: \(refusal.message)")
    }
  }

  /// What can be read: the views that have a name in another system, then the store's own tables.
  private func tables(of store: Store) throws -> SQLAnswer {
    let views = TaskGraphViews.all(.sqlite, .milliseconds).map(\.name)
    var list = ReportRows()
    list.columns = ["name", "kind", "columns"]
    for name in views + Self.visible.subtracting(views).sorted() {
      let columns = try store.database.report(
        ReportRequest(
          text: "SELECT * FROM \(name) LIMIT 0", values: [], rowsMax: 1, visible: Self.visible)
      ).columns
      list.rows.append([
        .text(name), .text(views.contains(name) ? "view" : "table"),
        .text(columns.joined(separator: ", ")),
      ])
    }
    return SQLAnswer(rows: list, format: format)
  }

  private func bound() throws(HoldfastError) -> [SQLValue] {
    var bound: [SQLValue] = []
    for (place, value) in values.enumerated() {
      switch value {
      case .null: bound.append(.null)
      case .string(let text) where !text.utf8.contains(0): bound.append(.text(text))
      case .bool(let flag): bound.append(.int(flag ? 1 : 0))
      case .number(let number):
        guard let whole = number.int64 else { fallthrough }
        bound.append(.int(whole))
      default:
        throw FieldPosition("values").invalid(
          "values[\(place)] must be a text, a whole number or null")
      }
    }
    return bound
  }
}

/// How the rows of a report are written.
public enum SQLFormat: String, CaseIterable, Sendable, Choice {
  case json
  case csv
  case markdown
}

/// The rows that a report found.
public struct SQLAnswer: Output {
  let rows: ReportRows
  let format: SQLFormat

  public static var placeholder: SQLAnswer { SQLAnswer(rows: ReportRows(), format: .json) }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "SQLRows" }

  public func write(_ out: inout ObjectWriter) {
    out.field("format", format.rawValue, "How they are written.")
    out.list("columns", rows.columns, "The names of the columns.")
    out.field("rows", rendered: json, "Each row as a list of its values; empty for another format.")
    out.field("content", unlessEmpty: content, "The rows as CSV or Markdown.")
    out.field("row_count", Int64(rows.rows.count), "How many rows there are.")
    out.field("truncated", rows.isTruncated, "Whether there are more than that.")
  }

  private var json: [UInt8] {
    var out = JSONWriter(reserving: 1024)
    out.beginArray()
    for row in format == .json ? rows.rows : [] {
      out.beginArray()
      for value in row {
        switch value {
        case .null: out.null()
        case .int(let number): out.int(number)
        case .real(let number): out.value(number.isFinite ? .number(JSONNumber(number)) : .null)
        case .text(let text): out.string(text)
        case .bytes(let bytes): out.string(Base64.encode(bytes))
        }
      }
      out.endArray()
    }
    out.endArray()
    return out.bytes
  }

  private var content: String {
    switch format {
    case .json: ""
    case .csv:
      ([rows.columns] + rows.rows.map { $0.map(Self.word) })
        .map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
    case .markdown:
      ([rows.columns, rows.columns.map { _ in "---" }] + rows.rows.map { $0.map(Self.cell) })
        .map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }
  }

  private static func word(_ value: ReportValue) -> String {
    switch value {
    case .null: ""
    case .int(let number): String(number)
    case .real(let number): "\(JSONNumber(number))"
    case .text(let text): text
    case .bytes(let bytes): Base64.encode(bytes)
    }
  }

  /// A value of CSV, as RFC 4180 quotes it.
  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { Array(",\"\r\n".utf8).contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  private static func cell(_ value: ReportValue) -> String {
    word(value).replacing("\\", with: "\\\\").replacing("|", with: "\\|")
      .replacing("\r\n", with: "<br>").replacing("\n", with: "<br>")
  }
}
