import HoldfastModel

/// The commands of the program, under its two names.
enum CommandTree {
  /// All commands.
  static let holdfast = Command(
    "holdfast", aliases: ["kas"],
    summary: "Keeps the tasks, signals and history of a fleet of coding agents.",
    subcommands: commands + [
      CompleteCommand.make(),
      HelpCommand.make(
        version: HoldfastVersion.current, commands: commands.map(\.name),
        sections: Settings.manualSections),
    ])

  private static let commands: [Command] =
    [
      TaskCommand.make(), SignalCommand.make(), SubtaskCommand.make(), TopicCommand.make(),
      AgentCommand.make(), LockCommand.make(), ProjectCommand.make(), WorkflowCommand.make(),
      AuditCommand.make(), AuditCommand.monitor, SQLCommand.make(), ServeCommand.make(),
      InitCommand.make(), MCPCommand.make(), SkillCommand.make(), PrimeCommand.make(),
    ] + StoreCommands.all + [
      DebugCommand.debug, DebugCommand.config, BenchCommand.make(), DemoCommand.make(),
      CompletionsCommand.make(),
    ]

  /// The same under the name that clients of kasmos know, whose words are among them.
  static let kas = {
    var root = holdfast
    root.name = "kas"
    root.aliases = []
    return root
  }()
}
