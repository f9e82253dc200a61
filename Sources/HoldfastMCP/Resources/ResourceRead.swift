internal import HoldfastJSON
internal import HoldfastModel

/// One reading of a resource.
struct ResourceRead: Sendable {
  private let uri: String
  private let era: Era
  private let resource: Resource
  private var call: ToolCall

  /// Reads a request.
  ///
  /// - Throws: ``RPCError`` for an address that is none, or at which nothing can be.
  init(_ params: JSONObject, _ era: Era, _ identity: CallIdentity) throws(RPCError) {
    guard let uri = params["uri"]?.stringValue else {
      throw RPCError(.invalidParams, "resources/read needs the uri of a resource")
    }
    let address: ResourceAddress
    do {
      address = try ResourceAddress(uri)
    } catch {
      throw RPCError(
        .invalidParams, "\(uri.quoted) is no address of a resource: \(error.reason)",
        data: Self.data(uri))
    }
    guard let (resource, values) = Resources.find(address) else {
      let known = (Resources.fixed + Resources.templates).map(\.template.text)
      throw RPCError(
        .notFound(era),
        "there is no resource \(uri.quoted); there are \(known.joined(separator: ", "))",
        data: Self.data(uri))
    }
    self.uri = uri
    self.era = era
    self.resource = resource
    var fields = JSONObject(resource.fields)
    for (name, value) in values {
      // The operation takes a list of statuses.
      fields.set(name, name == "status" ? .array([value]) : value)
    }
    if resource.isOfProject, fields["project"] == nil, let project = identity.project {
      fields.set("project", .string(project))
    }
    call = ToolCall(operation: resource.operation, fields: fields, agent: nil)
  }

  private static func data(_ uri: String) -> JSONObject { JSONObject([("uri", .string(uri))]) }

  /// Reads it; `completion` gets what makes the result.
  func start(
    on backend: any ToolBackend,
    _ completion: @escaping @Sendable (@escaping MCPService.Made) -> Void
  ) {
    var call = call
    if resource.isOfProject, call.fields["project"] == nil {
      do {
        guard let project = try backend.project() else {
          return completion { .failure(noProject) }
        }
        call.fields.set("project", .string(project))
      } catch {
        return completion { .failure(refusal(error)) }
      }
    }
    backend.run(call) { result in completion { made(of: result) } }
  }

  private var noProject: RPCError {
    RPCError(
      .notFound(era),
      "nobody says whose \(uri) is asked for: have HOLDFAST_PROJECT configured, or read an address "
        + "with the project in it, as resources/templates/list has them",
      data: Self.data(uri))
  }

  private func made(
    of result: Result<ToolBackend.Answer, any Error>
  ) -> Result<[(String, JSON)], RPCError> {
    let answer: JSON?
    do {
      answer = try result.get()()
    } catch {
      return .failure(refusal(error))
    }
    let content: JSON = [
      "uri": .string(uri), "mimeType": .string(resource.form.mimeType),
      "text": .string(resource.text(of: answer ?? [:])),
    ]
    // Tasks change at any time.
    return .success([("contents", [content])] + MCPService.cacheHints(era, milliseconds: 0))
  }

  /// What an operation refused, as an error of the protocol.
  private func refusal(_ error: any Error) -> RPCError {
    let error = HoldfastError(told: error)
    var data = Self.data(uri)
    data.set("code", .string(error.code.name.uppercased()))
    switch error.code {
    case .taskNotFound, .notFound:
      return RPCError(.notFound(era), error.message, data: data)
    case .invalidField: return RPCError(.invalidParams, error.message, data: data)
    default: return RPCError(.internalError, error.message, data: data)
    }
  }
}

extension RPCError.Code {
  /// The code for a resource that is not there, which changed with the eras.
  fileprivate static func notFound(_ era: Era) -> RPCError.Code {
    switch era {
    case .modern: .invalidParams
    case .legacy: .resourceNotFound
    }
  }
}
