public import HoldfastJSON

/// What an event says to people: the audit trail's part of it.
public struct EventNote: Sendable {
  public var message: String
  /// `info`, `warn` or `error`.
  public var level: String
  /// More, for programs.
  public var detail: JSONObject?

  public init(_ message: String, level: String = "info", detail: JSONObject? = nil) {
    self.message = message
    self.level = level
    self.detail = detail
  }

  func write(_ out: inout JSONWriter) {
    out.key("message")
    out.string(message)
    if level != "info" {
      out.key("level")
      out.string(level)
    }
    if let detail {
      out.key("detail")
      out.value(.object(detail))
    }
  }
}
