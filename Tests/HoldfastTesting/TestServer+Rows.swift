public import HoldfastDatabase
public import HoldfastJSON

extension TestServer {
  /// Creates a task of project `p`; `fields` is the rest of its JSON object.
  @discardableResult
  public func task(_ filename: String, _ fields: String = "") -> HTTPClient.Answer {
    let rest = fields.isEmpty ? "" : ", \(fields)"
    return client.post("/v1/projects/p/tasks", #"{"filename": "\#(filename)"\#(rest)}"#)
  }

  /// What GET says of a task of project `p`.
  public func entry(_ filename: String) -> JSON? {
    client.get("/v1/projects/p/tasks/\(filename)").json
  }

  /// Rows of the store as they are, one list of values each.
  public func rows(_ sql: SQL, _ values: [SQLValue] = []) throws -> [[SQLValue]] {
    try backing.database.read { transaction in
      try transaction.all(sql, values) { row in (0..<row.columnCount).map { row.value($0) } }
    }
  }
}
