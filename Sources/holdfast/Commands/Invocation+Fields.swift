import HoldfastJSON
import HoldfastModel

extension Invocation {
  /// The fields that options give to an operation, those that are given.
  ///
  /// - Parameters:
  ///   - options: The options. A field has the name of its option, with `_` for `-`.
  ///   - names: The names of fields that are called otherwise, by their options.
  func fields(_ options: String..., names: [String: String] = [:]) -> [(String, JSON)] {
    options.compactMap { name in
      let field = names[name] ?? String(name.map { $0 == "-" ? "_" : $0 })
      return value(of: option(name)).map { (field, $0) }
    }
  }

  private func value(of option: Option) -> JSON? {
    switch option.kind {
    case .flag, .toggle: return flag(option.name) ? true : nil
    case .integer: return int(option.name).map { .number(JSONNumber(Int64($0))) }
    case .text where option.isRepeatable, .choice where option.isRepeatable:
      let words = list(option.name)
      return words.isEmpty ? nil : .array(words.map { .string($0) })
    case .text, .choice: return text(option.name).map { .string($0) }
    }
  }

  /// The agent that a command speaks for: `--agent`, else that of the environment.
  var agent: String? {
    let named = text("agent") ?? environment[Settings.agentVariable]
    return named.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The field with the agent that a command speaks for, where there is one.
  var agentField: [(String, JSON)] { agent.map { [("agent", .string($0))] } ?? [] }

  /// The same, for what only an agent does.
  func requiredAgent(_ what: String) throws(HoldfastError) -> [(String, JSON)] {
    guard let agent else {
      throw HoldfastError(.usage, "say who \(what): --agent ID, or set \(Settings.agentVariable)")
    }
    return [("agent", .string(agent))]
  }

  /// A text that is an argument, or comes through the standard input.
  func wordOrInput(_ name: String, upTo bytesMax: Int) throws -> String {
    if let word = optionalArgument(name) { return word }
    guard !terminal.isInput else {
      throw HoldfastError(.usage, "pass the \(name), or send it through the standard input")
    }
    guard let text = String(validating: try input.readAll(upTo: bytesMax), as: UTF8.self) else {
      throw HoldfastError(.usage, "the \(name) has to be UTF-8")
    }
    return text
  }
}
