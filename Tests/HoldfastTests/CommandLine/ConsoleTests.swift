import CSystem
import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import Testing

@testable import holdfast

@Suite struct ConsoleTests {
  let results = MemorySink()
  let errors = MemorySink()

  func console(
    isTerminal: Bool = false, isJSON: Bool = false, isQuiet: Bool = false
  ) -> Console {
    var terminal = Terminal()
    terminal.isOutput = isTerminal
    terminal.isError = isTerminal
    return Console(
      to: results, errors: errors, terminal: terminal, isJSON: isJSON, isQuiet: isQuiet)
  }

  @Test func `results leave in one write`() throws {
    let output = console()
    for index in 0..<100 { output.line("line \(index)") }
    #expect(results.count == 0)
    try output.finish()
    #expect(results.count == 1)
    #expect(results.text.hasPrefix("line 0\nline 1\n"))
  }

  @Test func `long results leave in pieces`() throws {
    let output = console()
    let line = String(repeating: "x", count: 1023)
    for _ in 0..<200 { output.line(line) }
    try output.finish()
    #expect(results.count == 4)
    #expect(results.bytes.count == 200 * 1024)
  }

  @Test func `in a pipe texts stay as they are, and a line stays one`() throws {
    let output = console()
    let bytes: [UInt8] = [0, 27, 0x9B, 0xFF, 10]
    output.content(bytes)
    output.text("\u{1B}[2J\n")
    output.line("a\u{1B}\nb")
    try output.finish()
    #expect(results.bytes == bytes + Array("\u{1B}[2J\na\\u{1b}\\u{a}b\n".utf8))
  }

  @Test func `on a terminal control characters are made visible`() throws {
    let output = console(isTerminal: true)
    output.line("a\u{1B}[2J\rb\nc")
    output.text("d\te\nf\u{9B}g\n")
    output.content([104, 0xFF, 105, 0x1B, 10])
    output.json(["k": "\u{202E}x"])
    try output.finish()
    #expect(
      results.text == """
        a\\u{1b}[2J\\u{d}b\\u{a}c
        d\te
        f\\u{9b}g
        h\\xffi\\u{1b}
        {
          "k": "\\u202ex"
        }

        """)
  }

  @Test func `notes are for people who did not ask for quiet`() {
    console().note("a note")
    #expect(errors.text == "a note\n")
    console(isQuiet: true).note("another")
    #expect(errors.text == "a note\n")
    console(isJSON: true).note("third")
    #expect(errors.text == "a note\n{\"note\":\"third\"}\n")
  }

  @Test func `a note comes after the results before it`() {
    let output = Console(to: results, errors: results)
    output.line("result")
    output.note("note")
    #expect(results.text == "result\nnote\n")
  }

  @Test func `a result is shown in the form that was asked for`() throws {
    for isJSON in [false, true] {
      let output = console(isJSON: isJSON)
      output.show(["a": 1]) { output.line("a: 1") }
      try output.finish()
    }
    #expect(results.text == "a: 1\n{\"a\":1}\n")
  }

  @Test func `after its reader went away an output takes nothing more`() throws {
    let output = Console(to: MemorySink(failure: EPIPE), errors: errors)
    output.line("x")
    #expect(!output.isClosed)
    output.flush()
    #expect(output.isClosed)
    try output.finish()
  }

  @Test func `other failures are told at the end`() {
    let output = Console(to: MemorySink(failure: EIO), errors: errors)
    output.line("x")
    let error = #expect(throws: HoldfastError.self) { try output.finish() }
    #expect(error?.message == "cannot write the output: Input/output error")
    #expect(error?.code == .internalError)
  }

  @Test func `a line of progress gives way to what is printed`() throws {
    let output = console(isTerminal: true)
    output.status("working")
    output.note("note")
    output.status("more")
    output.line("done")
    try output.finish()
    #expect(errors.text == "\rworking\u{1B}[K\r\u{1B}[Knote\n\rmore\u{1B}[K\r\u{1B}[K")
  }

  @Test func `a descriptor that takes nothing is noticed`() {
    let descriptor = holdfast_open("/dev/null", O_RDONLY, 0)
    defer { close(descriptor) }
    #expect(DescriptorSink(descriptor: descriptor).write([1]) == EBADF)
  }

  @Test func `a pipe that is full for a while gets everything`() throws {
    var ends: [Int32] = [-1, -1]
    try #require(holdfast_pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    _ = fcntl(writer, F_SETFL, O_NONBLOCK)
    // On a thread of its own: a task would wait until others give one of theirs back.
    let received = Handover<Int?>()
    try startThread(name: "test-reader") {
      received.set(try? FileBytes.read(descriptor: reader, upTo: 1 << 24).count)
    }
    #expect(DescriptorSink(descriptor: writer).write([UInt8](repeating: 1, count: 1 << 20)) == 0)
    close(writer)
    #expect(received.wait() == 1 << 20)
    close(reader)
  }
}
