internal import HoldfastJSON
internal import HoldfastModel

/// One request for what a word may become: an argument of a prompt, or a variable of an address.
struct Completion: Sendable {
  /// What the values are names of.
  private enum Subject: Sendable {
    case project
    case task
    case status
    /// Something that nobody has a list of.
    case free

    init(_ name: String) {
      switch name {
      case "project": self = .project
      case "task": self = .task
      case "status": self = .status
      default: self = .free
      }
    }
  }

  /// The most values of an answer.
  static let valuesMax = 100

  private let subject: Subject
  private let value: String
  /// The project that was chosen before, or the caller's.
  private let project: String?

  /// Reads a request.
  ///
  /// - Throws: ``RPCError`` for what refers to nothing.
  init(
    _ params: JSONObject, of resources: ResourceSet, _ identity: CallIdentity
  ) throws(RPCError) {
    let names = try Self.names(params["ref"], resources)
    guard let argument = params["argument"], let name = argument["name"]?.stringValue,
      let value = argument["value"]?.stringValue
    else { throw RPCError(.invalidParams, "argument must be an object with name and value") }
    guard names.contains(name) else {
      throw RPCError(
        .invalidParams,
        "there is no argument \(name.quoted)\(EditDistance.hint(name, among: names))")
    }
    subject = Subject(name)
    self.value = value
    let chosen = params["context"]?["arguments"]?["project"]?.stringValue
    project = chosen.flatMap { $0.isEmpty ? nil : $0 } ?? identity.project
  }

  /// The names that what is referred to takes.
  private static func names(_ ref: JSON?, _ resources: ResourceSet) throws(RPCError) -> [String] {
    switch ref?["type"]?.stringValue {
    case "ref/prompt":
      guard let name = ref?["name"]?.stringValue else {
        throw RPCError(.invalidParams, "ref/prompt needs the name of a prompt")
      }
      return try Prompts.prompt(name).arguments.map(\.name)
    case "ref/resource":
      guard let uri = ref?["uri"]?.stringValue else {
        throw RPCError(.invalidParams, "ref/resource needs the uri of a template")
      }
      let all = resources.templates + resources.fixed
      guard let resource = all.first(where: { $0.template.text == uri }) else {
        let known = resources.templates.map(\.template.text)
        throw RPCError(
          .invalidParams,
          "there is no template \(uri.quoted); there are \(known.joined(separator: ", "))")
      }
      return resource.template.variables
    default: throw RPCError(.invalidParams, "ref must have the type ref/prompt or ref/resource")
    }
  }

  // MARK: Values

  /// What a word may become, in the order in which it is shown, and whether there may be more.
  private struct Values: Sendable {
    var all: [String] = []
    var hasMore = false

    mutating func add(_ more: [String]) {
      for value in more where !all.contains(where: { UTF8Order.areSame($0, value) }) {
        all.append(value)
      }
    }

    /// The member of the result.
    var json: JSON {
      let shown = all.prefix(Completion.valuesMax)
      var object = JSONObject([("values", .array(shown.map { .string($0) }))])
      // How many there are is known when all of them were found.
      if !hasMore { object.set("total", .number(JSONNumber(Int64(all.count)))) }
      object.set("hasMore", .bool(hasMore || all.count > shown.count))
      return .object(object)
    }
  }

  /// Looks for values; `completion` gets what makes the result.
  func start(
    on backend: any ToolBackend,
    _ completion: @escaping @Sendable (@escaping MCPService.Made) -> Void
  ) {
    switch subject {
    case .free: completion { Self.made(Values()) }
    case .project:
      ask("project_list", [], backend, completion) { answer in
        var values = Values()
        let names = Self.names(in: answer["projects"])
        values.all = names.filter(starts) + names.filter { !starts($0) && has($0) }
        return values
      }
    case .status, .task:
      let name: String?
      do {
        name = try project ?? backend.project()
      } catch {
        return completion { .failure(Self.refusal(error)) }
      }
      // Without a project there is nothing to choose from.
      guard let name else { return completion { Self.made(Values()) } }
      if case .task = subject { return tasks(in: name, on: backend, completion) }
      ask("workflow_list", [("project", .string(name))], backend, completion) { answer in
        var values = Values()
        for workflow in answer["workflows"]?.arrayValue ?? [] {
          values.add(Self.names(in: workflow["statuses"]).filter { starts($0) })
        }
        return values
      }
    }
  }

  /// Tasks whose names begin with the word, and then those with it in their titles.
  private func tasks(
    in project: String, on backend: any ToolBackend,
    _ completion: @escaping @Sendable (@escaping MCPService.Made) -> Void
  ) {
    let fields: [(String, JSON)] = [
      ("project", .string(project)), ("fields", "slim"),
      ("limit", .number(JSONNumber(Int64(Self.valuesMax + 1)))),
    ]
    let behind = [("cursor", JSON.string(Self.before(value)))]
    run("task_list", fields + (value.isEmpty ? [] : behind), backend) { named in
      guard !value.isEmpty, let answer = try? named.get()() else {
        return completion { Self.made(named) { taskNames($0) { _ in true } } }
      }
      let found = taskNames(answer) { Self.name($0).map(begins) ?? false }
      guard !found.hasMore, value.utf8.count <= Self.queryBytesMax else {
        return completion { Self.made(found) }
      }
      run("task_list", fields + [("q", .string(value))], backend) { titled in
        completion {
          Self.made(titled) { answer in
            var values = found
            let more = taskNames(answer) { $0["title"]?.stringValue.map(has) ?? false }
            values.add(more.all)
            values.hasMore = more.hasMore
            return values
          }
        }
      }
    }
  }

  /// The longest text that a list of tasks looks for, in bytes.
  private static let queryBytesMax = 256

  /// The names of those tasks of a page that meet a condition; more may be there when the page is full
  /// of them, or the list went on.
  private func taskNames(_ answer: JSON, _ condition: (JSON) -> Bool) -> Values {
    let tasks = answer["tasks"]?.arrayValue ?? []
    var values = Values()
    values.add(tasks.filter(condition).compactMap(Self.name))
    values.hasMore =
      (answer["next_cursor"]?.stringValue).map { !$0.isEmpty } ?? false
      && tasks.last.map(condition) ?? true
    return values
  }

  private static func name(_ task: JSON) -> String? {
    task["filename"]?.stringValue ?? task["id"]?.stringValue
  }

  private static func names(in list: JSON?) -> [String] {
    (list?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
  }

  // MARK: Words

  /// A text behind which all names with a beginning come.
  static func before(_ beginning: String) -> String {
    var scalars = Array(beginning.unicodeScalars)
    guard let last = scalars.popLast(), last.value > 1 else { return "" }
    var text = String(String.UnicodeScalarView(scalars))
    if let scalar = Unicode.Scalar(last.value - 1) ?? Unicode.Scalar(0xD7FF) {
      text.unicodeScalars.append(scalar)
      text.unicodeScalars.append("\u{10FFFF}")
    }
    return text
  }

  private func begins(_ name: String) -> Bool { name.utf8.starts(with: value.utf8) }

  /// Whether a name begins with the word, in either case.
  private func starts(_ name: String) -> Bool {
    name.lowercased().utf8.starts(with: value.lowercased().utf8)
  }

  /// Whether a name has the word in it, in either case.
  private func has(_ name: String) -> Bool {
    value.isEmpty || name.lowercased().contains(value.lowercased())
  }

  // MARK: Operations

  private func ask(
    _ operation: String, _ fields: [(String, JSON)], _ backend: any ToolBackend,
    _ completion: @escaping @Sendable (@escaping MCPService.Made) -> Void,
    _ values: @escaping @Sendable (JSON) -> Values
  ) {
    run(operation, fields, backend) { answer in completion { Self.made(answer, values) } }
  }

  private func run(
    _ operation: String, _ fields: [(String, JSON)], _ backend: any ToolBackend,
    _ completion: @escaping @Sendable (Result<ToolBackend.Answer, any Error>) -> Void
  ) {
    backend.run(
      ToolCall(operation: operation, fields: JSONObject(fields), agent: nil), completion)
  }

  private static func made(
    _ answer: Result<ToolBackend.Answer, any Error>, _ values: (JSON) -> Values
  ) -> Result<[(String, JSON)], RPCError> {
    do {
      return made(values(try answer.get()() ?? [:]))
    } catch let error as HoldfastError where error.code == .invalidField {
      // What can be no name is the beginning of none.
      return made(Values())
    } catch {
      return .failure(refusal(error))
    }
  }

  private static func made(_ values: Values) -> Result<[(String, JSON)], RPCError> {
    .success([("completion", values.json)])
  }

  private static func refusal(_ error: any Error) -> RPCError {
    RPCError(.internalError, HoldfastError(told: error).message)
  }
}
