import Glibc
import HoldfastJSON
import HoldfastTesting
import Synchronization
import Testing

@testable import HoldfastMCP

/// A message a line, an answer a line.
@Suite struct StdioTransportTests {
  /// What comes out when these bytes come in.
  private func output(
    of input: [UInt8], on backend: any ToolBackend = StubBackend(), waiting: Double = 1
  ) throws -> String {
    let folder = TemporaryFolder()
    let (source, target) = (folder.file("in"), folder.file("out"))
    let incoming = open(source, O_RDWR | O_CREAT, 0o600)
    let outgoing = open(target, O_RDWR | O_CREAT, 0o600)
    defer {
      close(incoming)
      close(outgoing)
    }
    var rest = input[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(incoming, $0.baseAddress, $0.count) }
      try #require(count > 0)
      rest = rest.dropFirst(count)
    }
    lseek(incoming, 0, SEEK_SET)
    StdioTransport(
      service: MCPService(tools: .core), identity: CallIdentity(project: "p"), backend: backend,
      // One after the other, so that the order is the same each time.
      input: incoming, output: outgoing, start: { $0() }
    ).run(waiting: waiting)
    lseek(outgoing, 0, SEEK_SET)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(outgoing, &buffer, buffer.count), count > 0 {
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func answers(
    to lines: [String], on backend: any ToolBackend = StubBackend(), waiting: Double = 1
  ) throws -> [JSON] {
    try output(of: Array(filled(lines.joined(separator: "\n")).utf8), on: backend, waiting: waiting)
      .split(separator: "\n").map { try JSONReader.read(Array($0.utf8)) }
  }

  @Test func `blank lines and carriage returns are no messages`() throws {
    let answers = try answers(to: [
      "", "  ", "\r", #"{"jsonrpc":"2.0","id":1,"method":"ping"}"# + "\r", "\t",
      "   " + #"{"jsonrpc":"2.0","id":2,"method":"ping"}"#,
    ])
    #expect(answers.map { $0["id"] } == [1, 2])
    #expect(answers.allSatisfy { $0["result"] == [:] })
  }

  @Test(arguments: [
    "{", "nonsense", #"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#, #"{"a":}"#, "\u{0}", "[1",
    #"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#,
  ])
  func `what is no JSON is told of, and the next line is read`(_ line: String) throws {
    let answers = try answers(to: [line, #"{"jsonrpc":"2.0","id":2,"method":"ping"}"#])
    #expect(answers.count == 2)
    #expect(answers.first?.errorCode == -32700)
    #expect(answers.first?["id"] == nil)
    #expect(answers.last?["id"] == 2)
  }

  @Test func `bytes that are no UTF-8 are told of`() throws {
    let ping = Array(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#.utf8)
    let text = try output(of: [0x22, 0xFF, 0xFE, 0x22, 0x0A] + ping)
    #expect(text.split(separator: "\n").count == 2)
    #expect(text.contains("-32700"))
  }

  @Test func `a message is nested at most so deep`() throws {
    func message(_ depth: Int) -> String {
      let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      return #"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":\#(nested)}}"#
    }
    let answers = try answers(to: [message(200), message(300), message(100_000)])
    #expect(answers.map(\.errorCode) == [nil, -32700, -32700])
  }

  @Test func `a line beyond the limit is read away and told of`() throws {
    let long = [UInt8](repeating: UInt8(ascii: " "), count: StdioTransport.lineBytesMax + 100_000)
    let ping = Array(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#.utf8)
    let lines = try output(of: ping + [0x0A] + long + ping + [0x0A] + ping).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.count { $0.contains("-32700") } == 1)
    #expect(try output(of: long).contains("-32700"))
  }

  @Test func `the last of two members of a name counts`() throws {
    let answers = try answers(to: [
      #"{"jsonrpc":"2.0","id":1,"id":2,"method":"no/such","method":"ping"}"#
    ])
    #expect(answers.map { $0["id"] } == [2])
    #expect(answers.first?["result"] == [:])
  }

  @Test func `a list of old messages is answered with a list`() throws {
    let ping = #"{"jsonrpc":"2.0","id":"a","method":"ping"}"#
    let note = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#
    let answers = try answers(to: ["[\(ping),\(note),\(ping)]", "[\(note)]"])
    #expect(answers.count == 1)
    #expect(answers.first?.arrayValue?.map { $0["id"] } == ["a", "a"])
  }

  @Test func `other lists are refused as a whole`() throws {
    let modern = #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{META}}"#
    let ping = #"{"jsonrpc":"2.0","id":"a","method":"ping"}"#
    let many = "[" + [String](repeating: ping, count: 101).joined(separator: ",") + "]"
    for line in [
      "[]", "[1]", "[\(modern)]", "[\(ping),\(modern)]", "[\(ping),[\(ping)]]", "[\(ping),{}]",
      many,
    ] {
      let answers = try answers(to: [line])
      #expect(answers.map(\.errorCode) == [-32600], "\(line.prefix(80))")
      #expect(answers.first?["id"] == nil)
    }
  }

  // MARK: Calls under way

  private func call(_ id: String) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"orient"}}"#
  }

  private func cancel(_ id: String) -> String {
    #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#
  }

  /// Answers its first call only behind the next one.
  private final class HoldingBackend: ToolBackend {
    typealias Completion = @Sendable (Result<Answer, any Error>) -> Void
    private let held = Mutex<Completion?>(nil)

    func run(_ call: ToolCall, _ completion: @escaping Completion) {
      let first: Completion? = held.withLock { held in
        defer { held = held == nil ? completion : nil }
        return held
      }
      guard let first else { return }
      completion(.success { [:] })
      first(.success { [:] })
    }

    func project() -> String? { nil }
  }

  @Test func `a later request may be answered first`() throws {
    let answers = try answers(to: [call("1"), call(#""1""#)], on: HoldingBackend())
    #expect(answers.map { $0["id"] } == ["1", 1])
  }

  @Test func `nothing more is said of a cancelled request`() throws {
    let answers = try answers(
      to: [call("1"), cancel("1"), call("2")], on: HoldingBackend())
    #expect(answers.map { $0["id"] } == [2])
  }

  @Test func `cancelling what is not under way does nothing`() throws {
    let odd = [
      cancel("7"), cancel("null"), cancel("{}"), cancel(#""1""#),
      #"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#,
    ]
    let answers = try answers(
      to: [call("7"), call("8")] + odd + [call("1")] + odd + [call("2")], on: HoldingBackend())
    #expect(Set(answers.compactMap { $0["id"]?.int64Value }) == [1, 2, 7, 8])
  }

  @Test func `a cancelled id may be used again`() throws {
    let answers = try answers(
      to: [call("1"), cancel("1"), call("2"), call("1"), call("3")], on: HoldingBackend())
    #expect(answers.compactMap { $0["id"]?.int64Value } == [2, 3, 1])
  }

  @Test func `a request is answered even when it is called like a notification`() throws {
    let answers = try answers(to: [
      #"{"jsonrpc":"2.0","id":4,"method":"notifications/cancelled","params":{"requestId":1}}"#
    ])
    #expect(answers.map { $0["id"] } == [4])
    #expect(answers.first?.errorCode == -32601)
  }

  @Test func `the end of the input does not wait for ever`() throws {
    let answers = try answers(to: [call("1")], on: HoldingBackend(), waiting: 0.01)
    #expect(answers.isEmpty)
  }

  // MARK: Anything

  @Test func `whatever comes in, what goes out is JSON-RPC`() throws {
    var messages = MutatedMessages(seed: 11)
    var input: [UInt8] = []
    for _ in 0..<3_000 { input += messages.next().filter { $0 != 0x0A } + [0x0A] }
    input += Array(#"{"jsonrpc":"2.0","id":"last","method":"ping"}"#.utf8)
    let lines = try output(of: input).split(separator: "\n")
    #expect(lines.count > 1_000)
    for line in lines {
      let answer = try JSONReader.read(Array(line.utf8))
      for one in answer.arrayValue ?? [answer] {
        #expect(MutatedMessages.isAnswer(one), "\(line.prefix(200))")
      }
    }
    #expect(lines.last?.contains(#""last""#) == true)
  }
}
