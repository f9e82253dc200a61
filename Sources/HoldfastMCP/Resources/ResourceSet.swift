internal import HoldfastJSON

/// The resources that a client sees, in a fixed order.
struct ResourceSet: Sendable {
  /// Those with one address.
  let fixed: [Resource]
  /// Those with variables in their addresses.
  let templates: [Resource]

  /// What the lists answer, made once.
  let fixedDefinitions: [JSON]
  let templateDefinitions: [JSON]

  /// - Parameter listsAsTemplates: Whether those with one address stand in the list of templates as well.
  init(fixed: [Resource], templates: [Resource], listsAsTemplates: Bool = false) {
    self.fixed = fixed
    self.templates = templates
    fixedDefinitions = fixed.map { $0.definition() }
    templateDefinitions = ((listsAsTemplates ? fixed : []) + templates).map {
      $0.definition(asTemplate: true)
    }
  }

  /// The resource at an address, and the values of its variables.
  func find(_ address: ResourceAddress) -> (Resource, [(String, JSON)])? {
    for resource in fixed + templates {
      if let values = resource.template.values(in: address) { return (resource, values) }
    }
    return nil
  }
}
