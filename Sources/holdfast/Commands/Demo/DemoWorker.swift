import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
private import Synchronization

/// What the workers of the demo know together.
final class DemoJournal: Sendable {
  private let heroes: Int
  private let finished = Atomic(0)
  private let handled = Atomic(0)
  private let halfway = Handover<Bool>()
  private let hasFailed = Atomic(false)

  init(heroes: Int) { self.heroes = heroes }

  /// Whether all tasks have come to their end, or one of the workers to a bad one.
  var isOver: Bool {
    finished.load(ordering: .sequentiallyConsistent) >= heroes
      || hasFailed.load(ordering: .sequentiallyConsistent)
  }

  func finishedOne() { finished.add(1, ordering: .sequentiallyConsistent) }

  func handledOne() {
    if handled.add(1, ordering: .sequentiallyConsistent).newValue == heroes * 2 {
      halfway.set(true)
    }
  }

  /// Ends the work of all, because what one of them held would be waited for in vain.
  func fail() {
    hasFailed.store(true, ordering: .sequentiallyConsistent)
    halfway.set(true)
  }

  func waitUntilHalfway() { _ = halfway.wait() }
}

/// A worker that takes signals and does what comes next, until all tasks are done.
final class DemoWorker: Sendable {
  let name: String
  private let client: DemoClient
  private let say: @Sendable (String) -> Void

  init(name: String, client: DemoClient, say: @escaping @Sendable (String) -> Void) {
    self.name = name
    self.client = client
    self.say = say
  }

  func work(_ journal: DemoJournal) throws {
    do {
      try takeSignals(journal)
    } catch {
      journal.fail()
      throw error
    }
  }

  private func takeSignals(_ journal: DemoJournal) throws {
    while !journal.isOver {
      let signal = try client.run(
        "signal_claim", ["claimed_by": .string(name), "wait_ms": 200, "lease_seconds": 3600])
      guard let id = signal["id"], signal.objectValue != nil else { continue }
      let task = signal.text("plan_file")
      try handle(signal.text("signal_type"), task: .string(task), journal)
      try client.run(
        "signal_processed",
        ["id": id, "status": "done", "claim_token": signal["claim_token"] ?? .null])
      journal.handledOne()
    }
  }

  /// Each signal says that a step of the workflow has begun; the worker does the step and sends
  /// the event that ends it.
  private func handle(_ type: String, task: JSON, _ journal: DemoJournal) throws {
    let title = task.stringValue ?? ""
    switch type {
    case "plan_start":
      try client.run("content_set", ["task": task], content: Array(DemoStory.plan.utf8))
      try send("planner_finished", task)
      say("  \(name) planned \(title)")
    case "planner_finished":
      try send("implement_start", task)
    case "implement_start", "review_changes_requested":
      for step in 1...4 {
        try client.run(
          "subtask_status_set",
          ["task": task, "task_number": .number(JSONNumber(Int64(step))), "status": "done"])
      }
      try send("implement_finished", task)
      say("  \(name) implemented \(title)")
    case "implement_finished":
      let cycle = try client.run("task_get", ["task": task])["review_cycle"]?.int64Value ?? 0
      if cycle == 0 {
        try client.run("review_cycle_increment", ["task": task])
        try send("review_changes_requested", task)
        say("  \(name) asked for changes in \(title)")
      } else {
        try send("review_approved", task)
        say("  \(name) approved \(title)")
      }
    case "review_approved":
      if try client.run("task_get", ["task": task]).text("status") == "verifying" {
        try send("verify_approved", task)
      } else {
        journal.finishedOne()
      }
    case "verify_approved": journal.finishedOne()
    default: break
    }
  }

  private func send(_ event: String, _ task: JSON) throws {
    try client.run("task_transition", ["task": task, "event": .string(event)])
  }
}
