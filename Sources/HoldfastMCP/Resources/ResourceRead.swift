internal import HoldfastJSON
internal import HoldfastModel

/// One reading of a resource.
struct ResourceRead: Sendable {
  private let uri: String
  private let era: Era
  private let resource: Resource
  private let form: ToolForm
  private let call: ToolCall

  /// Reads a request.
  ///
  /// - Throws: ``RPCError`` for an address that is none, or at which nothing can be.
  init(
    _ params: JSONObject, of tools: Toolset, _ era: Era, _ identity: CallIdentity
  ) throws(RPCError) {
    guard let uri = params["uri"]?.stringValue else {
      throw RPCError(.invalidParams, "resources/read needs the uri of a resource")
    }
    let address: ResourceAddress
    do {
      address = try ResourceAddress(uri)
    } catch {
      guard tools.form != .taskGraph else {
        throw RPCError(
          .notFound(era), tools.form.unknownResource(uri, tools.resources), data: Self.data(uri))
      }
      throw RPCError(
        .invalidParams, "\(uri.quoted) is no address of a resource: \(error.reason)",
        data: Self.data(uri))
    }
    guard let (resource, values) = tools.resources.find(address) else {
      throw RPCError(
        .notFound(era), tools.form.unknownResource(uri, tools.resources), data: Self.data(uri))
    }
    form = tools.form
    self.uri = uri
    self.era = era
    self.resource = resource
    var fields = resource.fields(with: values)
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
    if resource.isOfProject, call.fields["project"] == nil {
      return form.findProject(on: backend) { found in
        do {
          var call = call
          call.fields.set("project", .string(try found.get()))
          read(call, on: backend, completion)
        } catch let error as HoldfastError where error.message == form.noProject.message {
          completion { .failure(noProject) }
        } catch {
          completion { .failure(refusal(error)) }
        }
      }
    }
    read(call, on: backend, completion)
  }

  private func read(
    _ call: ToolCall, on backend: any ToolBackend,
    _ completion: @escaping @Sendable (@escaping MCPService.Made) -> Void
  ) {
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
    let text: String
    do {
      text = try resource.text(of: try result.get()() ?? [:], to: call.fields)
    } catch {
      return .failure(refusal(error))
    }
    let content: JSON = [
      "uri": .string(uri), "mimeType": .string(resource.form.mimeType), "text": .string(text),
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
      let message = form == .taskGraph ? TaskGraphForm.message(of: error) : error.message
      return RPCError(.notFound(era), message, data: data)
    case .invalidField: return RPCError(.invalidParams, error.message, data: data)
    default: return RPCError(.internalError, error.message, data: data)
    }
  }
}

extension ToolForm {
  /// What is said of an address at which nothing is.
  fileprivate func unknownResource(_ uri: String, _ resources: ResourceSet) -> String {
    switch self {
    case .native, .taskStore:
      let known = (resources.fixed + resources.templates).map(\.template.text)
      return "there is no resource \(uri.quoted); there are \(known.joined(separator: ", "))"
    case .taskGraph: return "Unknown resource: \(uri)"
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
