import CPowerCutVFS
import HoldfastDatabase
import Synchronization

/// A disk in memory that fails when it is told to.
final class TestDisk: Sendable {
  // Every function of the disk may be called from every thread.
  nonisolated(unsafe) private let disk: OpaquePointer
  private let name: String
  private static let made = Atomic<Int>(0)

  init() {
    let number = Self.made.add(1, ordering: .relaxed).newValue
    name = "disk\(number)"
    guard let disk = powercut_create(name) else { fatalError("there is a disk \(name) already") }
    self.disk = disk
  }

  deinit {
    guard powercut_destroy(disk) else { fatalError("a file of \(name) is still open") }
  }

  /// Opens the store on the disk.
  func open(_ configure: (inout SQLiteConfiguration) -> Void = { _ in }) throws -> SQLiteDatabase {
    var configuration = SQLiteConfiguration(path: "/store.db")
    configuration.vfs = name
    configure(&configuration)
    return try SQLiteDatabase(
      configuration: configuration, schema: TestSchema.schema(), lock: nil)
  }

  var isOff: Bool { powercut_is_off(disk) }

  /// Lets the power go after this many more steps have succeeded.
  func cutPower(afterSteps count: UInt64) { powercut_arm(disk, powercut_steps(disk) + 1 + count) }
  func keepPower() { powercut_arm(disk, 0) }
  func restore(seed: UInt64) { powercut_restore(disk, seed) }

  /// Makes the nth sync from now fail; 1 is the next.
  func failSync(_ nth: UInt64) { powercut_fail_sync(disk, nth) }
  func leaveRoom(_ bytes: Int64) { powercut_fail_writes_full(disk, powercut_bytes(disk) + bytes) }
  func makeRoom() { powercut_fail_writes_full(disk, -1) }
}
