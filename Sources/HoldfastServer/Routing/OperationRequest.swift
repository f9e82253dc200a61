internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// A request on its way into the fields of an operation.
struct OperationRequest {
  let route: OperationRoute
  let match: RouteMatch
  let exchange: Exchange

  /// The fields that the operation reads, and the project it is about: the path's values come last, so
  /// that they win over a body that repeats them in other words; a strict route refuses such a body.
  ///
  /// - Parameter registered: The only projects that there are; nil for every project.
  func fields(
    heldTo registered: RegisteredProjects?
  ) throws(HoldfastError) -> (Fields, project: String) {
    let members = try bodyMembers()
    if route.isStrict { try checkAgainstPath(members) }
    var texts: [(String, JSON)] = []
    if readsQuery {
      texts = try queryMembers()
    } else if route.shape == .native, try !queryMembers().isEmpty {
      throw HoldfastError(
        .invalidRequest, "this path takes no query: put the fields into the body's object")
    }
    for parameter in match.parameters { texts.append((parameter.name, .string(parameter.value))) }
    texts += route.fixed
    try registered?.hold(members, &texts, of: route.entry)
    var fields = Fields(members, texts: texts, matching: route.isLenient ? .folded : .exact)
    if case .raw(let name) = route.body { fields.attach(exchange.body, as: name) }
    let project = (members + texts).last { $0.0 == "project" }
    return (fields, project?.1.stringValue ?? "")
  }

  private func checkAgainstPath(_ members: [(String, JSON)]) throws(HoldfastError) {
    for parameter in match.parameters {
      for (name, value) in members where name == parameter.name {
        let isSame = value.stringValue?.utf8.elementsEqual(parameter.value.utf8) == true
        guard !isSame else { continue }
        throw HoldfastError(
          .invalidField, "\(name) does not match path: leave it out of the body",
          details: [("field", .string(name))])
      }
    }
  }

  /// A request with a body has its fields there, unless that is one of them; the contract ignores its
  /// query.
  private var readsQuery: Bool {
    switch route.body {
    case .none: true
    case .raw: route.shape == .native
    default: false
    }
  }

  private func bodyMembers() throws(HoldfastError) -> [(String, JSON)] {
    switch route.body {
    case .none, .raw: return []
    case .optionalObject where exchange.body.isEmpty: return []
    case .object, .optionalObject:
      switch try bodyValue() {
      case .object(let object): return object.members.map { ($0.key, $0.value) }
      case .null where route.isLenient: return []
      case let other: throw invalidBody("it must be an object, not \(other.kind)")
      }
    case .field(let name): return [(name, try bodyValue())]
    }
  }

  private func bodyValue() throws(HoldfastError) -> JSON {
    let limits = JSONReader.Limits(depth: Limits.jsonDepthMax)
    do {
      // The contract reads the first value only; natively anything behind it is a mistake.
      return route.isLenient
        ? try JSONReader.readFirst(exchange.body, limits: limits).value
        : try JSONReader.read(exchange.body, limits: limits)
    } catch {
      throw invalidBody(error.description)
    }
  }

  private func invalidBody(_ reason: String) -> HoldfastError {
    HoldfastError(.invalidRequest, "invalid request body: \(reason)")
  }

  /// A parameter that comes several times is a list.
  private func queryMembers() throws(HoldfastError) -> [(String, JSON)] {
    let parameters = try RequestTarget(exchange.target).query()
    var members: [(String, JSON)] = []
    for parameter in parameters {
      if let index = members.firstIndex(where: { $0.0 == parameter.name }) {
        let before = members[index].1.arrayValue ?? [members[index].1]
        members[index].1 = .array(before + [.string(parameter.value)])
      } else {
        members.append((parameter.name, .string(parameter.value)))
      }
    }
    return members
  }
}
