import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// What writes do does not hang on which others are in their group.
@Suite struct GroupAgreementTests {
  private typealias Request = (name: String, members: [(String, JSON)], key: String?)

  // Some names that are the same to people alone, some that are ids of no task.
  private static let names: [JSON] = [
    "a", "b", "c", "caf\u{e9}", "cafe\u{301}", "t-aaaaaaaa", "d", "e",
  ]
  private static let types: [JSON] = ["plan_start", "implement_start", "review_approved"]
  private static let projects: [JSON] = ["p", "p", "p", "q", "other name of p"]

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a history in groups is the history one by one`(seed: UInt64) throws {
    let clock = TestClock()
    var settings = StoreSettings()
    settings.signalAttemptsMax = 2
    let together = try TestStore(settings: settings) { clock.install(in: &$0) }
    let single = try TestStore(settings: settings) { clock.install(in: &$0) }
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let group = (0..<Int.random(in: 1...12, using: &random)).map { _ in request(&random) }
      let hold = Hold(together.database)
      let endings = group.map { together.store.queue($0.name, $0.members, key: $0.key) }
      hold.release()
      let outcomes = endings.map(outcome)
      let expected = group.map {
        outcome(single.store.queue($0.name, $0.members, key: $0.key))
      }
      #expect(outcomes == expected, "\(group.map { "\($0.name) \($0.members)" })")
      if Int.random(in: 0..<4, using: &random) == 0 { clock.advance(seconds: 20) }
    }
    let logs = try [together, single].map { backing in
      try backing.store.list("event_list", [("limit", 1000)])["events"]?.arrayValue ?? []
    }
    #expect(logs[0].count > 150)
    #expect(logs[0].count == logs[1].count)
    for (inGroup, alone) in zip(logs[0], logs[1]) {
      // All but the ids of tasks, which each store makes by a key of its own.
      for member in ["seq", "project", "type", "at", "data"] {
        #expect(inGroup[member] == alone[member])
      }
    }
  }

  @Test func `more claims in one group than signals are read at once`() throws {
    let backing = try TestStore()
    for number in 0..<100 {
      try backing.store.mutate(
        "signal_create",
        [
          ("project", "p"), ("signal_type", Self.types[number % 3]),
          ("plan_file", .string("t\(number)")),
        ])
    }
    let hold = Hold(backing.database)
    let claim: [(String, JSON)] = [("project", "p"), ("claimed_by", "w")]
    let ofType = claim + [("types", .array([Self.types[0]]))]
    let endings = (0..<110).map { number in
      backing.store.queue("signal_claim", number % 2 == 0 ? claim : ofType)
    }
    hold.release()
    let outcomes = endings.map(outcome)
    // 34 of them are of the type that every other claim wants.
    #expect(outcomes.count { $0 == "done" } + outcomes.count { $0 == "nothing" } == 110)
    let claims = try backing.store.list(
      "event_list", [("limit", 1000)])
    let order = (claims["events"]?.arrayValue ?? []).filter { $0["type"] == "signal_claimed" }
      .compactMap {
        $0["data"]?["rows"]?.arrayValue?.first?.arrayValue?[1].int64Value
      }
    var left = Array(1...100 as ClosedRange<Int64>)
    var expected: [Int64] = []
    for number in 0..<110 {
      let place = left.firstIndex { number % 2 == 0 || ($0 - 1) % 3 == 0 }
      if let place { expected.append(left.remove(at: place)) }
    }
    #expect(order == expected)
    #expect(outcomes.count { $0 == "done" } == expected.count)
  }

  private func request(_ random: inout SeededGenerator) -> Request {
    let project = Self.projects.randomElement(using: &random) ?? "p"
    let name = Self.names.randomElement(using: &random) ?? "a"
    let other = Self.names.randomElement(using: &random) ?? "b"
    let type = Self.types.randomElement(using: &random) ?? "plan_start"
    let worker = JSON.string("w\(Int.random(in: 0..<3, using: &random))")
    // The same key with the same request again, now and then in one group.
    let key = Int.random(in: 0..<6, using: &random)
    let about: [(String, JSON)] = [("project", project), ("task", name)]
    let signal = JSON.number(JSONNumber(Int64.random(in: 1...40, using: &random)))
    var request: Request
    switch Int.random(in: 0..<27, using: &random) {
    case 0..<5:
      request = (
        "task_create", [("project", project), ("filename", name), ("content", "text")], nil
      )
      if key < 2 { request.key = "\(project) \(name) \(key)" }
    case 5: request = ("task_delete", about, nil)
    case 6: request = ("task_restore", about, nil)
    case 7: request = ("task_rename", about + [("new_filename", other)], nil)
    case 8: request = ("goal_set", about + [("goal", worker)], nil)
    case 9: request = ("task_status_set", about + [("status", "implementing")], nil)
    case 10:
      request = ("project_alias", [("project", "p"), ("alias", "other name of p")], nil)
    case 11..<15:
      request = (
        "signal_create", [("project", project), ("signal_type", type), ("plan_file", name)], nil
      )
      if key < 2 { request.key = "\(project) \(name) \(type) \(key)" }
    case 15..<17:
      request = ("signal_claim", [("project", project), ("claimed_by", worker)], nil)
    case 17:
      request = (
        "signal_claim",
        [("project", project), ("claimed_by", worker), ("types", .array([type]))], nil
      )
    case 18:
      request = (
        "signal_claim", [("project", project), ("claimed_by", worker), ("plan_file", name)], nil
      )
    case 19:
      request = (
        "signal_processed",
        [
          ("project", project),
          ("id", signal),
          ("status", "done"),
        ], nil
      )
    case 20:
      request = (
        "signal_retry",
        [
          ("project", project),
          ("id", signal),
        ], nil
      )
    case 21..<24:
      request = ("task_attach", about + [("name", other), ("content", worker)], nil)
      if key < 2 { request.key = "\(project) \(name) \(other) \(worker) \(key)" }
    case 24:
      request = ("task_detach", about + [("index", .number(JSONNumber(Int64(key))))], nil)
    case 25: request = ("task_delete", about + [("hard", true)], nil)
    default: request = ("topic_assign", about + [("topic", worker)], nil)
    }
    return request
  }

  private func outcome(_ ending: Handover<Result<Reply, any Error>>) -> String {
    switch ending.wait() {
    case .success(.answer): "done"
    case .success(.nothing): "nothing"
    case .success(.recorded): "done before"
    case .failure(let error): (error as? HoldfastError)?.code.rawValue ?? "\(error)"
    }
  }
}

/// Keeps the writer busy, so that what is queued meanwhile becomes one group.
private struct Hold {
  private let mayGo = Handover<Bool>()

  init(_ database: any Database) {
    let isHeld = Handover<Bool>()
    let mayGo = mayGo
    database.write({ _ in
      isHeld.set(true)
      _ = mayGo.wait()
    }) { _ in }
    _ = isHeld.wait()
  }

  func release() { mayGo.set(true) }
}
