import Glibc
import HoldfastTesting
import Testing

/// `make demo`, as a test: documents, two workers, and a server killed in the middle.
@Suite struct DemoTests {
  /// The documents of `PLANS`, of the folder beside the checkout, or the project's own.
  static let plans: String = {
    let named = getenv("PLANS").map { String(cString: $0) }
    return [named, "../shared/data/plans"].compactMap { $0 }.first { access($0, R_OK) == 0 }
      ?? "Examples/plans"
  }()

  @Test(arguments: Set([plans, "Examples/plans"]).sorted())
  func `the story ends with a clean store`(plans: String) throws {
    let result = try TestProcess.run(
      ["demo", "--plans", plans], environment: TestHome().environment)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("The server was killed in the middle."))
    #expect(result.output.contains("The store verifies: "))
  }
}
