import HoldfastTesting

/// Steps at random from a seed: names are few, so that they meet.
struct RandomTaskSteps {
  var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

  private mutating func one<T>(_ values: T...) -> T { values[below(values.count)] }

  private mutating func name() -> String {
    one("a", "a", "a.md", "b", "b", "plan", "My Task", "a-b", "é/%+")
  }

  mutating func next() -> TaskStep {
    switch below(24) {
    case 0, 1: .create(one(name(), name(), name(), " .md"), fields(withPlan: true))
    case 2: .restore(name())
    case 3: .createTopic(one("one", "two", ""))
    case 4..<10: .change(name(), .transition(event()))
    case 10..<13: .change(name(), rowChange())
    case 13: .change(name(), .rename(one("a", "B.md", "A b!", "", "!"), isVerbatim: false))
    case 14: .change(name(), .rename(one("My Task", "é/%+", "plan.md"), isVerbatim: true))
    case 15: .change(name(), one(.delete, .delete, .reviewCycle))
    default: .change(name(), change())
    }
  }

  private mutating func event() -> String {
    if below(12) == 0 { return one("explode", "plan-start", "review_changes") }
    // Forward more often than not, so that histories get anywhere.
    return below(2) == 0
      ? one(
        "plan_start", "planner_finished", "implement_start", "implement_finished",
        "review_approved", "verify_approved")
      : ModelTask.events[below(ModelTask.events.count)]
  }

  private mutating func change() -> TaskChange {
    switch below(14) {
    case 0, 1: .replace(fields(withPlan: true, isReplacing: true))
    case 2, 3: .patch(fields(withPlan: false))
    case 4, 5: .content(plan())
    case 6: .goal(text())
    case 7: .phaseTime(one("planning", "reviewing", "done", "nap"), below(3) == 0 ? nil : time())
    case 8: .override(one("ready", "planned", "planned", "reviewing", "done", "nowhere"))
    case 9: .execution(execution())
    case 10: .block(text())
    case 11: .unblock
    case 12: .topic(one("one", "two", "three", ""))
    default: one(.prURL(text()), .prState(text(), text()))
    }
  }

  private mutating func rowChange() -> TaskChange {
    switch below(6) {
    case 0:
      .subtasks(
        (0..<below(4)).map { _ in
          (Int64(below(8)), text(), one("", "running", "done", "anything"))
        })
    case 1, 2: .subtaskStatus(Int64(below(4)), one("done", "failed", "pending"))
    case 3: .review(Int64(below(4) + 40), text())
    case 4: .reacted(Int64(below(4) + 40))
    default: .dispatched(Int64(below(4) + 40))
    }
  }

  private mutating func text() -> String { one("", "x", "\"ü\" <&>\n", "text \(below(1000))") }

  private mutating func time() -> Int64 { Int64(below(1 << 60) + 1) }

  private mutating func execution() -> ModelExecution {
    one(
      ModelExecution(), ModelExecution(phase: "planned"),
      ModelExecution(phase: "wave_running", agent: "coder", wave: 2),
      ModelExecution(phase: "wave_running", agent: "coder"),
      ModelExecution(phase: "reviewing", agent: "reviewer"), ModelExecution(phase: "reviewing"))
  }

  private mutating func plan() -> ModelPlan {
    ModelPlan(
      goal: below(2) == 0 ? "goal \(below(100))" : nil,
      waves: (0..<below(3)).map { _ in
        (0...below(2)).map { _ in (Int64(below(9)), "step \(below(100))") }
      },
      body: one("", "Some text.\n"))
  }

  /// - Parameter isReplacing: For a PUT, which leaves the text alone whatever it says.
  private mutating func fields(withPlan: Bool, isReplacing: Bool = false) -> ModelFields {
    var fields = ModelFields()
    for key in ["description", "branch", "topic", "goal", "implemented", "linear_url"]
    where below(3) == 0 {
      fields.texts[key] = text()
    }
    if below(3) == 0 {
      fields.texts["status"] = one(
        "ready", "planning", "reviewing", "in_progress", "completed", "cancelled", "bogus")
    }
    for key in ["planning_at", "done_at", "created_at"] where below(4) == 0 {
      // What a PATCH makes of an unset time of creation is nobody's promise.
      fields.times[key] = key == "created_at" && !withPlan ? time() : one(0, time())
    }
    if below(4) == 0 { fields.reviewCycle = Int64(below(3)) }
    if below(4) == 0 { fields.execution = execution() }
    if withPlan && !isReplacing && below(2) == 0 { fields.plan = plan() }
    return fields
  }
}
