import Glibc
import HoldfastJSON
import HoldfastTesting
import Testing

/// Messages that no client means: each gets the answer that it is owed and no other, nothing ends, and what
/// they cost is given back.
///
/// 3,000 on each of the transports, or as many as `HOLDFAST_FUZZ_MESSAGES` says.
@Suite struct MCPFuzzTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private static let messages =
    getenv("HOLDFAST_FUZZ_MESSAGES").flatMap { Int(String(cString: $0)) } ?? 3_000
  private static let perRound = 25

  @Test func `whatever comes in, it answers in JSON-RPC or not at all`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    var messages = MutatedMessages(seed: 21)
    for round in 0..<(Self.messages / Self.perRound) {
      var owed: [JSON] = []
      var refusals = 0
      for _ in 0..<Self.perRound {
        let line = messages.next().filter { $0 != 0x0A }
        switch MutatedMessages.owed(to: line) {
        case .answer(let id): owed.append(id)
        case .refusal: refusals += 1
        case .silence, .other: break
        }
        mcp.send(line + [0x0A])
      }
      let last = JSON.string("round-\(round)")
      mcp.send(#"{"jsonrpc":"2.0","id":\#(last.renderedText()),"method":"ping"}"#)
      owed.append(last)
      while !owed.isEmpty {
        let answer = try mcp.answer()
        let all = answer.arrayValue ?? [answer]
        #expect(all.allSatisfy { MutatedMessages.isAnswer($0) }, "\(answer.renderedText())")
        if answer["id"] == nil, answer["error"]?["code"] == -32700 { refusals -= 1 }
        owed.removeAll { $0 == answer["id"] }
      }
      #expect(refusals <= 0, "a broken line got no answer")
    }
    #expect(try memory(of: mcp.process) < Self.memoryMax)
    #expect(mcp.end() == 0)
    #expect(try home.run("verify").code == 0)
  }

  @Test func `whatever is posted, the server answers`() throws {
    let service = try home.serve()
    defer { service.process.signal(SIGTERM) }
    var messages = MutatedMessages(seed: 22)
    let connection = try #require(RawConnection(service.client))
    for number in 0..<Self.messages {
      let body = messages.next()
      var head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n"
      head += "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
      if number.isMultiple(of: 2) {
        head += "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: orient\r\n"
      }
      connection.send(Array((head + "\r\n").utf8) + body)
      let answer = try #require(connection.answer())
      #expect([200, 202, 400, 404].contains(answer.status), "\(answer.text)")
      if answer.status == 202 {
        #expect(answer.body.isEmpty)
        if case .answer = MutatedMessages.owed(to: body) { Issue.record("a request got no answer") }
      } else {
        let json = answer.json?.arrayValue ?? [answer.json ?? nil]
        #expect(json.allSatisfy { MutatedMessages.isAnswer($0) }, "\(answer.text.prefix(300))")
        if case .answer(let id) = MutatedMessages.owed(to: body) {
          #expect(json.first?["id"] == id)
        }
      }
    }
    #expect(try memory(of: service.process) < Self.memoryMax)
    #expect(service.client.get("/v1/ping").status == 200)
  }

  /// What a process may take at most, in bytes: a sanitizer takes more by itself.
  private static let memoryMax = TestProcess.isSanitized ? Int.max : 200 << 20

  /// The most memory that a process has had, in bytes.
  private func memory(of process: TestProcess) throws -> Int {
    let status = try String(decoding: readFile("/proc/\(process.pid)/status"), as: UTF8.self)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return try #require(kilobytes) * 1024
  }
}
