/// How a shell can complete a value.
enum ValueHint: Sendable, Equatable {
  /// It cannot.
  case none
  /// With the names of files.
  case file
  /// With the names of folders.
  case folder
  /// With these words.
  case words([String])
  /// With the lines that a subcommand of ours prints, such as `["complete", "tasks"]`.
  ///
  /// The command runs at each press of the tab key: it should be hidden, quick, and silent on
  /// failure.
  case lines(of: [String])
}
