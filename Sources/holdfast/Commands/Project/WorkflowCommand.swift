import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// `workflow`: what the statuses of tasks are called and mean, and where tasks may go.
enum WorkflowCommand {
  static func make() -> Command {
    Command(
      "workflow", summary: "Lists, shows, defines and deletes workflows of the project.",
      subcommands: [list, show, define, delete])
  }

  private static let name = Argument.required(
    "name", "The workflow.", hint: CompleteCommand.workflows)

  private static let list = Command(
    "list", summary: "Lists the workflows that tasks of the project can have."
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject("workflow_list")
      invocation.output.show(answer) {
        var table = TextTable([.init("workflow"), .init("statuses", isFlexible: true)])
        for workflow in answer["workflows"]?.arrayValue ?? [] {
          let statuses = workflow["statuses"]?.arrayValue?.map { $0.text("name") } ?? []
          table.add([workflow.text("name"), statuses.joined(separator: " ")])
        }
        invocation.output.table(table)
      }
      return 0
    }
  }

  private static let show = Command(
    "show", summary: "Prints a workflow: its statuses, what they mean, and the moves.",
    examples: [
      Example("holdfast --json workflow show graph > mine.json", "Begins a workflow of your own.")
    ],
    arguments: [name]
  ) { invocation in
    try Session.run(invocation) { session in
      let workflow = try session.runInProject(
        "workflow_get", [("workflow", .string(invocation.argument("name")))])
      invocation.output.show(workflow) { show(workflow, invocation.output) }
      return 0
    }
  }

  private static func show(_ workflow: JSON, _ output: Console) {
    var table = TextTable([
      .init("status"), .init("means"), .init("also"), .init("leads to", isFlexible: true),
    ])
    for status in workflow["statuses"]?.arrayValue ?? [] {
      table.add([
        status.text("name"), status.text("category"), words(status["aliases"]) ?? "",
        words(status["moves"]) ?? "anywhere",
      ])
    }
    output.table(table)
    output.line("new tasks are \(workflow.text("initial"))")
    for operation in workflow["operations"]?.objectValue?.members ?? [] {
      output.line("\(operation.key) leads to \(operation.value.stringValue ?? "")")
    }
  }

  private static func words(_ list: JSON?) -> String? {
    list?.arrayValue?.compactMap(\.stringValue).joined(separator: " ")
  }

  private static let define = Command(
    "define", summary: "Defines a workflow from a JSON file, or defines it anew.",
    discussion: """
      The file has the workflow's name, its statuses, and where it differs from what follows from \
      them, the initial status and where operations lead: 'workflow show' prints one with --json. A \
      status has a name, a category (open, active, waiting, done, failed, cancelled), and may have \
      aliases and moves; without moves a task may go anywhere from it. Defined anew, a workflow keeps \
      the statuses in which tasks stand.
      """,
    examples: [
      Example("holdfast workflow define release-train.json", "Defines what the file says.")
    ],
    arguments: [.required("file", "The JSON file.", hint: .file)]
  ) { invocation in
    let path = invocation.argument("file")
    let bytes = try FileBytes.read(path, upTo: 4 * WorkflowDefinition.bytesMax)
    let definition: JSON
    do {
      definition = try JSONReader.read(bytes)
    } catch {
      throw HoldfastError(.usage, "\(path.legible) is not JSON: \(error)")
    }
    guard case .object(let object) = definition, let name = object["name"] else {
      throw HoldfastError(.usage, "\(path.legible) has to be an object with the workflow's name")
    }
    // What `show` prints may be defined under another name as it is.
    let fields = object.members.filter { !["built_in", "warnings"].contains($0.key) }
      .map { ($0.key, $0.value) }
    return try Session.run(invocation) { session in
      try session.recordProject()
      let answer = try session.runInProject("workflow_define", [("workflow", name)] + fields)
      invocation.output.show(answer) {
        invocation.output.line("defined: \(answer.text("name"))")
      }
      invocation.output.showWarnings(of: answer)
      return 0
    }
  }

  private static let delete = Command(
    "delete", summary: "Deletes a workflow that no task has.", arguments: [name]
  ) { invocation in
    try Session.run(invocation) { session in
      let name = invocation.argument("name")
      let answer = try session.runInProject("workflow_delete", [("workflow", .string(name))])
      invocation.output.show(answer) { invocation.output.line("deleted \(name)") }
      return 0
    }
  }
}
