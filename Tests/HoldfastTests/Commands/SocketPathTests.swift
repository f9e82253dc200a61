import Glibc
import HoldfastModel
import Testing

@testable import holdfast

/// Where the socket of a store is whose own path is too long for one.
@Suite struct SocketPathTests {
  private let shared: TemporaryFolder
  private var own: String { shared.path("holdfast-\(getuid())") }

  init() throws { shared = try TemporaryFolder() }

  private func choose() throws -> String {
    let environment = Environment(variables: ["HOME": shared.path], directory: shared.path)
    let settings = try Settings.load(flags: [], configurationFile: nil, environment: environment)
    let store = shared.path(String(repeating: "x", count: 200))
    return try SocketPath.choose(for: store, settings, environment, shared: shared.path)
  }

  @Test func `it is in a folder that is made for its owner alone`() throws {
    let path = try choose()
    #expect(path.hasPrefix(own + "/") && path.hasSuffix(".sock"))
    var status = stat()
    #expect(lstat(own, &status) == 0 && status.st_mode & 0o777 == 0o700)
    #expect(try choose() == path)
  }

  @Test(arguments: [0o750, 0o701, 0o1777] as [mode_t])
  func `a folder that is open to others is refused`(mode: mode_t) throws {
    #expect(mkdir(own, 0o700) == 0 && chmod(own, mode) == 0)
    #expect(throws: HoldfastError.self) { try choose() }
  }

  @Test func `a link in place of the folder is refused`() throws {
    let elsewhere = try shared.folder("elsewhere")
    #expect(chmod(elsewhere, 0o700) == 0 && symlink(elsewhere, own) == 0)
    #expect(throws: HoldfastError.self) { try choose() }
  }

  @Test(.enabled(if: getuid() == 0, "only root can give a folder away"))
  func `a folder of another user is refused`() throws {
    #expect(mkdir(own, 0o700) == 0 && chown(own, 65_534, 65_534) == 0)
    #expect(throws: HoldfastError.self) { try choose() }
  }
}
