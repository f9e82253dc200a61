private import CSystem
import HoldfastJSON
import HoldfastModel

/// A tree of commands that can be called.
///
///     exit(Program(root: root, version: "1.0.0").runProcess())
struct Program: Sendable {
  /// The tree; its name is the name of the program.
  let root: Command
  /// The version that `--version` shows.
  let version: String

  /// Runs the call that this process was started with.
  /// - Returns: The exit code.
  func runProcess() -> Int32 {
    // Before anything opens a file: see these functions.
    _ = holdfast_reserve_standard_descriptors()
    holdfast_ignore_sigpipe()
    let terminal = Terminal.current()
    let sinks = (DescriptorSink(descriptor: 1), DescriptorSink(descriptor: 2))
    do {
      return run(
        Array(try ArgumentVector.current().dropFirst()), terminal: terminal,
        environment: .current(), input: StandardInput(), output: sinks.0, errors: sinks.1)
    } catch {
      let output = Console(to: sinks.0, errors: sinks.1, terminal: terminal)
      return ErrorReport(error, program: root.name, command: root.name).print(to: output)
    }
  }

  /// Runs one call.
  /// - Parameters:
  ///   - words: The words behind the name of the program.
  ///   - terminal: What stands at the ends of the process.
  ///   - environment: The environment variables and the current folder.
  ///   - input: The standard input.
  ///   - output: Takes the results.
  ///   - errors: Takes notes, progress and errors.
  /// - Returns: The exit code.
  func run(
    _ words: [String], terminal: Terminal, environment: Environment, input: StandardInput,
    output: any ByteSink, errors: any ByteSink
  ) -> Int32 {
    var parser = CommandParser(root: root)
    do {
      let call = try parser.parse(words)
      let globals = GlobalOptions(call.values)
      let output = Console(
        to: output, errors: errors, terminal: terminal, isJSON: globals.isJSON,
        isQuiet: globals.isQuiet)
      let invocation = Invocation(
        root: root, call: call, output: output, input: input, terminal: terminal,
        environment: environment)
      return finish(invocation, call.request)
    } catch {
      // The call was not understood, so its options are looked up in the raw words.
      let isJSON = words.prefix { $0 != "--" }.contains("--json")
      let output = Console(to: output, errors: errors, terminal: terminal, isJSON: isJSON)
      if parser.command.run == nil, words.count < parser.path.count, !isJSON {
        output.errorText(HelpPage(path: parser.path, width: terminal.width).text)
        output.errorText("\n")
      }
      return ErrorReport(error, program: root.name, command: parser.commandName).print(to: output)
    }
  }

  /// Does what was asked for and brings the output out.
  private func finish(_ invocation: Invocation, _ request: ParsedCall.Request) -> Int32 {
    let output = invocation.output
    let code: Int32
    do {
      code = try perform(invocation, request)
    } catch {
      return ErrorReport(error, program: root.name, command: invocation.commandName)
        .print(to: output)
    }
    do {
      try output.finish()
    } catch {
      return ErrorReport(error, program: root.name, command: invocation.commandName)
        .print(to: output)
    }
    return code
  }

  private func perform(_ invocation: Invocation, _ request: ParsedCall.Request) throws -> Int32 {
    let output = invocation.output
    switch request {
    case .version:
      output.show(["name": .string(root.name), "version": .string(version)]) {
        output.line("\(root.name) \(version)")
      }
    case .help:
      output.show(CommandDescription.json(of: invocation.path)) {
        output.text(HelpPage(path: invocation.path, width: invocation.terminal.width).text)
      }
    case .run:
      guard let body = invocation.command.run else {
        preconditionFailure("the parser refuses to run a group")
      }
      return try body(invocation)
    }
    return 0
  }
}
