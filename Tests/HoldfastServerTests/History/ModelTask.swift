import HoldfastJSON
import HoldfastModel

/// One task as the contract wants it.
struct ModelTask {
  var status = "ready"
  /// The keys that are left out when empty.
  var texts: [String: String] = [:]
  /// Nanoseconds since 1970 by key; unset ones are not there.
  var times: [String: Int64] = [:]
  var execution = ModelExecution()
  var reviewCycle: Int64 = 0
  var plan = ModelPlan()
  var subtasks: [Int64: (title: String, status: String)] = [:]
  var reviews: [Int64: ModelReview] = [:]

  struct ModelReview {
    var body: String
    var isReacted = false
    var isDispatched = false
    var createdAt: Int64
  }

  /// What a PUT replaces, besides status, times, execution state and review cycle.
  private static let replaced = [
    "description", "branch", "topic", "implemented", "goal", "clickup_task_id", "linear_issue_id",
    "linear_identifier", "linear_url", "linear_team_key", "linear_project_id",
    "latest_review_feedback",
  ]
  private static let phases = ["planning", "implementing", "reviewing", "verifying", "done"]

  /// Sets the fields that are there.
  mutating func merge(_ fields: ModelFields) -> TaskModel.Answer? {
    if let word = fields.texts["status"], !word.isEmpty {
      let status = Self.aliases[word] ?? word
      guard Self.statuses.contains(status) else {
        return .refused(400, "invalid status: \"\(word)\"")
      }
      self.status = status
    }
    for (key, text) in fields.texts where key != "status" { texts[key] = text }
    for (key, time) in fields.times where key != "created_at" || time != 0 {
      times[key] = time == 0 ? nil : time
    }
    reviewCycle = fields.reviewCycle ?? reviewCycle
    execution = fields.execution ?? execution
    if let plan = fields.plan { self.plan = plan }
    return nil
  }

  static let statuses = [
    "ready", "planning", "implementing", "reviewing", "verifying", "done", "cancelled",
  ]
  private static let aliases = ["in_progress": "implementing", "completed": "done"]

  /// Does a change that concerns this task alone.
  ///
  /// - Returns: The refusal, if there is one.
  mutating func apply(_ change: TaskChange, of name: String, at now: Int64) -> TaskModel.Answer? {
    switch change {
    case .replace(let fields):
      var new = self
      for key in Self.replaced { new.texts[key] = nil }
      for phase in Self.phases { new.times["\(phase)_at"] = nil }
      new.execution = ModelExecution()
      new.reviewCycle = 0
      if let refusal = new.merge(fields) { return refusal }
      self = new
    case .patch(let fields): return merge(fields)
    case .content(let plan):
      guard !plan.hasDuplicates else { return .refused(400, "duplicate task numbers") }
      self.plan = plan
      ingest()
    case .goal(let text): texts["goal"] = text
    case .phaseTime(let phase, let time):
      guard Self.phases.contains(phase) else { return .refused(400, "unknown phase: \(phase)") }
      times["\(phase)_at"] = time
    case .reviewCycle: reviewCycle += 1
    case .override(let target): return override(target)
    case .execution(let state): execution = state
    case .block(let reason):
      guard !reason.isEmpty else { return .refused(400, "set blocked: reason must not be empty") }
      setBlock(reason, at: now)
    case .unblock: setBlock("", at: nil)
    case .prURL(let url): texts["pr_url"] = url
    case .prState(let decision, let checks):
      texts["pr_review_decision"] = decision
      texts["pr_check_status"] = checks
    case .subtasks(let list):
      var seen: Set<Int64> = []
      for subtask in list where !seen.insert(subtask.number).inserted {
        return .refused(400, "duplicate task_number: \(subtask.number)")
      }
      subtasks = [:]
      for subtask in list {
        subtasks[subtask.number] =
          (subtask.title, subtask.status.isEmpty ? "pending" : subtask.status)
      }
    case .subtaskStatus(let number, let status):
      guard subtasks[number] != nil else {
        return .refused(404, "subtask not found: p/\(name)#\(number)")
      }
      subtasks[number]?.status = status
    case .review(let id, let body):
      if reviews[id] == nil { reviews[id] = ModelReview(body: body, createdAt: now) }
    case .reacted(let id), .dispatched(let id):
      guard reviews[id] != nil else {
        return .refused(404, "pr review not found: p/\(name)#\(id)")
      }
      if case .reacted = change { reviews[id]?.isReacted = true }
      if case .dispatched = change { reviews[id]?.isDispatched = true }
    // The project's affair, as others are concerned too.
    case .delete, .rename, .transition, .topic: break
    }
    return nil
  }

  private mutating func setBlock(_ reason: String, at now: Int64?) {
    texts["blocked_reason"] = reason
    texts["blocked_source"] = reason.isEmpty ? "" : "test"
    times["blocked_at"] = now
  }

  /// Section 7, the column "Ours".
  private mutating func ingest() {
    if let goal = plan.goal { texts["goal"] = goal }
    guard !plan.tasks.isEmpty else { return }
    let before = subtasks
    subtasks = [:]
    for task in plan.tasks {
      subtasks[task.number] = (task.title, before[task.number]?.status ?? "pending")
    }
  }

  // MARK: Section 5

  private static let moves: [String: [String: String]] = [
    "ready": [
      "plan_start": "planning", "implement_start": "implementing", "mark_done": "done",
      "cancel": "cancelled",
    ],
    "planning": ["plan_start": "planning", "planner_finished": "ready", "cancel": "cancelled"],
    "implementing": ["implement_finished": "reviewing", "cancel": "cancelled"],
    "reviewing": [
      "review_approved": "verifying", "review_changes_requested": "implementing",
      "cancel": "cancelled",
    ],
    "verifying": [
      "verify_approved": "done", "verify_failed": "implementing", "cancel": "cancelled",
    ],
    "done": [
      "verification_stale": "verifying", "start_over": "planning", "reimplement": "implementing",
      "request_review": "reviewing", "cancel": "cancelled",
    ],
    "cancelled": ["reopen": "planning"],
  ]
  static let events = Set(moves.values.flatMap(\.keys)).sorted()

  mutating func move(_ word: String, _ verifiesAfterReview: Bool, _ now: Int64)
    -> TaskModel.Answer?
  {
    let text = word.replacing("-", with: "_")
    let event = text == "review_changes" ? "review_changes_requested" : text
    guard Self.events.contains(event) else { return .refused(400, "unknown event: \(word)") }
    guard let target = Self.moves[status]?[event] else {
      // One event of two words: the error may name either.
      let word = event == "review_changes_requested" ? "review_changes" : event
      return .refused(409, "invalid transition: \"\(status)\" + \"\(word)")
    }
    if status == "ready" && event == "implement_start" && execution.phase != "planned" {
      return .refused(409, "task is not yet planned: run plan_start first")
    }
    if event == "planner_finished" {
      guard !plan.text.isEmpty else { return .refused(409, "") }
      guard !plan.hasDuplicates else { return .refused(400, "duplicate task numbers") }
      ingest()
      execution = ModelExecution(phase: "planned")
    }
    enter(target, now)
    if event == "review_approved" && !verifiesAfterReview { enter("done", now) }
    return nil
  }

  private mutating func enter(_ target: String, _ now: Int64) {
    status = target
    dropUnfittingPhase()
    guard Self.phases.contains(target) else { return }
    times["\(target)_at"] = now
    setBlock("", at: nil)
  }

  private mutating func override(_ target: String) -> TaskModel.Answer? {
    guard Self.statuses.contains(target) || target == "planned" else {
      return .refused(400, "invalid manual override \"\(target)\": must be one of ")
    }
    status = target == "planned" ? "ready" : target
    if status == "ready" {
      execution = ModelExecution(phase: target == "planned" ? "planned" : "")
    }
    dropUnfittingPhase()
    return nil
  }

  private mutating func dropUnfittingPhase() {
    let fits =
      switch execution.phase {
      case "planned": status == "ready"
      case "wave_running":
        status == "implementing" && !execution.agent.isEmpty && execution.wave > 0
      // Verifying is a review, too.
      case "reviewing": ["reviewing", "verifying"].contains(status) && !execution.agent.isEmpty
      default: false
      }
    if !fits { execution = ModelExecution() }
  }

  // MARK: Section 2

  /// The entry but for what the store makes up: the id and the revision.
  func entry(named name: String) -> [String: JSON] {
    var entry: [String: JSON] = ["filename": .string(name), "status": .string(status)]
    for (key, text) in texts where !text.isEmpty { entry[key] = .string(text) }
    if !plan.text.isEmpty { entry["content"] = .string(plan.text) }
    if reviewCycle != 0 { entry["review_cycle"] = .number(JSONNumber(reviewCycle)) }
    var state = JSONObject()
    if !execution.phase.isEmpty { state.set("execution_phase", .string(execution.phase)) }
    if !execution.agent.isEmpty { state.set("active_agent_type", .string(execution.agent)) }
    if execution.wave != 0 { state.set("active_wave", .number(JSONNumber(execution.wave))) }
    entry["execution_state"] = .object(state)
    for phase in Self.phases + ["created", "pr_create_attempted", "verified", "blocked"] {
      entry["\(phase)_at"] = Self.time(times["\(phase)_at"])
    }
    return entry
  }

  static func time(_ nanoseconds: Int64?) -> JSON {
    .string(
      nanoseconds.map { "\(Timestamp(nanoseconds: $0))" } ?? "0001-01-01T00:00:00Z")
  }

  var subtaskList: JSON {
    .array(
      subtasks.sorted { $0.key < $1.key }.map {
        [
          "task_number": .number(JSONNumber($0.key)), "title": .string($0.value.title),
          "status": .string($0.value.status),
        ]
      })
  }

  func reviewList(pendingOnly: Bool) -> JSON {
    let shown = reviews.filter { !(pendingOnly && $0.value.isDispatched) }
    return .array(
      shown.sorted { $0.key < $1.key }.map { id, review in
        [
          "review_id": .number(JSONNumber(id)), "review_state": "COMMENTED",
          "review_body": .string(review.body), "reviewer_login": "ada",
          "reaction_posted": .bool(review.isReacted),
          "fixer_dispatched": .bool(review.isDispatched),
          "created_at": Self.time(review.createdAt),
        ]
      })
  }
}
