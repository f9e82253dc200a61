internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

/// All rows that a database or a snapshot of task-graph-mcp holds.
///
/// Generations are told apart by the tables and columns that are there: two schemas are called V005.
struct TaskGraphTables {
  private(set) var rows: [String: [TaskGraphRow]] = [:]
  private(set) var notes: [String] = []
  /// The file that they come from.
  let path: String

  /// Tables that are read here.
  private static let own: Set<String> = [
    "tasks", "agents", "workers", "dependencies", "attachments", "file_locks", "claim_sequence",
    "task_sequence", "task_state_sequence", "task_tags", "task_needed_tags", "task_wanted_tags",
  ]

  /// Whether the names are those of the later generation: workers instead of agents.
  var isLater: Bool {
    rows["workers"] != nil || rows["task_tags"] != nil
      || (rows["dependencies"] ?? []).contains { $0.values["dep_type"] != nil }
  }

  func table(_ name: String) -> [TaskGraphRow] { rows[name] ?? [] }

  /// Whether an SQLite file is a database of task-graph-mcp.
  static func isOne(_ path: String) throws -> Bool {
    let database = try ForeignDatabase(path: path, isChecked: false)
    let tables = try database.tables()
    guard tables.contains("tasks"), tables.contains("dependencies") else { return false }
    let columns = try database.columns(of: "tasks")
    return columns.contains("owner_agent") || columns.contains("worker_id")
  }

  init(database path: String) throws {
    self.path = path
    let database = try ForeignDatabase(path: path)
    for name in try database.tables() {
      guard Self.own.contains(name) else {
        // Its index of words, and the record of its migrations, are made of the rest.
        let isDerived = name.contains("_fts") || name == "refinery_schema_history"
        let count = try isDerived ? 0 : database.count(of: name)
        if count > 0 {
          notes.append("table \(name) has no place here: \(count) rows were left out")
        }
        continue
      }
      let columns = try database.columns(of: name)
      var rows: [TaskGraphRow] = []
      try database.rows(of: name, columns) { values in
        rows.append(
          TaskGraphRow(
            values: Dictionary(zip(columns, values), uniquingKeysWith: { first, _ in first })))
      }
      self.rows[name] = rows
    }
  }

  /// The newest schema of snapshots that is known.
  private static let schemaVersionMax: Int64 = 8

  /// Whether a file that begins so is a snapshot.
  static func isSnapshot(_ start: [UInt8]) -> Bool {
    let text = String(decoding: start, as: UTF8.self)
    return text.contains("\"schema_version\"") || text.contains("\"export_version\"")
  }

  init(snapshot path: String) throws {
    self.path = path
    var bytes = try FileReading.all(path)
    if Gzip.isOne(bytes) { bytes = try Gzip.expand(bytes, max: Gzip.bytesMax) }
    let json: JSON
    do {
      json = try JSONReader.read(bytes)
    } catch {
      throw HoldfastError(
        .invalidRequest, "the snapshot \(path) is not JSON: \(error). Nothing was imported")
    }
    let export = json["export_version"]?.stringValue ?? ""
    let schema = json["schema_version"]?.int64Value
    guard export.hasPrefix("1."), let schema, (1...Self.schemaVersionMax).contains(schema),
      let tables = json["tables"]?.objectValue
    else {
      throw HoldfastError(
        .invalidRequest,
        "the snapshot \(path) is of schema version \(schema.map(String.init) ?? "none") and export "
          + "version \(export.quoted); those known are 1 to \(Self.schemaVersionMax) and 1.x. Nothing was imported"
      )
    }
    for table in tables.members {
      guard Self.own.contains(table.key) else {
        notes.append("table \(table.key.quoted) has no place here and was left out")
        continue
      }
      rows[table.key] = try (table.value.arrayValue ?? []).map { row in
        guard let row = row.objectValue else {
          throw HoldfastError(.invalidRequest, "a row of \(table.key) in \(path) is no object")
        }
        return TaskGraphRow(
          values: Dictionary(
            row.members.map { ($0.key, ForeignValue($0.value)) },
            uniquingKeysWith: { _, last in last }))
      }
    }
  }
}

extension ForeignValue {
  /// A value of a snapshot; lists and objects are JSON texts in a database.
  fileprivate init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .int(flag ? 1 : 0)
    case .number(let number):
      self = number.int64.map { .int($0) } ?? .real(number.double ?? .nan)
    case .string(let text): self = .bytes(Array(text.utf8))
    default: self = .bytes(json.rendered())
    }
  }
}
