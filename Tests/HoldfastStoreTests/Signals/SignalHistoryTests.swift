import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Synchronization
import Testing

/// Random histories of signal operations by many threads, checked against a small model.
@Suite struct SignalHistoryTests {
  private static let types = ["plan_start", "implement_start", "review_approved"]
  private static let plans = ["a", "b", ""]

  /// What the threads were told.
  private struct Told {
    var created = 0
    var tokens: [String] = []
    var ended = 0
    var lost = 0
    var purged: Int64 = 0
    var failures: [String] = []
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `every lease is handed out once, in order`(seed: UInt64) throws {
    let clock = TestClock()
    var settings = StoreSettings()
    settings.signalAttemptsMax = 4
    let backing = try TestStore(settings: settings) { clock.install(in: &$0) }
    let told = Mutex(Told())
    TestThread.concurrently(8) { number in
      var random = SeededGenerator(seed: seed &* 1000 &+ UInt64(number))
      do {
        for _ in 0..<150 {
          try step(&random, "w\(number)", backing, clock, told)
        }
      } catch {
        told.withLock { $0.failures.append("\(error)") }
      }
    }
    let result = told.withLock { $0 }
    #expect(result.failures.isEmpty)
    var model = SignalModel(attemptsMax: 4)
    try model.replay(backing.store)
    #expect(model.faults.isEmpty, "\(model.faults)")
    #expect(result.tokens.count > 100)
    #expect(model.counts["signal_reset"] ?? 0 > 10)
    #expect(model.counts["signal_created"] ?? 0 == result.created)
    #expect(model.counts["signal_claimed"] ?? 0 == result.tokens.count)
    #expect(Set(result.tokens).count == result.tokens.count)
    #expect(model.tokens == Set(result.tokens))
    #expect(model.counts["signal_processed"] ?? 0 == result.ended)
    #expect(model.purged == result.purged)
    let rows =
      try backing.store.list("signal_list", [("project", "p")])["signals"]?.arrayValue ?? []
    #expect(
      rows.reduce(into: [:]) { $0[$1["id"]?.int64Value ?? 0] = $1["status"]?.stringValue ?? "" }
        == model.signals.mapValues(\.status))
  }

  private func step(
    _ random: inout SeededGenerator, _ worker: String, _ backing: TestStore, _ clock: TestClock,
    _ told: borrowing Mutex<Told>
  ) throws {
    let store = backing.store
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<7:
      try store.mutate(
        "signal_create",
        [
          ("project", "p"),
          ("signal_type", .string(Self.types.randomElement(using: &random) ?? "")),
          ("plan_file", .string(Self.plans.randomElement(using: &random) ?? "")),
        ])
      told.withLock { $0.created += 1 }
    case 7..<15: try claimAndEnd(&random, worker, store, told)
    case 15: try store.mutate("signal_reset_stuck", [("project", "p"), ("older_than_seconds", 0)])
    case 16:
      let count = try store.mutate(
        "signal_purge", [("project", "p"), ("older_than_seconds", 0)])["count"]?.int64Value
      told.withLock { $0.purged += count ?? 0 }
    case 17:
      let id = Int64.random(in: 1...60, using: &random)
      _ = try? store.mutate("signal_retry", [("project", "p"), ("id", .number(JSONNumber(id)))])
    default: clock.advance(seconds: 20)
    }
  }

  private func claimAndEnd(
    _ random: inout SeededGenerator, _ worker: String, _ store: Store, _ told: borrowing Mutex<Told>
  ) throws {
    let types = Self.types.filter { _ in Bool.random(using: &random) }
    let plan = Self.plans.randomElement(using: &random) ?? ""
    // The model reads the filters off the name.
    let name = "\(worker)|\(types.joined(separator: ","))|\(plan)"
    let claimed = try store.mutate(
      "signal_claim",
      [
        ("project", "p"), ("claimed_by", .string(name)), ("lease_seconds", 30),
        ("types", .array(types.map { .string($0) })), ("plan_file", .string(plan)),
      ])
    guard let id = claimed["id"], let token = claimed["claim_token"]?.stringValue else { return }
    told.withLock { $0.tokens.append(token) }
    guard Int.random(in: 0..<4, using: &random) > 0 else { return }
    do {
      try store.mutate(
        "signal_processed",
        [("project", "p"), ("id", id), ("status", "done"), ("claim_token", .string(token))])
      told.withLock { $0.ended += 1 }
    } catch {
      told.withLock { $0.lost += 1 }
    }
  }
}
