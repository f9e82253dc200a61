import HoldfastJSON

/// `topic`: what groups tasks.
enum TopicCommand {
  static func make() -> Command {
    Command("topic", summary: "Lists and makes topics.", subcommands: [list, create])
  }

  private static let list = Command("list", summary: "Lists the project's topics.") { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject("topic_list")
      invocation.output.show(answer) {
        for topic in answer["topics"]?.arrayValue ?? [] {
          invocation.output.line(topic.text("name"))
        }
      }
      return 0
    }
  }

  private static let create = Command(
    "create", summary: "Makes a topic.", arguments: [.required("name", "The topic's name.")]
  ) { invocation in
    try Session.run(invocation) { session in
      try session.recordProject()
      let answer = try session.runInProject(
        "topic_create", [("name", .string(invocation.argument("name")))])
      invocation.output.show(answer) { invocation.output.line("created: \(answer.text("name"))") }
      return 0
    }
  }
}
