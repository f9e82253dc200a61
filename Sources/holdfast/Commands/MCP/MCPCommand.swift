private import Glibc
import HoldfastClient
import HoldfastDatabase
import HoldfastMCP
import HoldfastModel
import HoldfastStore

/// `mcp`: the store as tools of an agent, over the standard input and output.
enum MCPCommand {
  static func make() -> Command {
    Command(
      "mcp", summary: "Gives an agent the store as MCP tools, on standard input and output.",
      discussion: """
        An MCP client starts this program; nobody types into it. It uses the running server when there \
        is one. Else the first of these processes holds the store and answers for the others; any of \
        them may end at any time. Nothing is opened before a tool is called.

        Tools need to know who calls and for which project: their arguments say so, else the variables \
        HOLDFAST_AGENT and HOLDFAST_PROJECT, else the folder in which the process was started.
        """,
      examples: [
        Example(
          "holdfast mcp",
          "What an MCP client starts, as after 'claude mcp add holdfast -- holdfast mcp'."),
        Example("holdfast mcp --tools all", "Every operation as a tool of its own, too."),
        Example(
          "holdfast mcp --tools task-store", "The tools of kasmos, for what was made for them."),
        Example("holdfast mcp --tools task-graph", "The tools of task-graph-mcp."),
      ],
      options: Settings.options("signal_attempts", "agent_lease_seconds") + [
        .choice(
          "tools", "set", Toolset.allNames,
          "Which tools the agent sees: those for a day's work, all, or those of an older contract.",
          default: "core")
      ],
      subcommands: [MCPInstall.make(), MCPDoctor.make()]
    ) { invocation in
      try run(invocation)
    }
  }

  private static func run(_ invocation: Invocation) throws -> Int32 {
    // Before any thread starts, so that all of them leave the signals to this one.
    let signals = StopSignals()
    guard let tools = Toolset(named: invocation.text("tools") ?? "core") else {
      throw HoldfastError(.usage, "--tools is one of \(Toolset.allNames.joined(separator: ", "))")
    }
    let host = StoreHost(invocation)
    let transport = StdioTransport(
      service: MCPService(tools: tools),
      identity: CallIdentity(agent: invocation.environment[Settings.agentVariable]),
      backend: SessionBackend(invocation, host: host))
    try startThread(name: "holdfast-mcp") {
      transport.run()
      // The end of the input is the end of the process.
      kill(getpid(), SIGTERM)
    }
    signals.wait()
    transport.stop()
    guard host.end() else { _exit(1) }
    return 0
  }
}
