import HoldfastJSON
import HoldfastModel

/// `subtask`: the steps of a task.
enum SubtaskCommand {
  static func make() -> Command {
    Command("subtask", summary: "Lists and changes a task's subtasks.", subcommands: [list, set])
  }

  private static let list = Command(
    "list", summary: "Lists a task's subtasks.", arguments: [TaskCommand.file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "subtask_list", [("task", .string(invocation.argument("file")))])
      invocation.output.show(answer) {
        for subtask in answer["subtasks"]?.arrayValue ?? [] {
          let number = String(subtask["task_number"]?.int64Value ?? 0).padded(toScalars: 4)
          let status = subtask.text("status").padded(toScalars: 10)
          invocation.output.line("\(number) \(status) \(subtask.text("title"))")
        }
      }
      return 0
    }
  }

  private static let set = Command(
    "set", summary: "Sets the status of a subtask.",
    examples: [Example("holdfast subtask set fix-login 2 done", "Says that step 2 is done.")],
    arguments: [
      TaskCommand.file, .required("number", "The subtask's number."),
      .required(
        "status", "The new status.", hint: .words(SubtaskStatus.known)),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let file = invocation.argument("file")
      guard let number = Int64(invocation.argument("number")) else {
        throw HoldfastError(
          .usage, "a subtask's number is whole, not \(invocation.argument("number"))")
      }
      let status = invocation.argument("status")
      let answer = try session.runInProject(
        "subtask_status_set",
        [
          ("task", .string(file)), ("task_number", .number(JSONNumber(number))),
          ("status", .string(status)),
        ])
      try invocation.output.show(answer) {
        let name = try session.task(file).text("filename")
        invocation.output.line("\(name)#\(number) → \(status)")
      }
      return 0
    }
  }
}
