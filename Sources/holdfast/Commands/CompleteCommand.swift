import HoldfastJSON
import HoldfastModel

/// `complete`: the words of the store that shells offer at the tab key; hidden.
enum CompleteCommand {
  static let tasks = ValueHint.lines(of: ["complete", "tasks"])
  static let topics = ValueHint.lines(of: ["complete", "topics"])
  static let agents = ValueHint.lines(of: ["complete", "agents"])
  static let workflows = ValueHint.lines(of: ["complete", "workflows"])
  static let projects = ValueHint.lines(of: ["complete", "projects"])

  static func make() -> Command {
    Command(
      "complete", summary: "Prints the words that a shell offers.",
      subcommands: [
        words("tasks", "Prints the names of tasks.") { session in
          try session.runInProject("task_list", [("fields", "slim")])["tasks"]?.names("filename")
        },
        words("topics", "Prints the names of topics.") { session in
          try session.runInProject("topic_list")["topics"]?.names("name")
        },
        words("agents", "Prints the ids of agents.") { session in
          try session.run("agent_list")["agents"]?.names("id")
        },
        words("workflows", "Prints the names of workflows.") { session in
          try session.runInProject("workflow_list")["workflows"]?.names("name")
        },
        words("projects", "Prints the names of projects.") { session in
          try session.run("project_list")["projects"]?.names("name")
        },
      ], isHidden: true)
  }

  private static func words(
    _ name: String, _ summary: String, _ read: @escaping @Sendable (Session) throws -> [String]?
  ) -> Command {
    Command(name, summary: summary) { invocation in
      // A key that is pressed makes no store.
      if case .sqlite(let path) = try Settings.load(for: invocation).databaseURL,
        !Path.exists(path)
      {
        return 0
      }
      return try Session.run(invocation) { session in
        // A name that is not one plain line cannot be typed anyway.
        for name in try read(session) ?? [] where VisibleText.line(name) == name {
          invocation.output.line(name)
        }
        return 0
      }
    }
  }
}

extension JSON {
  /// The texts of one member of each element.
  fileprivate func names(_ key: String) -> [String] { arrayValue?.map { $0.text(key) } ?? [] }
}
