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

  @Test func `the settings of its user do not reach it, and an interrupt leaves nothing`() throws {
    let home = TestHome()
    let folder = home.folder.file("temporary")
    mkdir(folder, 0o700)
    let demo = try TestProcess(
      TestProcess.holdfast, ["demo", "--plans", "Examples/plans"],
      environment: home.environment.merging([
        "TMPDIR": folder, "HOLDFAST_SOCKET": "/nowhere/socket",
      ]) { $1 })
    #expect(demo.line()?.hasPrefix("A server listens on ") == true)
    demo.signal(SIGINT)
    #expect(demo.rest().contains("The store verifies") == false)
    #expect(demo.wait() == 1)
    #expect(rmdir(folder) == 0, "\(errno)")
  }
}
