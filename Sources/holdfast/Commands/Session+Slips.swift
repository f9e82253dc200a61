import HoldfastClient
import HoldfastJSON
import HoldfastModel

// A slip in a name looks like something that is not there.
extension Session {
  /// Says once that the project is not there, when its name looks like a slip of that of another one.
  func tellOfProject(_ project: ProjectName) throws {
    guard !hasToldOfProject else { return }
    hasToldOfProject = true
    do {
      try run("project_get", [("project", .string(project.text))])
      return
    } catch let refusal as HoldfastError where refusal.code == .notFound {
      // It is not there.
    } catch let refusal as HoldfastError where refusal.code == .notAvailable {
      // A server that is not ours need not know its projects.
      return
    }
    let known = try run("project_list")["projects"]?.arrayValue ?? []
    let names = known.flatMap { project in
      [project.text("name")] + (project["aliases"]?.arrayValue ?? []).compactMap(\.stringValue)
    }
    guard let nearest = EditDistance.nearest(project.text, among: names) else { return }
    invocation.output.note("project \(project) has no tasks yet; nearest: \(nearest)")
  }

  /// Says, before something is made in a project that the command line names, that it is not there yet, when
  /// its name looks like a slip.
  func tellOfNewProject() throws {
    guard invocation.globals.project != nil, runner is any StoreRunner else { return }
    try tellOfProject(project())
  }

  /// Tasks among which the nearest is looked for.
  private static let tasksMax: Int64 = 10_000

  /// The refusal of a task that is not there, with the one that may be meant.
  func naming(nearestTo refusal: HoldfastError) throws -> HoldfastError {
    guard refusal.code == .taskNotFound,
      let name = refusal.details.first(where: { $0.name == "task" })?.value.stringValue
    else { return refusal }
    let fields: [(String, JSON)] = [
      ("project", .string(try project().text)), ("fields", "slim"),
      ("limit", .number(JSONNumber(Self.tasksMax))),
    ]
    let tasks = (try? run("task_list", fields)["tasks"]?.arrayValue) ?? []
    var refusal = refusal
    refusal.message += EditDistance.hint(
      name, among: tasks.flatMap { [$0.text("filename"), $0.text("id")] })
    return refusal
  }
}
