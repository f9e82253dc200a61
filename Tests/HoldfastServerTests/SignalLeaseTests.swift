import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// Leases: they end by the store's lease time, and what they held is handed out again.
@Suite struct SignalLeaseTests {
  let server: TestServer
  let clock = TestClock()
  var client: HTTPClient { server.client }
  let path = "/v1/projects/p/signals"

  init() throws {
    var settings = StoreSettings()
    settings.signalAttemptsMax = 3
    let clock = clock
    server = try TestServer(settings: settings) { clock.install(in: &$0) }
  }

  private func claim(_ body: String = "{}") -> JSON? {
    client.post("\(path)/claim", body).json
  }

  @Test func `a signal is handed out again when its lease has ended`() throws {
    _ = client.post(path, #"{"SignalType":"plan_start"}"#)
    let first = try #require(claim(#"{"claimed_by":"a","lease_seconds":90}"#))
    #expect(first["LeaseUntil"]?.stringValue == "2027-01-15T08:01:30Z")
    #expect(client.get("\(path)/1").json?["LeaseUntil"]?.stringValue == "2027-01-15T08:01:30Z")
    clock.advance(seconds: 30)
    #expect(client.post("\(path)/claim", "{}").status == 204)
    #expect(client.get("\(path)/1").json?["LeaseUntil"]?.stringValue == "2027-01-15T08:01:30Z")
    try clock.endLeases(seconds: 90, in: server.backing.database)
    let second = try #require(claim(#"{"claimed_by":"b"}"#))
    #expect(second["ID"]?.int64Value == 1)
    #expect(second["ClaimedBy"]?.stringValue == "b")
    #expect(second["Attempts"]?.int64Value == 2)
    #expect(second["ClaimToken"]?.stringValue != first["ClaimToken"]?.stringValue)
    let token = first["ClaimToken"]?.stringValue ?? ""
    let late = client.post(
      "\(path)/1/processed", #"{"status":"done","claim_token":"\#(token)"}"#)
    #expect(late.status == 409)
    #expect(late.error == "signal claim lost: 1")
  }

  @Test func `an ended lease still counts while nobody has taken the signal`() throws {
    _ = client.post(path, #"{"SignalType":"plan_start"}"#)
    let token = claim()?["ClaimToken"]?.stringValue ?? ""
    try clock.endLeases(seconds: 60, in: server.backing.database)
    let late = client.post(
      "\(path)/1/processed", #"{"status":"done","claim_token":"\#(token)"}"#)
    #expect(late.status == 200)
    #expect(client.post("\(path)/claim", "{}").status == 204)
  }

  @Test func `a jump of the clock ends nobody's lease`() {
    _ = client.post(path, #"{"SignalType":"plan_start"}"#)
    _ = claim()
    clock.advance(seconds: 86_400)
    #expect(client.post("\(path)/claim", "{}").status == 204)
    clock.advance(seconds: -172_800)
    #expect(client.post("\(path)/claim", "{}").status == 204)
  }

  @Test func `after too many claims without a result a signal fails`() throws {
    _ = client.post(path, #"{"SignalType":"plan_start"}"#)
    for attempt in 1...3 {
      #expect(claim()?["Attempts"]?.int64Value == Int64(attempt))
      try clock.endLeases(seconds: 60, in: server.backing.database)
    }
    #expect(client.post("\(path)/claim", "{}").status == 204)
    let dead = client.get("\(path)/1").json
    #expect(dead?["Status"]?.stringValue == "failed")
    #expect(dead?["Result"]?.stringValue == "attempts exhausted")
    _ = client.post("\(path)/1/retry")
    #expect(claim()?["Attempts"]?.int64Value == 1)
  }

  @Test func `reset-stuck fails what was claimed too often, and counts it`() {
    _ = client.post(path, #"{"SignalType":"plan_start"}"#)
    for attempt in 1...3 {
      #expect(claim()?["Attempts"]?.int64Value == Int64(attempt))
      #expect(client.post("\(path)/reset-stuck", "{}").text == "{\"count\":1}\n")
    }
    #expect(client.get("\(path)/1").json?["Result"]?.stringValue == "attempts exhausted")
    #expect(client.post("\(path)/claim", "{}").status == 204)
  }

  @Test func `reset-stuck goes by the age of the claim`() {
    for _ in 0..<2 {
      _ = client.post(path, #"{"SignalType":"plan_start"}"#)
      _ = claim(#"{"lease_seconds":86400}"#)
      clock.advance(seconds: 100)
    }
    #expect(
      client.post("\(path)/reset-stuck", #"{"older_than_seconds":201}"#).text == "{\"count\":0}\n")
    #expect(
      client.post("\(path)/reset-stuck", #"{"older_than_seconds":150}"#).text == "{\"count\":1}\n")
    #expect(claim()?["ID"]?.int64Value == 1)
  }

  @Test func `an ended lease wakes who waits`() throws {
    _ = client.post(path, #"{"SignalType":"plan_start"}"#)
    _ = claim(#"{"claimed_by":"a","lease_seconds":1}"#)
    let waiting = Waiter(client, path, #"{"claimed_by":"b","wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    clock.advance(seconds: 2)
    #expect(waiting.answer().json?["ClaimedBy"]?.stringValue == "b")
  }

  @Test func `purge goes by the end, not by the creation`() {
    for id in 1...3 {
      _ = client.post(path, #"{"SignalType":"plan_start"}"#)
      clock.advance(seconds: 50)
      if id < 3 { _ = client.post("\(path)/\(id)/processed", #"{"status":"done"}"#) }
      clock.advance(seconds: 50)
    }
    #expect(client.post("\(path)/purge", #"{"older_than_seconds":200}"#).text == "{\"count\":1}\n")
    #expect(client.get("\(path)/1").status == 404)
    #expect(client.get("\(path)/2").status == 200)
  }
}
