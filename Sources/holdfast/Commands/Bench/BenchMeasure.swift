/// What `bench` can measure, in the order in which it does.
///
/// The start comes last, when the other measures have filled the store.
enum BenchMeasure: String, CaseIterable, Sendable {
  case disk
  case redis
  case ping
  case create
  case get
  case mixed
  case put
  case list
  case claim
  case cycle
  case graph
  case ready
  case steps
  case search
  case million
  case mcp
  case held
  case cli
  case memory
  case start

  /// What is measured, for the line of progress.
  var title: String {
    switch self {
    case .disk: "the disk's fdatasync"
    case .redis: "Redis"
    case .ping: "pings"
    case .create: "creates"
    case .get: "gets"
    case .mixed: "gets beside creates"
    case .put: "PUTs"
    case .list: "lists"
    case .claim: "claims of signals"
    case .cycle: "signals from create to processed"
    case .graph: "claims of tasks"
    case .ready: "what is ready"
    case .steps: "steps of the task graph"
    case .search: "searches"
    case .million: "a million tasks"
    case .mcp: "tools over MCP"
    case .held: "1,000 connections"
    case .cli: "commands"
    case .memory: "memory"
    case .start: "the start"
    }
  }
}
