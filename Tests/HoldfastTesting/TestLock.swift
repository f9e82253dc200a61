import Glibc
public import HoldfastDatabase

/// Takes the lock of a test's own store.
///
/// While another test starts a process, the child has copies of all descriptors until it becomes its
/// program, that of a lock which was just let go of among them: so this looks again for a moment, as
/// commands do.
public func takeLock(_ path: String) throws -> StoreLock {
  for _ in 0..<5000 {
    if let lock = try StoreLock.acquire(path: path, mode: .exclusive, kind: "test") { return lock }
    poll(nil, 0, 1)
  }
  throw DatabaseError(.busy, "the store of the test is locked")
}
