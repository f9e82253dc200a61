import HoldfastDatabase
import HoldfastModel
import HoldfastStore
import Testing

/// Failures of the database as callers see them.
@Suite struct StoreErrorTests {
  @Test func `a read that took too long is not answered with try again`() {
    let error = asHoldfastError(DatabaseError(.tooLong, "Too long.")) as? HoldfastError
    #expect(error?.code == .readTooLong)
    #expect(error?.code.httpStatus != 503)
  }
}
