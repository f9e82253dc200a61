internal import HoldfastJSON
internal import HoldfastModel

/// The resources that go with the task graph's tools, under its addresses and in its form.
enum TaskGraphResources {
  static let all = ResourceSet(fixed: fixed, templates: templates, listsAsTemplates: true)

  /// A reading cannot turn pages: it has as many as a page may have.
  private static let page: [(String, JSON)] = [("limit", 1000)]

  private static let fixed = [
    Resource(
      "all_tasks", title: "All tasks", "The newest tasks, at most 1000, with their dependencies.",
      at: Resource.Template("tasks", "all"), as: .json(.whole), "task_row_list",
      page + [("dependencies", true)]),
    tasks(
      "ready_tasks", "Ready tasks", "The tasks that can be claimed now, the best first.",
      Resource.Template("tasks", "ready"), ("ready", true),
      ["id", "title", "description", "priority", "points", "needed_tags", "wanted_tags"]),
    tasks(
      "blocked_tasks", "Blocked tasks", "The tasks that wait for others.",
      Resource.Template("tasks", "blocked"), ("blocked", true),
      ["id", "title", "priority", "blocked_by", "blocked_reason"]),
    tasks(
      "claimed_tasks", "Claimed tasks", "The tasks that somebody holds.",
      Resource.Template("tasks", "claimed"), ("claimed", true), held),
    Resource(
      "file_locks", title: "Locked files", "Which files are locked, by whom.",
      at: Resource.Template("files", "locks"), as: .json(.lockRows), "lock_list"),
    Resource(
      "agents", title: "Agents", "Who is connected, the newest first.",
      at: Resource.Template("agents", "all"), as: .json(.graphAgents), "agent_list",
      isOfProject: false),
    Resource(
      "plan", title: "Plan", "The tasks as a plan for other programs.",
      at: Resource.Template("plan", "acp"), as: .json(.plan), "task_row_list", page),
    Resource(
      "stats", title: "Statistics", "How many tasks are in each status, their sizes and costs.",
      at: Resource.Template("stats", "summary"), as: .json(.graphStats), "stats"),
  ]

  private static let templates = [
    Resource(
      "tasks_of_agent", title: "Tasks of an agent", "The tasks that an agent holds.",
      at: Resource.Template("tasks", "agent", "{id}"), as: .json(.rows(held)), "task_row_list",
      page, naming: ["id": "owner"]),
    Resource(
      "task_tree", title: "A tree of tasks", "A task with all that it contains.",
      at: Resource.Template("tasks", "tree", "{id}"), as: .json(.whole), "task_row_get",
      [("children", true)], naming: ["id": "task"]),
  ]

  private static let held = [
    "id", "title", "status", "priority", "owner_agent", "claimed_at", "current_thought",
  ]

  private static func tasks(
    _ name: String, _ title: String, _ description: String, _ template: Resource.Template,
    _ condition: (String, JSON), _ keys: [String]
  ) -> Resource {
    Resource(
      name, title: title, description, at: template, as: .json(.rows(keys)), "task_row_list",
      page + [condition])
  }
}

extension ToolAnswer {
  /// Rows of tasks with these columns alone.
  fileprivate static func rows(_ keys: [String]) -> ToolAnswer {
    ToolAnswer { answer in
      let tasks = (answer["tasks"]?.arrayValue ?? []).map { task -> JSON in
        .object(JSONObject(TaskGraphAnswer.part(keys, of: task)))
      }
      return JSONObject([("tasks", .array(tasks))] + TaskGraphAnswer.end(of: answer))
    }
  }

  /// The tasks under the names of another protocol.
  fileprivate static let plan = ToolAnswer { answer in
    let tasks = (answer["tasks"]?.arrayValue ?? []).map { task -> JSON in
      [
        "id": task["id"] ?? nil, "title": task["title"] ?? nil,
        "description": task["description"] ?? nil, "status": planStatus(task["status"]),
        "priority": task["priority"] ?? nil, "blockedBy": task["blocked_by"] ?? [],
        "assignee": task["owner_agent"] ?? nil,
        "metadata": [
          "points": task["points"] ?? nil, "timeEstimateMs": task["time_estimate_ms"] ?? nil,
          "timeActualMs": task["time_actual_ms"] ?? nil, "cost": ["usd": task["cost_usd"] ?? 0],
        ],
      ]
    }
    return JSONObject(
      [("version", "1.0"), ("tasks", .array(tasks))] + TaskGraphAnswer.end(of: answer))
  }

  private static func planStatus(_ status: JSON?) -> JSON {
    switch status?.stringValue {
    case "pending": "todo"
    case "completed": "done"
    default: status ?? nil
    }
  }

  /// The sums, by the five statuses.
  fileprivate static let graphStats = ToolAnswer { answer in
    var byStatus = JSONObject()
    for state in GraphState.all {
      let count = state.categories.reduce(into: Int64(0)) {
        $0 += answer["by_category"]?[$1.name]?.int64Value ?? 0
      }
      byStatus.set(state.word.text, .number(JSONNumber(count)))
    }
    return JSONObject(
      [("total_tasks", answer["total_tasks"] ?? 0), ("by_status", .object(byStatus))]
        + TaskGraphAnswer.given(["points", "time", "tokens", "cost_usd"], of: answer))
  }
}
