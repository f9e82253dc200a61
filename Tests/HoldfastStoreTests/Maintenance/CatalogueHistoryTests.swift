import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Random calls of every operation in the catalogue: whatever is accepted or refused, the store is
/// what its history says.
@Suite struct CatalogueHistoryTests {
  @Test(arguments: [1, 2] as [UInt64])
  func `any history of any operations verifies clean`(seed: UInt64) throws {
    let backing = try TestStore()
    var calls = RandomCalls(seed: seed)
    var accepted: [String: Int] = [:]
    for _ in 0..<1200 {
      let (name, members) = calls.next()
      if (try? backing.store.mutate(name, members)) != nil { accepted[name, default: 0] += 1 }
    }
    #expect(try Verify().run(on: backing.store).problems == [])
    // Enough of them really did something.
    let names = OperationCatalog.all.filter(\.isMutation).map(\.name)
    let idle = names.filter { accepted[$0] == nil }
    #expect(idle.count * 2 <= names.count, "never accepted: \(idle)")
  }
}

/// Calls made from the operations' own descriptions.
private struct RandomCalls {
  private var generator: SeededGenerator
  private let operations: [(name: String, schema: ObjectSchema)]

  /// Values that make sense for a field of that name, so that many calls are accepted.
  private static let pools: [String: [JSON]] = [
    "project": ["p", "q"], "task": ["a", "b", "c", "d"], "filename": ["a", "b", "c", "d", "e.md"],
    "from": ["a", "b", "c", "d"], "to": ["a", "b", "c", "d"], "tasks": ["a", "b", "c", "d"],
    "blocker": ["a", "b", "c", "d"], "agent": ["x"],
    "new_filename": ["a", "b", "f", "New Name"], "plan_file": ["a", "b", "nobody"],
    "signal_type": ["plan_start", "implement_finished", "needs_decision"],
    "type": ["plan_start", "implement_finished", "needs_decision"],
    "payload": ["", #"{"reason":"x"}"#], "topic": ["", "t"], "name": ["t", "u", "p"],
    "event": [
      "plan_start", "planner_finished", "implement_start", "cancel", "reopen", "mark_done",
    ],
    "phase": ["planning", "done"], "content": ["", "# A\n## Wave 1\n### Task 1: x\n", "text\u{0}"],
    "target": ["ready", "done", "planned"], "claimed_by": ["w"], "worker": ["w"],
    "timestamp": ["2026-01-02T03:04:05.000000001Z"], "pr_create_state": ["created", "failed"],
    "state": ["created", "failed"], "wait_ms": [0], "workflow": ["graph", "repository", "own"],
    "tags": ["t", "u"], "needed_tags": ["t"], "wanted_tags": ["t"],
    "defer_until": ["", "2026-01-02T03:04:05Z"],
    "due_at": ["", "2026-01-02T03:04:05Z"], "blocked_by": ["a", "b"], "id": ["i", "j"],
    "parent": ["a", "b"],
  ]

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    operations = OperationCatalog.all.filter(\.isMutation).map { ($0.name, $0.input()) }
  }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

  mutating func next() -> (String, [(String, JSON)]) {
    // A third of the calls make the tasks, signals and agents that the others work on.
    let making = ["task_create", "signal_create", "subtasks_replace", "agent_connect"]
    let operation =
      pick(3) == 0
      ? operations.first { $0.name == making[pick(making.count)] } ?? operations[0]
      : operations[pick(operations.count)]
    return (operation.name, object(operation.schema, depth: 0))
  }

  private mutating func object(_ schema: ObjectSchema, depth: Int) -> [(String, JSON)] {
    var members: [(String, JSON)] = []
    for field in schema.fields where field.isRequired || pick(3) == 0 {
      members.append((field.name, value(field.name, field.schema, depth: depth)))
    }
    return members
  }

  private mutating func value(_ name: String, _ schema: FieldSchema, depth: Int) -> JSON {
    switch schema {
    case .list(let element):
      guard depth < 3 else { return .array([]) }
      return .array((0..<pick(3)).map { _ in value(name, element, depth: depth + 1) })
    case .object(let object):
      return .object(JSONObject(depth < 3 ? self.object(object, depth: depth + 1) : []))
    case .boolean: return .bool(pick(2) == 0)
    case .integer(let low, let high):
      let numbers = [1, 2, 3, 7, low, high].filter { (low...max(low, high)).contains($0) }
      return .number(JSONNumber(numbers.isEmpty ? low : numbers[pick(numbers.count)]))
    case .text(_, let choices, _, _):
      if let pool = Self.pools[name], choices.isEmpty { return pool[pick(pool.count)] }
      if name == "status" { return ["ready", "done", "pending", "failed", "planning"][pick(5)] }
      if name.hasSuffix("_at") || name == "at" { return "2026-01-02T03:04:05Z" }
      return choices.isEmpty ? ["", "x", "ünï"][pick(3)] : .string(choices[pick(choices.count)])
    case .bytes: return ["text", ["base64": "/wA="], "text"][pick(3)]
    default: return Self.pools[name].map { $0[pick($0.count)] } ?? .null
    }
  }
}
