internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// The projects that a server was started for; to its clients over TCP there are no others.
///
/// The store's owner, who alone can open the unix socket, is not held to them: what a command can do
/// must not depend on whether a server runs.
struct RegisteredProjects: Sendable {
  private let names: [ProjectName]

  /// - Parameter names: The projects, in any order.
  init(_ names: [ProjectName]) { self.names = names.sorted() }

  /// Refuses an operation on another project.
  func check(_ project: String, of operation: OperationEntry) throws(HoldfastError) {
    guard !names.contains(ProjectName(stored: project)) else { return }
    let isOfConfiguration = [ProjectConfigGet.name, ProjectConfigPut.name].contains(operation.name)
    throw HoldfastError(
      isOfConfiguration ? .repositoryNotRegistered : .notFound, "project not found: \(project)",
      details: [("project", .string(project))])
  }

  /// Refuses an operation on another project, or on all of them; the list of projects becomes that
  /// of the registered ones.
  ///
  /// - Parameters:
  ///   - members: What the request says as JSON.
  ///   - texts: What it says as text, which counts before that.
  func hold(
    _ members: [(String, JSON)], _ texts: inout [(String, JSON)], of operation: OperationEntry
  ) throws(HoldfastError) {
    switch operation.name {
    case EventLast.name: return
    // Agents belong to the store.
    case AgentConnect.name, AgentDisconnect.name, AgentList.name, AgentHeartbeat.name: return
    case ProjectList.name:
      texts.append(("names", .array(names.map { .string($0.text) })))
    default:
      guard case .string(let project)? = (members + texts).last(where: { $0.0 == "project" })?.1
      else {
        throw HoldfastError(
          .invalidField, "project is required: this server is for registered projects only",
          details: [("field", .string("project"))])
      }
      try check(project, of: operation)
    }
  }
}
