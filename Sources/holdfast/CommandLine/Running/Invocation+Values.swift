import HoldfastModel

// A name that the command does not declare is a slip of the programmer, and traps: answering nil
// would turn a typing error into an option that is silently ignored.
extension Invocation {
  /// Whether an option was given.
  func isGiven(_ name: String) -> Bool {
    values.isGiven(option(name).name)
  }

  /// Whether a flag was given, or a toggle is on.
  func flag(_ name: String) -> Bool {
    let option = option(name)
    return (values.last(name) ?? option.defaultValue) == "true"
  }

  /// The text of an option, else its default.
  func text(_ name: String) -> String? {
    let option = option(name)
    return values.last(name) ?? option.defaultValue
  }

  /// The text of an option that is required or has a default.
  func requiredText(_ name: String) -> String {
    guard let text = text(name) else {
      preconditionFailure("--\(name) of \"\(commandName)\" is neither required nor has a default")
    }
    return text
  }

  /// The number of an option, else its default.
  func int(_ name: String) -> Int? {
    let option = option(name)
    guard case .integer = option.kind else {
      preconditionFailure("--\(name) of \"\(commandName)\" is not declared as a number")
    }
    // The parser has checked the text.
    return (values.last(name) ?? option.defaultValue).flatMap { Int($0) }
  }

  /// The texts of an option that may be given more than once, in the order of the call.
  func list(_ name: String) -> [String] {
    let option = option(name)
    return values.options[name] ?? option.defaultValue.map { [$0] } ?? []
  }

  /// The word of a required argument.
  func argument(_ name: String) -> String {
    guard let word = words(of: name).first else {
      preconditionFailure("<\(name)> of \"\(commandName)\" is not declared as required")
    }
    return word
  }

  /// The word of an argument that may be left out.
  func optionalArgument(_ name: String) -> String? {
    words(of: name).first
  }

  /// The words of an argument that takes several.
  func arguments(_ name: String) -> [String] {
    words(of: name)
  }

  /// Whether the call says `--yes`; otherwise the question is the answer: a line for people, an error
  /// for programs.
  func isConfirmed(_ question: String) throws(HoldfastError) -> Bool {
    if flag("yes") { return true }
    let sentence = "\(question)? pass --yes to confirm"
    guard !output.isJSON else { throw HoldfastError(.usage, sentence) }
    output.line(sentence)
    return false
  }

  /// Refuses the option that names a project, for what works on the whole store.
  func refuseProject() throws(HoldfastError) {
    guard globals.project != nil else { return }
    throw HoldfastError(.usage, "\"\(commandName)\" works on the whole store: leave out --project")
  }

  func option(_ name: String) -> Option {
    let declared =
      command.options.first { $0.name == name } ?? GlobalOptions.all.first { $0.name == name }
    guard let declared else {
      preconditionFailure("\"\(commandName)\" declares no option --\(name)")
    }
    return declared
  }

  private func words(of name: String) -> [String] {
    guard let index = command.arguments.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\"\(commandName)\" declares no argument <\(name)>")
    }
    guard case .repeating = command.arguments[index].count else {
      return Array(values.words.dropFirst(index).prefix(1))
    }
    return Array(values.words.dropFirst(index))
  }
}
