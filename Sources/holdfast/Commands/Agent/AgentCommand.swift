import HoldfastJSON
import HoldfastModel

/// `agent`: the workers of the fleet.
enum AgentCommand {
  static func make() -> Command {
    Command(
      "agent", summary: "Connects, lists and disconnects the agents of the store.",
      subcommands: [connect, disconnect, list, heartbeat])
  }

  private static let id = Argument.required("id", "The agent's id.", hint: CompleteCommand.agents)

  private static let connect = Command(
    "connect", summary: "Makes an agent known; without an id it gets one.",
    examples: [
      Example("holdfast agent connect", "Prints the id that a new agent got."),
      Example("holdfast agent connect ada --tag swift --force", "Connects an agent once more."),
    ],
    options: [
      .text("name", "name", "What people call it."),
      .text("tag", "tag", "What it can do, for tasks that ask for it.", repeatable: true),
      .integer(
        "max-claims", "n", "How many tasks it may hold at once.", in: 1...10_000, defaultNote: "5"),
      .flag("force", "Connects an agent that is connected, with what is given here."),
    ],
    arguments: [.optional("id", "The agent's id.", hint: CompleteCommand.agents)]
  ) { invocation in
    try Session.run(invocation) { session in
      var fields: [(String, JSON)] = [("force", .bool(invocation.flag("force")))]
      if let id = invocation.optionalArgument("id") { fields.append(("agent", .string(id))) }
      if let name = invocation.text("name") { fields.append(("name", .string(name))) }
      let tags = invocation.list("tag")
      if !tags.isEmpty { fields.append(("tags", .array(tags.map { .string($0) }))) }
      if let claims = invocation.int("max-claims") {
        fields.append(("max_claims", .number(JSONNumber(Int64(claims)))))
      }
      let agent = try session.run("agent_connect", fields)
      invocation.output.show(agent) { invocation.output.line("connected: \(agent.text("id"))") }
      return 0
    }
  }

  private static let disconnect = Command(
    "disconnect", summary: "Takes an agent out of the fleet and frees what it holds.",
    arguments: [id]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.run(
        "agent_disconnect", [("agent", .string(invocation.argument("id")))])
      invocation.output.show(answer) {
        let tasks = answer.count("tasks_released", "task")
        let files = answer.count("files_released", "file")
        guard answer["unknown"] == nil else {
          return invocation.output.line("not connected: \(invocation.argument("id"))")
        }
        invocation.output.line(
          "disconnected: \(invocation.argument("id")) (released \(tasks), \(files))")
      }
      return 0
    }
  }

  private static let heartbeat = Command(
    "heartbeat", summary: "Says that an agent is alive, so that it keeps what it holds.",
    arguments: [id]
  ) { invocation in
    try Session.run(invocation) { session in
      let agent = try session.run(
        "agent_heartbeat", [("agent", .string(invocation.argument("id")))])
      invocation.output.show(agent) {
        invocation.output.line("alive until \(agent.text("lease_expires_at")): \(agent.text("id"))")
      }
      return 0
    }
  }

  private static let list = Command("list", summary: "Lists the connected agents, newest first.") {
    invocation in
    try Session.run(invocation) { session in
      let agents = try session.all("agents", of: "agent_list", inProject: false)
      invocation.output.show(["agents": .array(agents)]) {
        if agents.isEmpty { return invocation.output.line("no agents") }
        var table = TextTable([
          .init("agent"), .init("name", isFlexible: true), .init("tags", isFlexible: true),
          .init("claims", isRight: true), .init("last heard of"),
        ])
        for agent in agents {
          let tags = agent["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
          let claims = agent["claim_count"]?.int64Value ?? 0
          table.add([
            agent.text("id"), agent.text("name"), tags.joined(separator: " "),
            "\(claims)/\(agent["max_claims"]?.int64Value ?? 0)", agent.text("last_heartbeat"),
          ])
        }
        invocation.output.table(table)
      }
      return 0
    }
  }
}

extension Session {
  /// All elements of a list that comes in pages.
  func all(
    _ key: String, of operation: String, _ fields: [(String, JSON)] = [], inProject: Bool = true
  ) throws -> [JSON] {
    var elements: [JSON] = []
    var cursor: [(String, JSON)] = []
    while true {
      let page =
        inProject
        ? try runInProject(operation, fields + cursor) : try run(operation, fields + cursor)
      elements += page[key]?.arrayValue ?? []
      guard let next = page["next_cursor"] else { return elements }
      cursor = [("cursor", next)]
    }
  }
}
