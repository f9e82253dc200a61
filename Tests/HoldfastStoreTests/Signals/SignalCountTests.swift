import HoldfastJSON
import HoldfastModel
import HoldfastTesting
import Testing

/// Calls that change many signals, of which one takes a bounded number.
@Suite struct SignalCountTests {
  private let backing: TestStore

  init() throws { backing = try TestStore() }

  /// What a call of the operation answers: how many it changed, and whether there are more.
  private func call(_ name: String) throws -> String {
    let answer = try backing.store.mutate(name, [("project", "p"), ("older_than_seconds", 0)])
    let count = try #require(answer["count"]?.int64Value)
    return answer["more"]?.boolValue == true ? "\(count) and more" : "\(count)"
  }

  @Test func `a purge of more signals than one call takes says that there are more`() throws {
    // The newest signal of the store stays, whatever it is.
    try backing.store.makeSignals(10_002, statuses: [.failed, .done])
    #expect(try call("signal_purge") == "10000 and more")
    #expect(try call("signal_purge") == "1")
    #expect(try call("signal_purge") == "0")
  }

  @Test func `a purge of as many signals as one call takes is whole`() throws {
    try backing.store.makeSignals(10_001, statuses: [.done])
    #expect(try call("signal_purge") == "10000")
  }

  @Test func `a reset of more signals than one call takes says that there are more`() throws {
    try backing.store.makeSignals(10_001, statuses: [.processing])
    try backing.damage("UPDATE signals SET claimed_at = created_at")
    #expect(try call("signal_reset_stuck") == "10000 and more")
    #expect(try call("signal_reset_stuck") == "1")
    #expect(try call("signal_reset_stuck") == "0")
  }
}
