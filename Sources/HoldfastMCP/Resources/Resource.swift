internal import HoldfastJSON
internal import HoldfastModel

/// Something that a client reads by its address: an operation's answer, as it is now.
struct Resource: Sendable {
  let name: String
  let title: String
  let description: String
  let form: Form
  /// What the address is made of, such as `tasks://{project}/ready`.
  let template: Template
  /// The operation that reads it.
  let operation: String
  /// The operation's fields beside the variables of the address.
  let fields: [(String, JSON)]
  /// What the operation calls a variable of the address, where that is not its name.
  var naming: [String: String] = [:]
  /// Whether it is of a project; one whose address does not name it is of the caller's.
  let isOfProject: Bool

  /// How an answer is written down.
  enum Form: Sendable {
    case markdown
    case json(ToolAnswer)

    var mimeType: String {
      switch self {
      case .markdown: "text/markdown"
      case .json: "application/json"
      }
    }
  }

  /// An address with variables in place of some of its parts.
  struct Template: Sendable {
    let text: String
    private let scheme: String
    private let parts: [Part]

    private enum Part: Sendable {
      case word(String)
      case variable(String)
    }

    /// - Parameters:
    ///   - scheme: Such as `tasks`.
    ///   - parts: Words, and names of variables in braces.
    init(_ scheme: String, _ parts: String...) {
      text = "\(scheme)://" + parts.joined(separator: "/")
      self.scheme = scheme
      self.parts = parts.map { part in
        part.hasPrefix("{") ? .variable(String(part.dropFirst().dropLast())) : .word(part)
      }
    }

    /// The names of the variables in their order.
    var variables: [String] {
      parts.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// The values of the variables; nil for another address.
    func values(in address: ResourceAddress) -> [(String, JSON)]? {
      guard address.scheme == scheme, address.parts.count == parts.count else { return nil }
      var values: [(String, JSON)] = []
      for (part, given) in zip(parts, address.parts) {
        switch part {
        case .word(let word): guard word == given else { return nil }
        case .variable(let name): values.append((name, .string(given)))
        }
      }
      return values
    }
  }

  init(
    _ name: String, title: String, _ description: String, at template: Template, as form: Form,
    _ operation: String, _ fields: [(String, JSON)] = [], naming: [String: String] = [:],
    isOfProject: Bool = true
  ) {
    self.name = name
    self.title = title
    self.description = description
    self.form = form
    self.template = template
    self.operation = operation
    self.fields = fields
    self.naming = naming
    self.isOfProject = isOfProject
  }

  /// The resource, or the template, as a list sends it.
  func definition(asTemplate: Bool = false) -> JSON {
    let place = asTemplate ? "uriTemplate" : "uri"
    return .object(
      JSONObject([
        (place, .string(template.text)), ("name", .string(name)), ("title", .string(title)),
        ("description", .string(description)), ("mimeType", .string(form.mimeType)),
      ]))
  }

  /// The operation's fields, the variables of an address among them.
  func fields(with values: [(String, JSON)]) -> JSONObject {
    var all = JSONObject(fields)
    for (name, value) in values {
      // The operation takes a list of statuses.
      all.set(naming[name] ?? name, name == "status" ? .array([value]) : value)
    }
    return all
  }

  /// Writes an answer down.
  func text(of answer: JSON, to fields: JSONObject) throws -> String {
    switch form {
    case .markdown: TaskDocument.text(of: answer)
    case .json(let shape): JSON.object(try shape.shape(answer, fields)).renderedText()
    }
  }
}
