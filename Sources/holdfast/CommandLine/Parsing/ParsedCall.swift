/// What a command line asks for.
struct ParsedCall: Sendable {
  /// What is to be done with the command.
  enum Request: Sendable, Equatable {
    /// Run it.
    case run
    /// Show its help.
    case help
    /// Show the version of the program.
    case version
  }

  /// What is to be done.
  let request: Request
  /// The commands from the root to the one that was called.
  let path: [Command]
  /// Its options and words.
  let values: ParsedValues
}
