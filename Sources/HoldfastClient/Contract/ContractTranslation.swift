internal import HoldfastJSON
internal import HoldfastModel

/// Says an operation as a request of the task-store contract, and its answer as ours.
struct ContractTranslation {
  let route: ContractRoute
  let call: OperationCall

  /// - Throws: ``HoldfastError`` `not_available` for what the contract does not know.
  init(_ call: OperationCall) throws(HoldfastError) {
    guard let route = ContractRoute.named(call.name) else {
      throw HoldfastError(
        .notAvailable,
        "\(call.name) is not available: the task store is not a Holdfast server, and its contract "
          + "has no such request")
    }
    self.route = route
    self.call = call
    if let text = call.fields["q"]?.stringValue, !text.isEmpty {
      throw HoldfastError(
        .notAvailable, "the task store is not a Holdfast server and cannot search for text")
    }
    // Such a server leaves out a condition that it does not know, and lists everything.
    let known = ["project", "status", "topic", "fields", "q"]
    if call.name == "task_list",
      let other = call.fields.members.first(where: { !known.contains($0.key) })
    {
      throw HoldfastError(
        .notAvailable,
        "the task store is not a Holdfast server and cannot list tasks by \(other.key)")
    }
  }

  // MARK: The request

  /// The path with its query.
  var path: String {
    var path = "/v1"
    for segment in route.path.split(separator: "/") {
      path += "/"
      guard segment.hasPrefix("{") else {
        path += segment
        continue
      }
      path += PercentEncoding.text(text(of: String(segment.dropFirst().dropLast())).utf8)
    }
    guard case .query(let names) = route.body else { return path }
    var separator = "?"
    for name in names {
      for value in values(of: name) {
        path += "\(separator)\(name)=\(PercentEncoding.text(value.utf8))"
        separator = "&"
      }
    }
    return path
  }

  /// The body of the request; nil for none.
  func body() throws(HoldfastError) -> [UInt8]? {
    switch route.body {
    case .nothing, .query: return nil
    case .raw(let name):
      if let attachment = call.attachment { return attachment.bytes }
      return try BytesValue(call.fields[name] ?? "", field: FieldPosition("content")).bytes
    case .members(let names):
      var object = JSONObject()
      for name in names {
        if let value = call.fields[name] { object.set(name, value) }
      }
      if let attachment = call.attachment {
        guard let text = String(validating: attachment.bytes, as: UTF8.self) else {
          throw HoldfastError(
            .invalidField, "the task store is not a Holdfast server; it takes UTF-8 text only")
        }
        object.set(attachment.field, .string(text))
      }
      // Such a server stores what it is sent, and nothing for what it is not.
      if call.name == "task_create", object["status"] == nil {
        object.set("status", .string(TaskStatus.ready.text))
      }
      return JSON.object(object).rendered()
    }
  }

  private func text(of name: String) -> String {
    switch call.fields[name] {
    case .string(let text)?: name == "task" ? TaskFilename.normalised(text) : text
    case let value?: value.renderedText()
    case nil: ""
    }
  }

  private func values(of name: String) -> [String] {
    let given: [JSON] =
      switch call.fields[name] {
      case nil: []
      case .array(let values)?: values
      case let value?: [value]
      }
    let texts = given.map { $0.stringValue ?? $0.renderedText() }.filter { !$0.isEmpty }
    guard call.name == "signal_list", texts.isEmpty || texts.contains("all") else { return texts }
    return SignalStatus.allCases.map(\.rawValue)
  }

  // MARK: The answer

  /// The native answer; nil when a task has to be asked for to know it.
  func native(_ body: [UInt8]) throws(HoldfastError) -> JSON? {
    switch route.answer {
    case .done: return [:]
    case .raw(let name): return .object(JSONObject([(name, BytesValue(body).json)]))
    case .task:
      guard !body.allSatisfy({ $0 == 10 || $0 == 13 || $0 == 32 }) else { return nil }
      return Self.withoutUnset(try Self.json(body))
    case .object: return Self.withoutUnset(try Self.json(body))
    case .signal: return Self.signal(try Self.json(body))
    case .signals:
      return .object(
        JSONObject([("signals", .array(try Self.array(body).map(Self.signal)))]))
    case .names(let name):
      let names = try Self.array(body).map { JSON.object(JSONObject([("name", $0)])) }
      return .object(JSONObject([(name, .array(names))]))
    case .list(let name):
      var elements = try Self.array(body).map(Self.withoutUnset)
      if call.name == "task_list" { elements = elements.compactMap(listed) }
      return .object(JSONObject([(name, .array(elements))]))
    }
  }

  /// A task as it is listed; nil for one that was not asked for: such a server forgets the status
  /// when it is asked for a topic.
  private func listed(_ task: JSON) -> JSON? {
    guard case .object(var object) = task else { return task }
    let statuses = values(of: "status")
    if !statuses.isEmpty, !statuses.contains(object["status"]?.stringValue ?? "") { return nil }
    if call.fields["fields"]?.stringValue == "slim" {
      object.members.removeAll { $0.key == "content" }
    }
    return .object(object)
  }

  private static func json(_ body: [UInt8]) throws(HoldfastError) -> JSON {
    do {
      return try JSONReader.read(body)
    } catch {
      throw HoldfastError(.unreachable, "task store: the answer is not JSON")
    }
  }

  private static func array(_ body: [UInt8]) throws(HoldfastError) -> [JSON] {
    switch try json(body) {
    case .array(let elements): return elements
    case .null: return []
    default: throw HoldfastError(.unreachable, "task store: the answer is not a list")
    }
  }

  /// An object without the times that are unset, which the contract spells out.
  private static func withoutUnset(_ value: JSON) -> JSON {
    guard case .object(var object) = value else { return value }
    object.members.removeAll {
      $0.value == .null || $0.value.stringValue == "0001-01-01T00:00:00Z"
    }
    return .object(object)
  }

  /// A signal, whose keys the contract capitalises: `PlanFile` is `plan_file`.
  private static func signal(_ value: JSON) -> JSON {
    guard case .object(let object) = withoutUnset(value) else { return value }
    let members = object.members.map { (snakeCase($0.key), $0.value) }
    return .object(JSONObject(members.filter { $0.1.stringValue != "" }))
  }

  private static func snakeCase(_ key: String) -> String {
    if key == "ID" { return "id" }
    var result = ""
    for character in key {
      if character.isUppercase, !result.isEmpty, result.last != "_" { result += "_" }
      result += character.lowercased()
    }
    return result
  }
}
