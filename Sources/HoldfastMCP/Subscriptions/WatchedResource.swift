internal import HoldfastJSON

/// A resource that somebody wants to hear of when it changes.
///
/// It is better told of once too often than not at all: who is told reads it again.
struct WatchedResource: Sendable {
  /// The address as the client wrote it.
  let uri: String
  /// The project as the address names it; nil for a resource of the whole store.
  let project: String?
  private let operation: String
  /// The task that it is, by its id or name.
  private let task: String?
  /// What reads it, as far as the address says.
  let call: ToolCall

  /// - Parameters:
  ///   - uri: The address.
  ///   - resources: Those that the client sees.
  ///   - project: The project of the caller, for an address that names none.
  /// - Returns: nil for an address at which nothing can be.
  init?(_ uri: String, of resources: ResourceSet, project: String?) {
    guard let address = try? ResourceAddress(uri), let (resource, values) = resources.find(address)
    else { return nil }
    var fields = resource.fields(with: values)
    let named = fields["project"]?.stringValue
    if resource.isOfProject {
      guard let name = named ?? project else { return nil }
      fields.set("project", .string(name))
      self.project = name
    } else {
      self.project = nil
    }
    self.uri = uri
    operation = resource.operation
    task = resource.operation == "task_get" ? fields["task"]?.stringValue : nil
    call = ToolCall(operation: resource.operation, fields: fields, agent: nil)
  }

  /// Whether an event may have changed it.
  ///
  /// - Parameter today: The project's name of today.
  func isTouched(by event: StoreEvent, today: String?) -> Bool {
    if event.isSweeping, event.project.isEmpty || project == nil || event.project == today {
      return true
    }
    guard project == nil || event.project == today else { return false }
    if let task {
      // An event says what its task is called today, which an address may not have heard of yet; of an erased
      // one nobody knows what it was called.
      return event.task == task || event.filename == task
        || ["task_renamed", "task_erased"].contains(event.type)
    }
    switch operation {
    case "task_list", "task_ready": return event.concernsLists
    case "lock_list": return event.type.hasPrefix("locks_")
    case "agent_list": return event.type.hasPrefix("agent_") || event.concernsLists
    case "stats", "task_row_list", "task_row_get": return !event.task.isEmpty
    default: return true
    }
  }
}
