/// How a server logs the requests that it answers.
enum LogFormat: String, Sendable, CaseIterable {
  /// Not at all.
  case off
  /// As lines for people.
  case text
  /// As a JSON object a line.
  case json
}
