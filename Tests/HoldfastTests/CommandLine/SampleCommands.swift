import HoldfastJSON
import HoldfastModel

@testable import holdfast

/// A tree of commands with one of everything.
enum SampleCommands {
  static let root = Command(
    "holdfast", summary: "Keeps the state of a fleet of coding agents.",
    discussion: """
      Every command works on the project of the current folder, and on the store that the \
      configuration names.

        $XDG_CONFIG_HOME/holdfast/config.toml
      """,
    subcommands: [
      task, signal, serve, CompletionsCommand.make(), HelpCommand.make(version: "1.2.3"),
      Command("complete", summary: "Prints words.", isHidden: true) { invocation in
        invocation.output.line("fix-login")
        invocation.output.line("fix logout")
        return 0
      },
    ])

  static let task = Command(
    "task", aliases: ["t"], summary: "Works with tasks.",
    subcommands: [
      Command(
        "list", summary: "Lists tasks.",
        options: [
          .choice(
            "status", "status", ["ready", "done", "cancelled"], "Only tasks in this status.",
            short: "s", repeatable: true),
          .integer("limit", "n", "The most tasks.", in: 1...1000, short: "n", default: 50),
          .flag("all", short: "a", "Shows cancelled tasks, too."),
        ]
      ) { invocation in
        let statuses = invocation.list("status").joined(separator: ",")
        invocation.output.line("\(statuses) \(invocation.int("limit") ?? -1)")
        return 0
      },
      Command(
        "show", summary: "Prints the content of a task.",
        examples: [
          Example("holdfast task show fix-login", "Prints the content of the task fix-login.")
        ],
        arguments: [.required("file", "The file name.", hint: .lines(of: ["complete"]))]
      ) { invocation in
        let file = invocation.argument("file")
        guard file != "missing" else {
          throw HoldfastError(
            .notFound, "there is no task \(file)", details: [("file", .string(file))])
        }
        invocation.output.show(["file": .string(file)]) { invocation.output.line(file) }
        return 0
      },
      Command(
        "create", summary: "Creates a task.",
        options: [
          .text("branch", "branch", "The branch.", short: "b", defaultNote: "plan/<slug>"),
          .text("content", "text", "The content.", excludes: ["file"]),
          .text("file", "file", "Reads the content from a file.", hint: .file),
          .integer("wave", "n", "The wave.", in: -9...9),
        ],
        arguments: [
          .required("name", "The name."), .optional("topic", "The topic."),
          .repeating("tag", "Tags.", atLeast: 0),
        ]
      ) { invocation in
        invocation.output.line(
          [invocation.argument("name"), invocation.optionalArgument("topic") ?? "-"].joined(
            separator: " ") + " " + invocation.arguments("tag").joined(separator: ","))
        return 0
      },
    ])

  static let signal = Command(
    "signal", aliases: ["sig"], summary: "Works with signals.",
    subcommands: [
      Command(
        "emit", summary: "Emits a signal.",
        options: [
          .text("type", "type", "The type.", required: true, hint: .words(["done", "failed"]))
        ]
      ) { invocation in
        invocation.output.line(invocation.requiredText("type"))
        return 0
      },
      Command("list", summary: "Lists signals.") { _ in 0 },
    ])

  static let serve = Command(
    "serve", summary: "Serves the store.",
    options: [
      .toggle("mcp", "Serves MCP, too.", default: true),
      .text("repo", "folder", "A repository.", repeatable: true, excludes: ["db"], hint: .folder),
      .text("db", "file", "The database.", hint: .file),
    ] + Settings.options("port", "bind", "log")
  ) { invocation in
    invocation.output.line("\(invocation.flag("mcp")) \(invocation.list("repo"))")
    return 0
  }
}
