import Dispatch
import HoldfastDatabase
import HoldfastJSON
import HoldfastServer
import HoldfastTesting
import Testing

/// What many clients together may take: connections, time, memory, and places in the queue.
@Suite struct PressureTests {
  /// Asks until the answer is so; for what another thread of the server has yet to notice.
  private func ask(
    _ client: HTTPClient, _ path: String, until isSo: (HTTPClient.Answer) -> Bool
  ) -> HTTPClient.Answer {
    var answer = HTTPClient.Answer()
    for _ in 0..<2000 {
      answer = client.get(path)
      if isSo(answer) { break }
    }
    return answer
  }

  @Test func `one connection more than the limit is told to come again`() throws {
    var limits = Limits()
    limits.connectionsMax = 3
    let server = try TestServer(limits: limits)
    let ping = "GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
    var held = try (0..<3).map { _ in try #require(RawConnection(server.client)) }
    for connection in held {
      connection.send(ping)
      #expect(connection.answer()?.status == 200)
    }
    let beyond = try #require(RawConnection(server.client))
    beyond.send(ping)
    let refused = try #require(beyond.answer())
    #expect(refused.status == 503)
    #expect(refused["Retry-After"] == "1")
    #expect(
      refused.error == "the server has its limit of 3 connections: try again in a second")
    #expect(beyond.isClosedByServer())
    for connection in held {
      connection.send(ping)
      #expect(connection.answer()?.status == 200, "those that came before go on")
    }
    held.removeLast()
    #expect(ask(server.client, "/v1/ping") { $0.status == 200 }.status == 200)
  }

  @Test func `a write that finds the queue full is told to come again`() throws {
    let server = try TestServer { $0.queueDepthMax = 2 }
    let hasStarted = DispatchSemaphore(value: 0)
    // Stays set: the engine may run the closure more than once.
    let mayEnd = Handover<Bool>()
    server.backing.database.write({ _ in
      hasStarted.signal()
      _ = mayEnd.wait()
    }) { _ in }
    hasStarted.wait()
    // The writer is busy, so these two are the queue.
    let ended = DispatchSemaphore(value: 0)
    for _ in 0..<2 { server.backing.database.write({ _ in }) { _ in ended.signal() } }
    let refused = server.client.post("/v1/projects/p/tasks", #"{"filename":"t"}"#)
    #expect(refused.status == 503)
    #expect(refused["Retry-After"] == "1")
    #expect(refused.json?["code"]?.stringValue == "overloaded")
    #expect(server.client.get("/v1/projects/p/tasks").status == 200, "reads go on")
    mayEnd.set(true)
    ended.wait()
    ended.wait()
    #expect(server.client.post("/v1/projects/p/tasks", #"{"filename":"t"}"#).status == 201)
  }

  @Test func `bodies that are coming in share their memory`() throws {
    var limits = Limits()
    limits.receivedBytesMax = 64 * 1024
    let server = try TestServer(limits: limits)
    let slow = try #require(RawConnection(server.client))
    slow.send(
      "POST /v1/projects/p/topics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")
    slow.send([UInt8](repeating: 32, count: 50_000))
    let metrics = ask(server.client, "/metrics") {
      $0.text.contains("holdfast_receiving_bytes 50000\n")
    }
    #expect(metrics.text.contains("holdfast_receiving_bytes 50000\n"))
    let body = [UInt8](repeating: 32, count: 40_000)
    let refused = server.client.send("POST", "/v1/projects/p/topics", body: body)
    #expect(refused.status == 503)
    #expect(refused["Retry-After"] == "1")
    #expect(refused.error == "too many large requests are coming in: try again in a second")
    #expect(
      server.client.post("/v1/projects/p/topics", #"{"name":"small"}"#).status == 201,
      "small ones are always taken")
    slow.send([UInt8](repeating: 32, count: 10_000))
    #expect(slow.answer()?.status == 400)
    // Given back when the exchange has ended, a moment after its answer.
    _ = ask(server.client, "/metrics") { $0.text.contains("holdfast_receiving_bytes 0\n") }
    let after = server.client.send("POST", "/v1/projects/p/topics", body: body)
    #expect(after.status == 400, "the memory is given back")
  }

  @Test func `what a body grows to counts for the memory of bodies`() throws {
    var limits = Limits()
    limits.receivedBytesMax = 1024 * 1024
    let server = try TestServer(limits: limits)
    let text = #"{"filename":"t","description":"\#(String(repeating: "0,", count: 20_000))"}"#
    #expect(server.client.post("/v1/projects/p/tasks", text).status == 201)
    let zeros = [String](repeating: "0", count: 20_000).joined(separator: ",")
    let refused = server.client.post("/v1/projects/p/tasks", #"{"filename":"u","x":[\#(zeros)]}"#)
    #expect(refused.status == 503)
    #expect(refused.error == "too many large requests are coming in: try again in a second")
    let metrics = ask(server.client, "/metrics") {
      $0.text.contains("holdfast_receiving_bytes 0\n")
    }
    #expect(metrics.text.contains("holdfast_receiving_bytes 0\n"), "the memory is given back")
  }

  @Test func `answers that nobody takes hold no more than their share`() throws {
    var limits = Limits()
    limits.sentBytesMax = 40 * 1024 * 1024
    let server = try TestServer(limits: limits)
    server.task("t")
    let text = [UInt8](repeating: 120, count: 15 * 1024 * 1024)
    let put = server.client.send("PUT", "/v1/projects/p/tasks/t/content", body: text)
    #expect(put.status == 200)
    // Two have their share, for a third one there is none.
    var slow = try (0..<2).map { _ in try #require(RawConnection(server.client)) }
    for connection in slow {
      connection.takeLittle()
      connection.send("GET /v1/projects/p/tasks/t/content HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(connection.read(upTo: 1) != nil)
    }
    let refused = server.client.get("/v1/projects/p/tasks/t/content")
    #expect(refused.status == 503)
    #expect(refused.error == "too many large answers are being sent: try again in a second")
    #expect(server.client.get("/v1/projects/p/tasks?fields=slim").status == 200)
    slow = []
    let after = ask(server.client, "/v1/projects/p/tasks/t/content") { $0.status == 200 }
    #expect(after.body == text)
  }

  private var impatient: Limits {
    var limits = Limits()
    limits.idleSeconds = 1
    limits.requestSeconds = 1
    return limits
  }

  @Test func `a connection without a byte is closed`() throws {
    let server = try TestServer(limits: impatient)
    let silent = try #require(RawConnection(server.client))
    #expect(silent.isClosedByServer())
    let kept = try #require(RawConnection(server.client))
    kept.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(kept.answer()?.status == 200)
    #expect(kept.isClosedByServer())
  }

  @Test func `requests that trickle in are cut off`() throws {
    var limits = impatient
    // Long enough for every byte, so that only the total counts.
    limits.idleSeconds = 2
    let server = try TestServer(limits: limits)
    let starts = [
      "G", "GET /v1/ping HTTP/1.1\r\nHost: localhost\r\nX: ",
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n",
    ]
    var trickling = try starts.map { start in
      let connection = try #require(RawConnection(server.client))
      connection.send(start)
      return connection
    }
    for _ in 0..<400 where !trickling.isEmpty {
      // Woken by the server's closing, else the next byte is due.
      trickling.removeAll { connection in
        connection.hearsSomething(within: 10)
          ? connection.isClosedByServer() : !connection.send("a")
      }
    }
    #expect(trickling.isEmpty)
  }

  @Test func `an answer that is taken too slowly is cut off`() throws {
    var limits = impatient
    limits.answerBytesPerSecondMin = 1024 * 1024 * 1024
    let server = try TestServer(limits: limits)
    server.task("t")
    let text = [UInt8](repeating: 120, count: 15 * 1024 * 1024)
    _ = server.client.send("PUT", "/v1/projects/p/tasks/t/content", body: text)
    let slow = try #require(RawConnection(server.client))
    slow.takeLittle()
    slow.send("GET /v1/projects/p/tasks/t/content HTTP/1.1\r\nHost: localhost\r\n\r\n")
    var connections: Int64 = 0
    for _ in 0..<400 {
      // A few bytes now and then, so that the connection is never idle.
      #expect(slow.read(upTo: 16) != nil)
      let health = server.client.get("/v1/health")
      connections = health.json?["connections"]?.int64Value ?? 0
      if connections == 1 { break }
      _ = RawConnection(server.client)?.hearsSomething(within: 25)
    }
    #expect(connections == 1, "only the connection that asks is left")
  }

  @Test func `hundreds of connections stand while some of them work`() throws {
    let server = try TestServer()
    server.task("t")
    let ping = "GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
    let connections = try (0..<400).map { _ in try #require(RawConnection(server.client)) }
    // All at once: as many events as there can be.
    for _ in 0..<3 {
      for connection in connections { connection.send(ping) }
      for connection in connections { #expect(connection.answer()?.status == 200) }
    }
    for round in 0..<20 {
      for (index, connection) in connections.prefix(64).enumerated() {
        let body = #"{"filename":"t-\#(round)-\#(index)"}"#
        connection.send(
          "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
      }
      for connection in connections.prefix(64) { #expect(connection.answer()?.status == 201) }
    }
    #expect(
      server.client.get("/v1/health").json?["connections"]?.int64Value == 401,
      "none was closed")
  }
}
