import HoldfastJSON
import HoldfastModel
import Synchronization
import Testing

@testable import HoldfastMCP

/// A claim whose call was cancelled goes back, unless its agent was told since that it holds it.
@Suite struct TakenBackTests {
  private final class Log: Sendable {
    private let entries = Mutex<[String]>([])
    func note(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }
  }

  @Test func `what goes back goes back once`() {
    let taken = TakenBack()
    let log = Log()
    for _ in 0..<2 {
      taken.take(5) { done in
        log.note("back")
        done(true)
      }
    }
    #expect(log.all == ["back"])
    taken.take(nil) { _ in log.note("without a fence") }
    #expect(log.all.last == "without a fence")
  }

  @Test func `what somebody was told to hold stays`() {
    let taken = TakenBack()
    let log = Log()
    #expect(taken.keep(5) { log.note("again") })
    taken.take(5) { _ in log.note("back") }
    #expect(log.all.isEmpty)
  }

  @Test func `who asks while it goes back asks again once it has`() {
    let taken = TakenBack()
    let log = Log()
    taken.take(5) { done in
      #expect(!taken.keep(5) { log.note("again") })
      log.note("back")
      done(true)
    }
    #expect(log.all == ["back", "again"])
    #expect(!taken.keep(5) { log.note("and again") })
    #expect(log.all.last == "and again")
  }

  @Test func `what could not be taken back stands, and is told of`() {
    let taken = TakenBack()
    let log = Log()
    taken.take(5) { done in
      #expect(!taken.keep(5) { log.note("again") })
      done(false)
    }
    #expect(log.all == ["again"])
    #expect(taken.keep(5) { log.note("and again") })
  }

  @Test func `a claim that is not let go is told of and not asked for without end`() throws {
    let held: JSON = ["task": ["id": "t"], "agent": "ann", "fence": 910_001, "already_held": true]
    let backend = FakeBackend(project: "p") { call in
      guard call.operation != "task_release" else {
        throw HoldfastError(.unavailable, "not now")
      }
      return call.operation == "task_claim" ? held : [:]
    }
    TakenBack.ours.take(910_001) { $0(true) }
    let request: JSON = [
      "jsonrpc": "2.0", "id": 1, "method": "tools/call",
      "params": ["name": "task_claim", "arguments": ["agent": "ann"]],
    ]
    let answer = Mutex<MCPService.Outgoing?>(nil)
    MCPService(tools: .core).handle(request, from: CallIdentity(), on: backend) { reply in
      let made = reply()
      answer.withLock { $0 = made }
    }
    let told = answer.withLock { $0 }?.message["result"]?["structuredContent"]
    #expect(told?["fence"] == 910_001)
    #expect(backend.calls.count { $0.operation == "task_claim" } == 2)
  }

  @Test func `an agent that claims again under a cancelled call gets a claim of its own`() throws {
    let answers = Mutex<[JSON]>([
      ["task": ["id": "t"], "agent": "ann", "fence": 900_001],
      ["task": ["id": "t"], "agent": "ann", "fence": 900_001, "already_held": true],
      ["task": ["id": "t"], "agent": "ann", "fence": 900_002],
    ])
    let backend = FakeBackend(project: "p") { call in
      call.operation == "task_claim" ? answers.withLock { $0.removeFirst() } : [:]
    }
    func claim() throws -> MCPService.Outgoing? {
      let answer = Mutex<MCPService.Outgoing?>(nil)
      let request: JSON = [
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": ["name": "task_claim", "arguments": ["agent": "ann"]],
      ]
      MCPService(tools: .core).handle(request, from: CallIdentity(), on: backend) { reply in
        let made = reply()
        answer.withLock { $0 = made }
      }
      return answer.withLock { $0 }
    }
    let cancelled = try #require(try claim())
    cancelled.undo?()
    let again = try claim()?.message["result"]?["structuredContent"]
    #expect(again?["fence"] == 900_002, "the one that it was told of first has gone back")
    #expect(backend.calls.count { $0.operation == "task_release" } == 1)
  }
}
