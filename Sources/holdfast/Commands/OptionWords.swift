import HoldfastJSON
import HoldfastModel

/// Refusals of operations in the words of a command, whose options have other names than fields.
enum OptionWords {
  /// The fields that are not called as their options are, by these.
  private static let fields = [
    "due": "due_at", "estimate": "time_estimate_ms", "estimate-ms": "time_estimate_ms",
    "file": "files", "lease": "lease_seconds", "needed-tag": "needed_tags", "on": "blocker",
    "tag": "tags", "task": "tasks", "usd": "cost_usd", "wanted-tag": "wanted_tags",
  ]

  /// The error as somebody reads it who has called a command with these options.
  static func translated(_ error: HoldfastError, for options: [Option]) -> HoldfastError {
    var error = error
    error.message = error.message.replacing(
      "; connect it first", with: "; 'holdfast agent connect' makes it known")
    for option in options {
      let field = fields[option.name] ?? String(option.name.map { $0 == "-" ? "_" : $0 })
      error.message = error.message.replacing("\(field)=true", with: "--\(option.name)")
      guard error.details.contains(where: { $0.name == "field" && $0.value == .string(field) }),
        error.message.hasPrefix(field),
        error.message.dropFirst(field.count).first.map({ " :[".contains($0) }) ?? false
      else { continue }
      error.message = "--\(option.name)\(error.message.dropFirst(field.count))"
    }
    return error
  }
}
