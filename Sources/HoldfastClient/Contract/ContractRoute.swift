/// How one operation is said in the task-store contract.
struct ContractRoute: Sendable {
  let operation: String
  let method: String
  /// Below `/v1/`; `{field}` stands for the value of a field, percent-encoded.
  let path: String
  let body: Body
  let answer: Answer

  /// What the request carries beside its path.
  enum Body: Sendable {
    case nothing
    /// An object with those of these fields that are given.
    case members([String])
    /// The bytes of a field, as they are.
    case raw(String)
    /// Those of these fields that are given, in the query; lists are repeated.
    case query([String])
  }

  /// What comes back, and what is made of it.
  enum Answer: Sendable {
    /// A task; where a server answers with nothing, the task is asked for.
    case task
    /// Bytes under that name.
    case raw(String)
    /// An object, taken as it is.
    case object
    case signal
    /// An array of tasks or other objects, under that name.
    case list(String)
    case signals
    /// An array of names, each as an object under that name.
    case names(String)
    /// Nothing but success.
    case done
  }

  private init(
    _ operation: String, _ method: String, _ path: String, _ body: Body = .nothing,
    _ answer: Answer
  ) {
    self.operation = operation
    self.method = method
    self.path = path
    self.body = body
    self.answer = answer
  }

  /// The route of an operation; nil where the contract has none.
  static func named(_ operation: String) -> ContractRoute? { byName[operation] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.operation, $0) })

  private static let project = "projects/{project}"
  private static let task = "projects/{project}/tasks/{task}"
  private static let linear = [
    "linear_issue_id", "linear_identifier", "linear_url", "linear_team_key", "linear_project_id",
  ]

  private static let all: [ContractRoute] = [
    ContractRoute(
      "task_list", "GET", "\(project)/tasks", .query(["status", "topic"]), .list("tasks")),
    ContractRoute(
      "task_create", "POST", "\(project)/tasks",
      .members([
        "filename", "status", "description", "branch", "topic", "content", "created_at", "goal",
      ]), .task),
    ContractRoute("task_get", "GET", task, .task),
    ContractRoute("task_delete", "DELETE", task, .done),
    ContractRoute(
      "task_rename", "POST", "\(task)/rename", .members(["new_filename", "verbatim"]), .task),
    ContractRoute("content_get", "GET", "\(task)/content", .raw("content")),
    ContractRoute("content_set", "PUT", "\(task)/content", .raw("content"), .task),
    ContractRoute("subtask_list", "GET", "\(task)/subtasks", .list("subtasks")),
    ContractRoute(
      "subtask_status_set", "PUT", "\(task)/subtasks/{task_number}/status", .members(["status"]),
      .done),
    ContractRoute("goal_set", "PUT", "\(task)/goal", .members(["goal"]), .task),
    ContractRoute(
      "clickup_set", "PUT", "\(task)/clickup-task-id", .members(["clickup_task_id"]), .task),
    ContractRoute("linear_link_set", "PUT", "\(task)/linear-link", .members(linear), .task),
    ContractRoute("linear_link_clear", "DELETE", "\(task)/linear-link", .task),
    ContractRoute("topic_assign", "PUT", "\(task)/topic", .members(["topic"]), .task),
    ContractRoute("task_transition", "POST", "\(task)/transition", .members(["event"]), .task),
    ContractRoute("task_status_set", "PUT", "\(task)/status", .members(["target"]), .task),
    ContractRoute("topic_list", "GET", "\(project)/topics", .list("topics")),
    ContractRoute(
      "topic_create", "POST", "\(project)/topics", .members(["name", "created_at"]), .object),
    ContractRoute("project_list", "GET", "projects", .names("projects")),
    ContractRoute(
      "audit_list", "GET", "\(project)/audit-events",
      .query(["kind", "task", "instance", "after", "before", "limit"]), .list("events")),
    ContractRoute("signal_list", "GET", "\(project)/signals", .query(["status"]), .signals),
    ContractRoute(
      "signal_create", "POST", "\(project)/signals",
      .members(["signal_type", "plan_file", "payload"]), .signal),
    ContractRoute(
      "signal_claim", "POST", "\(project)/signals/claim", .members(["claimed_by"]), .signal),
    ContractRoute(
      "signal_processed", "POST", "\(project)/signals/{id}/processed",
      .members(["status", "result"]), .object),
    ContractRoute(
      "signal_reset_stuck", "POST", "\(project)/signals/reset-stuck",
      .members(["older_than_seconds"]), .object),
  ]

  private init(_ operation: String, _ method: String, _ path: String, _ answer: Answer) {
    self.init(operation, method, path, .nothing, answer)
  }
}
