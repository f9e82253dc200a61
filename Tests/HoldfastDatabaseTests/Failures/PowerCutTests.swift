import Glibc
import Testing

/// A kill does not test the sync, so here the power goes: at a random write or sync, in 300 rounds or
/// as many as `HOLDFAST_POWERCUT_ROUNDS` says.
@Suite struct PowerCutTests {
  private static let roundsPerDisk = 10
  private static let disks: Range<UInt64> = {
    let rounds = getenv("HOLDFAST_POWERCUT_ROUNDS").flatMap { UInt64(String(cString: $0)) } ?? 300
    return 0..<max((rounds + 9) / 10, 1)
  }()

  @Test(arguments: disks)
  func `no power cut loses an acknowledged write`(seed: UInt64) throws {
    let disk = PowerCutDisk(seed: seed, synchronous: "FULL")
    for round in 1...Self.roundsPerDisk {
      let losses = try disk.runRound()
      #expect(losses == [], "disk \(seed), round \(round)")
      if !losses.isEmpty { return }
    }
  }

  /// What shows that the test above can fail.
  @Test func `without syncs acknowledged writes are lost`() throws {
    var lost = 0
    for seed in Self.disks where lost == 0 {
      let disk = PowerCutDisk(seed: seed, synchronous: "OFF")
      for _ in 1...Self.roundsPerDisk where lost == 0 {
        lost = try disk.runRound().count { $0.hasPrefix("lost") }
      }
    }
    #expect(lost > 0)
  }
}
