import Glibc
import HoldfastModel
import Testing

@testable import holdfast

@Suite struct FileBytesTests {
  let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  @Test(arguments: [0, 1, 4095, 4096, 4097, 300_000])
  func `a file is read whole`(size: Int) throws {
    let text = String(repeating: "x", count: size)
    let path = try temporary.file("f", text)
    #expect(try FileBytes.read(path, upTo: size) == Array(text.utf8))
  }

  @Test func `a file beyond the limit is refused`() throws {
    let path = try temporary.file("f", String(repeating: "x", count: 101))
    let error = #expect(throws: HoldfastError.self) { try FileBytes.read(path, upTo: 100) }
    #expect(error?.code == .tooLarge)
    #expect(error?.message == "\(path) is larger than 100 bytes")
  }

  @Test func `each failure has its sentence and code`() throws {
    let missing = #expect(throws: HoldfastError.self) {
      try FileBytes.read(temporary.path("none"), upTo: 1)
    }
    #expect(missing?.code == .notFound)
    #expect(missing?.message == "cannot read \(temporary.path("none")): No such file or directory")
    let folder = #expect(throws: HoldfastError.self) {
      try FileBytes.read(temporary.path, upTo: 1)
    }
    #expect(folder?.message == "cannot read \(temporary.path): it is a folder")
  }

  @Test func `a pipe is read to its end`() throws {
    let pipe = temporary.path("p")
    let result = try ChildProcess.run([
      "sh", "-c", "mkfifo \(pipe); { sleep 0.05; printf hello > \(pipe); } > /dev/null 2>&1 &",
    ])
    #expect(result.code == 0)
    #expect(try FileBytes.read(pipe, upTo: 100) == Array("hello".utf8))
  }

  @Test func `the standard input has a limit, too`() throws {
    let input = StandardInput(bytes: [1, 2, 3])
    #expect(try input.readAll(upTo: 3) == [1, 2, 3])
    let error = #expect(throws: HoldfastError.self) { try input.readAll(upTo: 2) }
    #expect(error?.message == "the standard input is larger than 2 bytes")
  }
}
