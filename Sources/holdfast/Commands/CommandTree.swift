import HoldfastModel

/// The commands of the program under its two names.
enum CommandTree {
  /// All commands.
  static let holdfast = Command(
    "holdfast", summary: "Keeps the tasks, signals and history of a fleet of coding agents.",
    subcommands: kasmosCommands + ownCommands)

  /// The words that clients of kasmos know.
  static let kas = Command(
    "kas", summary: "Holdfast under the name and with the words of kasmos.",
    subcommands: kasmosCommands + [help])

  private static let kasmosCommands: [Command] = [
    TaskCommand.make(), SignalCommand.make(), AuditCommand.make(), AuditCommand.monitor,
    StoreCommands.status, DebugCommand.debug, ServeCommand.make(),
  ]

  private static let ownCommands: [Command] =
    [
      SubtaskCommand.make(), TopicCommand.make(), ProjectCommand.make(), DebugCommand.config,
      BenchCommand.make(), DemoCommand.make(), CompletionsCommand.make(), help,
    ] + StoreCommands.others

  private static let help = HelpCommand.make(
    version: HoldfastVersion.current, sections: Settings.manualSections)
}
