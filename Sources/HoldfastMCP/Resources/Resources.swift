internal import HoldfastJSON

/// The resources that go with our own tools, in a fixed order.
///
/// Those of a project are there twice: under an address that names the project, and under a short one
/// for the project of the caller.
enum Resources {
  /// Those with one address.
  static let fixed = [
    ready(Resource.Template("tasks", "ready")), allTasks(Resource.Template("tasks", "all")),
    locks(Resource.Template("files", "locks")), stats(Resource.Template("stats", "summary")),
    Resource(
      "agents", title: "Agents", "Who is connected, and who was heard of when.",
      at: Resource.Template("agents", "all"), as: .json(.whole), "agent_list", isOfProject: false),
  ]

  /// Those with variables in their addresses.
  static let templates = [
    Resource(
      "task", title: "A task",
      "One task with its whole text, also where a tool's answer was cut; task is its id or name.",
      at: Resource.Template("task", "{project}", "{task}"), as: .markdown, "task_get"),
    ready(Resource.Template("tasks", "{project}", "ready")),
    allTasks(Resource.Template("tasks", "{project}", "all")),
    Resource(
      "tasks_by_status", title: "Tasks in a status", "The tasks in a status, in a line each.",
      at: Resource.Template("tasks", "{project}", "status", "{status}"), as: .json(.tasks),
      "task_list", listed),
    locks(Resource.Template("files", "{project}", "locks")),
    stats(Resource.Template("stats", "{project}", "summary")),
  ]

  /// All of them.
  static let all = ResourceSet(fixed: fixed, templates: templates)

  /// The first page of a list says where the next one starts; tools give that.
  private static let listed: [(String, JSON)] = [("fields", "slim"), ("limit", 1_000)]

  private static func ready(_ template: Resource.Template) -> Resource {
    Resource(
      "ready_tasks", title: "Ready tasks", "The tasks that can be claimed now, the best first.",
      at: template, as: .json(.tasks), "task_ready", [("limit", 100)])
  }

  private static func allTasks(_ template: Resource.Template) -> Resource {
    Resource(
      "all_tasks", title: "All tasks",
      "The tasks in a line each, at most 1000: task_list with next_cursor gives the others.",
      at: template, as: .json(.tasks), "task_list", listed)
  }

  private static func locks(_ template: Resource.Template) -> Resource {
    Resource(
      "file_locks", title: "Locked files", "Which files are locked, by whom and for what.",
      at: template, as: .json(.whole), "lock_list")
  }

  private static func stats(_ template: Resource.Template) -> Resource {
    Resource(
      "stats", title: "Statistics", "How many tasks are in each status, their sizes and costs.",
      at: template, as: .json(.whole), "stats")
  }
}
