internal import HoldfastJSON
internal import HoldfastModel

/// A text that a person starts an agent with: a way of working, with what it is about filled in.
struct Prompt: Sendable {
  let name: String
  let title: String
  let description: String
  let arguments: [Argument]
  /// Makes the text, from arguments that were checked.
  let text: @Sendable (Values) -> String

  /// What a text is about.
  struct Argument: Sendable {
    let name: String
    let description: String
    var isRequired = false

    static let project = Argument(
      name: "project", description: "The project, where it is not the one that is configured.")
  }

  /// The arguments of one request by their names.
  struct Values: Sendable {
    fileprivate var texts: [String: String] = [:]

    subscript(_ name: String) -> String { texts[name] ?? "" }

    /// How a sentence goes on that says where tasks are.
    var inProject: String {
      self["project"].isEmpty ? "" : " in the project \(self["project"].quoted)"
    }

    /// What each call has to say beside its own arguments.
    var toPass: String {
      self["project"].isEmpty
        ? "Pass agent (your name, the same in each call)"
        : "Pass agent (your name, the same in each call) and project \(self["project"].quoted)"
    }
  }

  /// The prompt as `prompts/list` sends it.
  var definition: JSON {
    let arguments = arguments.map { argument in
      JSON.object(
        JSONObject([
          ("name", .string(argument.name)), ("description", .string(argument.description)),
          ("required", .bool(argument.isRequired)),
        ]))
    }
    return .object(
      JSONObject([
        ("name", .string(name)), ("title", .string(title)), ("description", .string(description)),
        ("arguments", .array(arguments)),
      ]))
  }

  /// The result of `prompts/get`.
  ///
  /// - Throws: ``RPCError`` for arguments that it does not take, and for one that is missing.
  func messages(_ given: JSON?) throws(RPCError) -> [(String, JSON)] {
    let text = try self.text(values(given))
    return [
      ("description", .string(description)),
      (
        "messages",
        [["role": "user", "content": ["type": "text", "text": .string(text)]]]
      ),
    ]
  }

  private func values(_ given: JSON?) throws(RPCError) -> Values {
    var values = Values()
    let known = arguments.map(\.name)
    switch given {
    case nil, .null: break
    case .object(let object):
      for member in object.members {
        guard known.contains(member.key) else {
          throw RPCError(
            .invalidParams,
            "the prompt \(name) takes no \(member.key.quoted)"
              + EditDistance.hint(member.key, among: known)
              + "; it takes \(known.joined(separator: ", "))")
        }
        guard let text = member.value.stringValue else {
          throw RPCError(
            .invalidParams, "the argument \(member.key) must be a string, not \(member.value.kind)")
        }
        values.texts[member.key] = text.trimmed
      }
    case .some(let other):
      throw RPCError(.invalidParams, "arguments must be an object, not \(other.kind)")
    }
    for argument in arguments where argument.isRequired && values[argument.name].isEmpty {
      throw RPCError(
        .invalidParams,
        "the prompt \(name) needs \(argument.name): \(argument.description)",
        data: JSONObject([("argument", .string(argument.name))]))
    }
    return values
  }
}
