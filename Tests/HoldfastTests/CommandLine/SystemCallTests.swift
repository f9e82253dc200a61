import CSystem
import Glibc
import Testing

@testable import holdfast

@Suite struct SystemCallTests {
  let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  @Test func `what is opened is closed in a child`() throws {
    let path = temporary.path("f")
    let descriptor = holdfast_open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    #expect(descriptor > 2)
    #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    #expect(holdfast_open(temporary.path("none"), O_RDONLY, 0) == -1 && errno == ENOENT)
  }

  @Test func `one lock excludes another`() throws {
    let path = try temporary.file("lock")
    let (first, second) = (holdfast_open(path, O_RDWR, 0), holdfast_open(path, O_RDWR, 0))
    defer {
      close(first)
      close(second)
    }
    let exclusive = HOLDFAST_LOCK_EXCLUSIVE | HOLDFAST_LOCK_NONBLOCKING
    #expect(holdfast_flock(first, exclusive) == 0)
    #expect(holdfast_flock(second, exclusive) == -1 && errno == EWOULDBLOCK)
    #expect(holdfast_flock(first, HOLDFAST_LOCK_UNLOCK) == 0)
    #expect(holdfast_flock(second, exclusive) == 0)
  }

  @Test(arguments: [("true", 0), ("exit 7", 7), ("kill -9 $$", 137)] as [(String, Int32)])
  func `a child is waited for`(script: String, code: Int32) throws {
    // `env` becomes the shell, so that the signal is its own end.
    #expect(try ChildProcess.run(["sh", "-c", script]).code == code)
  }

  @Test func `a closed standard descriptor is never given to a file`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      close(0)
      close(1)
      close(2)
      guard holdfast_reserve_standard_descriptors() == 0 else { exit(1) }
      exit(holdfast_open("/dev/null", O_RDONLY, 0) > 2 ? 0 : 2)
    }
  }

  @Test(arguments: [("1.2.3.4", 4), ("::1", 6), ("1.2.3", 0), ("x", 0)] as [(String, Int32)])
  func `an address has a family`(text: String, family: Int32) {
    #expect(holdfast_address_family(text) == family)
  }
}
