import HoldfastJSON

/// The declaration of a command as JSON, for `--help --json`.
enum CommandDescription {
  /// Describes the last command of a path, with its options, arguments and subcommands.
  static func json(of path: [Command]) -> JSON {
    guard let command = path.last else { return .null }
    let name = path.map(\.name).joined(separator: " ")
    var object = JSONObject([
      ("command", .string(name)), ("summary", .string(command.summary)),
      ("usage", .string(HelpPage.usage(of: command, named: name))),
    ])
    if !command.aliases.isEmpty { object.set("aliases", list(command.aliases)) }
    if !command.discussion.isEmpty { object.set("discussion", .string(command.discussion)) }
    if !command.arguments.isEmpty {
      object.set("arguments", .array(command.arguments.map(describe)))
    }
    let options = command.visibleOptions + (path.count == 1 ? GlobalOptions.all : [])
    if !options.isEmpty { object.set("options", .array(options.map(describe))) }
    if !command.visibleSubcommands.isEmpty {
      object.set("commands", .array(command.visibleSubcommands.map { json(of: path + [$0]) }))
    }
    if !command.examples.isEmpty {
      let examples = command.examples.map { example -> JSON in
        [
          "line": .string(example.line(calling: path[0].name)),
          "explanation": .string(example.explanation),
        ]
      }
      object.set("examples", .array(examples))
    }
    return .object(object)
  }

  private static func describe(_ argument: Argument) -> JSON {
    var object = JSONObject([
      ("name", .string(argument.name)), ("help", .string(HelpPage.help(of: argument))),
    ])
    switch argument.count {
    case .required: object.set("required", true)
    case .optional: object.set("required", false)
    case .repeating(let minimum):
      object.set("required", .bool(minimum > 0))
      object.set("repeating", true)
    }
    return .object(object)
  }

  private static func describe(_ option: Option) -> JSON {
    var object = JSONObject([("name", .string(option.name)), ("help", .string(option.help))])
    if let short = option.short { object.set("short", .string(String(short))) }
    switch option.kind {
    case .flag, .toggle: object.set("type", "boolean")
    case .text: object.set("type", "string")
    case .integer(let range):
      object.set("type", "integer")
      object.set("minimum", .number(JSONNumber(Int64(range.lowerBound))))
      object.set("maximum", .number(JSONNumber(Int64(range.upperBound))))
    case .choice(let words):
      object.set("type", "string")
      object.set("enum", list(words))
    }
    if let value = option.defaultText { object.set("default", .string(value)) }
    if option.isRequired { object.set("required", true) }
    if option.isRepeatable { object.set("repeating", true) }
    if !option.excludes.isEmpty { object.set("excludes", list(option.excludes)) }
    return .object(object)
  }

  private static func list(_ words: [String]) -> JSON { .array(words.map { .string($0) }) }
}
