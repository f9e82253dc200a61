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
    arguments: [.required("name", "The project."), .required("new-name", "Its new name.")]
  ) { invocation in
    try Session.run(invocation) { session in
      let name = invocation.argument("name")
      let newName = invocation.argument("new-name")
      let answer = try session.run(
        "project_rename", [("project", .string(name)), ("new_name", .string(newName))])
      invocation.output.show(answer) { invocation.output.line("renamed \(name) → \(newName)") }
      return 0
    }
  }

  private static let alias = Command(
    "alias", summary: "Gives a project a second name.",
    arguments: [.required("name", "The project."), .required("alias", "Its second name.")]
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
    "delete", summary: "Deletes a project that has no tasks any more.",
    options: [.flag("yes", "Deletes without asking.")],
    arguments: [.required("name", "The project.")]
  ) { invocation in
    try Session.run(invocation) { session in
      let name = invocation.argument("name")
      guard invocation.flag("yes") else {
        invocation.output.line("delete project \(name)? pass --yes to confirm")
        return HoldfastError.Code.usage.exitCode
      }
      let answer = try session.run("project_delete", [("project", .string(name))])
      invocation.output.show(answer) { invocation.output.line("deleted \(name)") }
      return 0
    }
  }
}
