import HoldfastJSON
import HoldfastModel

/// `project`: the namespaces of tasks.
enum ProjectCommand {
  static func make() -> Command {
    Command(
      "project", summary: "Lists, renames, aliases and deletes projects.",
      subcommands: [list, show, rename, alias, delete])
  }

  private static let list = Command("list", summary: "Lists the projects of the store.") {
    invocation in
    try Session.run(invocation) { session in
      let answer = try session.run("project_list")
      invocation.output.show(answer) {
        for project in answer["projects"]?.arrayValue ?? [] {
          invocation.output.line(project.text("name"))
        }
      }
      return 0
    }
  }

  private static let show = Command("show", summary: "Prints the project of the current folder.") {
    invocation in
    try Session.run(invocation) { session in
      let name = try session.project().text
      invocation.output.show(.object(JSONObject([("name", .string(name))]))) {
        invocation.output.line(name)
      }
      return 0
    }
  }

  private static let rename = Command(
    "rename", summary: "Gives a project another name.",
    discussion: """
      A repository that the project is recorded with finds it under any name. Whoever names the \
      project, such as a client of the server, needs the new name, or --keep-alias.
      """,
    options: [.flag("keep-alias", "Lets the old name lead to the project, too.")],
    arguments: [
      .required("name", "The project.", hint: CompleteCommand.projects),
      .required("new-name", "Its new name."),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let name = invocation.argument("name")
      let newName = invocation.argument("new-name")
      let answer = try session.run(
        "project_rename",
        [
          ("project", .string(name)), ("new_name", .string(newName)),
          ("keep_alias", .bool(invocation.flag("keep-alias"))),
        ])
      invocation.output.show(answer) { invocation.output.line("renamed \(name) → \(newName)") }
      return 0
    }
  }

  private static let alias = Command(
    "alias", summary: "Gives a project a second name.",
    arguments: [
      .required("name", "The project.", hint: CompleteCommand.projects),
      .required("alias", "Its second name."),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let name = invocation.argument("name")
      let alias = invocation.argument("alias")
      let answer = try session.run(
        "project_alias", [("project", .string(name)), ("alias", .string(alias))])
      invocation.output.show(answer) { invocation.output.line("\(alias) → \(name)") }
      return 0
    }
  }

  private static let delete = Command(
    "delete", summary: "Deletes a project that has no tasks any more, or an alias alone.",
    options: [
      .flag("yes", "Deletes without asking."),
      .flag("force", "Deletes a project that has tasks; nobody reaches them any more."),
    ],
    arguments: [.required("name", "The project or the alias.", hint: CompleteCommand.projects)]
  ) { invocation in
    try Session.run(invocation) { session in
      let name = invocation.argument("name")
      let project = ("project", JSON.string(name))
      let main = try session.run("project_get", [project]).text("name")
      let question =
        if main != name { "delete alias \(name) of project \(main)" } else {
          "delete project \(name) (\(try session.taskCount(of: name).of("task")))"
        }
      guard try invocation.isConfirmed(question) else {
        return HoldfastError.Code.usage.exitCode
      }
      let answer = try session.run(
        "project_delete", [project, ("force", .bool(invocation.flag("force")))])
      invocation.output.show(answer) { invocation.output.line("deleted \(name)") }
      return 0
    }
  }
}

extension Session {
  /// How many tasks a project has, whatever their status.
  fileprivate func taskCount(of project: String) throws -> Int {
    let fields: [(String, JSON)] = [("project", .string(project)), ("fields", "slim")]
    return try run("task_list", fields)["tasks"]?.arrayValue?.count ?? 0
  }
}
