import HoldfastJSON
import HoldfastModel

/// `sql`: reads the store with a statement.
enum SQLCommand {
  static func make() -> Command {
    Command(
      "sql", summary: "Reads the store with one SQL statement.",
      discussion: """
        One SELECT, WITH or VALUES, for at most five seconds; nothing can be changed by it. Values \
        stand as ?1, ?2 and come behind the statement. Beside the store's own tables there are the \
        views task_graph_tasks, task_graph_agents, task_graph_dependencies, task_graph_file_locks, \
        task_graph_claim_sequence and task_graph_attachments, with the names of task-graph-mcp and times in milliseconds. What is \
        the store's own business is not there: keys of repeated requests, the index of words. Without a \
        statement, or with --tables, prints all tables and views with their columns.
        """,
      examples: [
        Example(
          "holdfast sql \"SELECT id, status FROM task_graph_tasks WHERE owner_agent = ?1\" ada",
          "Shows what ada works on."),
        Example("holdfast sql --tables", "Lists what can be read."),
      ],
      options: [
        .flag("tables", "Lists the tables and views with their columns."),
        .integer("limit", "n", "At most this many rows.", in: 1...1000),
        .choice(
          "format", "format", ["markdown", "csv", "json"], "How the rows are written.",
          default: "markdown"),
        .choice(
          "time-unit", "unit", ["ms", "s"], "The unit of times in the views.", default: "ms"),
      ],
      arguments: [
        .optional("statement", "The statement; without one, what can be read is listed."),
        .repeating("values", "Its values: numbers, or texts.", atLeast: 0),
      ]
    ) { invocation in
      try invocation.refuseProject()
      let statement = invocation.optionalArgument("statement")
      guard statement == nil || !invocation.flag("tables") else {
        throw HoldfastError(
          .usage, "--tables lists what can be read: leave the statement out, or --tables")
      }
      return try Session.run(invocation) { session in
        let isJSON = invocation.globals.isJSON || invocation.text("format") == "json"
        var fields: [(String, JSON)] = [
          ("values", .array(invocation.arguments("values").map(value))),
          ("format", .string(isJSON ? "json" : invocation.text("format") ?? "markdown")),
          ("time_unit", .string(invocation.text("time-unit") ?? "ms")),
        ]
        if let statement { fields.append(("sql", .string(statement))) }
        if let limit = invocation.int("limit") {
          fields.append(("limit", .number(.init(Int64(limit)))))
        }
        let answer = try session.run("sql_query", fields)
        guard !isJSON else {
          invocation.output.json(answer)
          return 0
        }
        invocation.output.content(Array((answer["content"]?.stringValue ?? "").utf8))
        if answer["truncated"]?.boolValue == true {
          invocation.output.note("there are more rows: ask for more with --limit, or for fewer")
        }
        return 0
      }
    }
  }

  /// A value as it is written: a whole number, or a text.
  private static func value(_ word: String) -> JSON {
    Int64(word).map { .number(JSONNumber($0)) } ?? .string(word)
  }
}
