import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

@Suite struct TaskTransitionRuleTests {
  let backing: TestStore
  var store: Store { backing.store }

  init() throws { backing = try TestStore() }

  private func create(_ members: [(String, JSON)]) throws {
    var fields = Fields([("project", "p"), ("filename", "t")] + members)
    _ = try store.run(TaskCreate(reading: &fields))
  }

  private func transition(_ event: String) throws -> TaskTransition {
    var fields = Fields([("project", "p"), ("task", "t"), ("event", .string(event))])
    return try TaskTransition(reading: &fields)
  }

  @Test(arguments: ["start_over", "reimplement", "request_review", "cancel"])
  func `an agent may not do what only a user may`(event: String) throws {
    try create([("status", "done")])
    let mutation = try transition(event)
    let error = #expect(throws: HoldfastError.self) {
      try store.run(mutation, caller: Caller(actor: "agent-1"))
    }
    #expect(error?.code == .notAllowed)
    #expect(try store.run(mutation)?.entry.status != .done)
  }

  @Test func `content that changed after it was looked at is looked at again`() throws {
    try create([("status", "planning"), ("content", "# Plan")])
    let mutation = try transition("planner_finished")
    let seen = try mutation.prepare(over: store)
    #expect(seen != nil)
    // As if the content had been emptied between the look and the write.
    try backing.database.write { transaction in
      _ = try transaction.execute("UPDATE tasks SET content = NULL", [])
    }
    var fields = Fields([("project", "p"), ("task", "t"), ("event", "planner_finished")])
    let stale = try Stale(seen: seen, mutation: TaskTransition(reading: &fields))
    let error = #expect(throws: HoldfastError.self) { try store.run(stale) }
    #expect(error?.code == .invalidTransition)
  }

  @Test func `a plan has at most 10,000 subtasks, whoever reads it`() throws {
    let plan = "## Wave 1\n" + (1...10_001).map { "### Task \($0): t\n" }.joined()
    try create([("status", "planning"), ("content", .string(plan))])
    let transition = try transition("planner_finished")
    var fields = Fields([("project", "p"), ("task", "t"), ("content", .string(plan))])
    let put = try ContentPut(reading: &fields)
    for refused in [{ try store.run(transition) }, { try store.run(put) }] {
      let error = #expect(throws: HoldfastError.self) { try refused() }
      #expect(error?.code == .invalidField)
      #expect(error?.message.contains("at most 10000 subtasks") == true)
    }
    #expect(try store.list("subtask_list", [("project", "p"), ("task", "t")])["subtasks"] == [])
  }

  @Test func `strict fields natively`() {
    var fields = Fields([("project", "p"), ("task", "t")])
    let error = #expect(throws: HoldfastError.self) { try TaskTransition(reading: &fields) }
    #expect(error?.message == "event is required")
  }

  @Test func `a signal wakes those who wait in its project`() async throws {
    try create([])
    let mutation = try transition("plan_start")
    let found = try await withCheckedThrowingContinuation { continuation in
      store.submit(SignalWait(key: "signals:p"), caller: Caller()) { continuation.resume(with: $0) }
      store.submit(mutation, caller: Caller()) { _ in }
    }
    #expect(found != nil)
  }
}

/// Waits until there is any signal.
private struct SignalWait: Mutation {
  static let name = "signal_wait"
  static let summary = "For this test."
  static let access = Access.write

  let key: String

  init(key: String) { self.key = key }

  init(reading fields: inout Fields) throws(HoldfastError) { key = "" }

  var waiting: Waiting? { Waiting(key: key, tag: "", milliseconds: 10_000) }

  func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Done> {
    try changes.reading.exists("SELECT 1 FROM signals", []) ? .done(Done()) : .wait
  }
}

/// A transition with the look at the store of an earlier moment.
private struct Stale: Mutation {
  static let name = "stale"
  static let summary = "For this test."
  static let access = Access.write

  let seen: TaskTransition.PlanSeen?
  let mutation: TaskTransition

  init(seen: TaskTransition.PlanSeen?, mutation: TaskTransition) {
    self.seen = seen
    self.mutation = mutation
  }

  init(reading fields: inout Fields) throws(HoldfastError) {
    seen = nil
    mutation = try TaskTransition(reading: &fields)
  }

  func prepare() throws -> TaskTransition.PlanSeen? { seen }

  func run(_ prepared: TaskTransition.PlanSeen?, in changes: Changes) throws -> WriteVerdict<
    TaskAnswer
  > { try mutation.run(prepared, in: changes) }
}
