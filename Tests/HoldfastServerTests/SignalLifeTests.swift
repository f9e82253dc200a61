import HoldfastJSON
import HoldfastTesting
import Testing

/// The life of a signal, as a client of the contract sees it.
@Suite struct SignalLifeTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  let path = "/v1/projects/p/signals"

  init() throws { server = try TestServer() }

  @discardableResult
  private func create(_ type: String, _ plan: String = "plan", payload: String = "") -> Int64 {
    let body: JSON = [
      "SignalType": .string(type), "PlanFile": .string(plan), "Payload": .string(payload),
    ]
    let answer = client.post(path, body.renderedText())
    #expect(answer.status == 201, "\(answer.text)")
    return answer.json?["ID"]?.int64Value ?? 0
  }

  @Test func `a created signal has all keys, a real id and is pending`() {
    let answer = client.post(
      path,
      #"{"ID":99,"Project":"x","planfile":"plan.md","SIGNALTYPE":"review-approved","Payload":"ok <b>","Status":"done","CreatedAt":"2001-01-01T00:00:00Z","unknown":1}"#
    )
    #expect(answer.status == 201)
    let keys = answer.json?.objectValue?.members.map(\.key)
    #expect(
      keys == [
        "ID", "Project", "PlanFile", "SignalType", "Payload", "Status", "CreatedAt", "ClaimedBy",
        "ClaimedAt", "ProcessedAt", "Result", "Attempts", "LeaseUntil", "ClaimToken",
      ])
    #expect(answer.json?["ID"]?.int64Value == 1)
    #expect(answer.json?["Project"]?.stringValue == "p")
    #expect(answer.json?["PlanFile"]?.stringValue == "plan")
    #expect(answer.json?["SignalType"]?.stringValue == "review_approved")
    #expect(answer.json?["Payload"]?.stringValue == #"{"body":"ok <b>"}"#)
    #expect(answer.json?["Status"]?.stringValue == "pending")
    #expect(answer.json?["CreatedAt"]?.stringValue?.hasPrefix("2001") == false)
    #expect(answer.json?["ClaimedAt"]?.stringValue == "0001-01-01T00:00:00Z")
    #expect(answer.json?["ClaimToken"]?.stringValue == "")
    #expect(answer.text.contains("\\u003cb\\u003e"))
    #expect(answer.text.hasSuffix("}\n"))
  }

  @Test(arguments: [
    (#"{"signal_type":"x"}"#, #"unknown signal type "x"; valid types: plan_start, "#),
    (#"{"SignalType":"implement_wave","Payload":"{}"}"#, "invalid payload for implement_wave: "),
    (#"{"SignalType":7}"#, "invalid request body: signal_type must be a string, not a number"),
    ("{}", "unknown signal type \"\"; valid types: "),
    ("", "invalid request body"), ("[]", "invalid request body"), ("{", "invalid request body"),
    (#"{"SignalType":"plan_start","PlanFile":"\u0000"}"#, "invalid request body"),
  ])
  func `a wrong signal is refused`(body: String, error: String) {
    let answer = client.post(path, body)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix(error), "\(answer.error)")
    #expect(client.get("\(path)?status=all").text == "[]\n")
  }

  @Test(arguments: [
    ("architect-finished", "elaborator_finished"), ("master_approved", "verify_approved"),
    ("readiness_changes", "verify_failed"), ("review_changes", "review_changes_requested"),
  ])
  func `an alias of a type is stored as the type`(alias: String, type: String) {
    create(alias)
    #expect(
      client.get("\(path)?status=pending").json?.arrayValue?[0]["SignalType"]?.stringValue == type)
  }

  @Test func `signals are claimed in order, processed, and nothing is left`() {
    let first = create("plan_start", "a")
    let second = create("plan_start", "b")
    let claimed = client.post("\(path)/claim", #"{"claimed_by":"w"}"#)
    #expect(claimed.status == 200)
    #expect(claimed.json?["ID"]?.int64Value == first)
    #expect(claimed.json?["Status"]?.stringValue == "processing")
    #expect(claimed.json?["ClaimedBy"]?.stringValue == "w")
    #expect(claimed.json?["Attempts"]?.int64Value == 1)
    #expect(claimed.json?["ClaimedAt"]?.stringValue != "0001-01-01T00:00:00Z")
    #expect(claimed.json?["LeaseUntil"]?.stringValue != "0001-01-01T00:00:00Z")
    #expect(
      client.post("\(path)/claim", #"{"ClaimedBy":"w"}"#).json?["ID"]?.int64Value == second)
    let none = client.post("\(path)/claim", #"{"claimed_by":"w"}"#)
    #expect(none.status == 204)
    #expect(none.body.isEmpty)

    let done = client.post("\(path)/\(first)/processed", #"{"status":"done","result":"fine"}"#)
    #expect(done.status == 200)
    #expect(done.text == "{\"id\":\(first),\"status\":\"done\"}\n")
    let read = client.get("\(path)/\(first)").json
    #expect(read?["Status"]?.stringValue == "done")
    #expect(read?["Result"]?.stringValue == "fine")
    #expect(read?["ProcessedAt"]?.stringValue != "0001-01-01T00:00:00Z")
    #expect(read?["ClaimedBy"]?.stringValue == "w")
  }

  @Test func `the end of an ended signal changes nothing`() {
    let id = create("plan_start")
    #expect(
      client.post("\(path)/\(id)/processed", #"{"status":"failed","result":"a"}"#).status == 200)
    let again = client.post("\(path)/\(id)/processed", #"{"status":"done","result":"b"}"#)
    #expect(again.status == 200)
    #expect(again.text == "{\"id\":\(id),\"status\":\"failed\"}\n")
    #expect(client.get("\(path)/\(id)").json?["Result"]?.stringValue == "a")
  }

  @Test func `a token that is no longer current loses`() {
    let id = create("plan_start")
    let claim = #"{"claimed_by":"w"}"#
    let old = client.post("\(path)/claim", claim).json?["ClaimToken"]?.stringValue ?? ""
    #expect(
      client.post("\(path)/reset-stuck", #"{"older_than_seconds":0}"#).text == "{\"count\":1}\n")
    let new = client.post("\(path)/claim", claim).json?["ClaimToken"]?.stringValue ?? ""
    #expect(!old.isEmpty && !new.isEmpty && old != new)
    let lost = client.post(
      "\(path)/\(id)/processed", #"{"status":"done","claim_token":"\#(old)"}"#)
    #expect(lost.status == 409)
    #expect(lost.error == "signal claim lost: \(id)")
    for _ in 1...2 {
      // The second is the repeat of an answer that was lost on its way.
      let won = client.post(
        "\(path)/\(id)/processed", #"{"status":"done","ClaimToken":"\#(new)"}"#)
      #expect(won.status == 200)
    }
    #expect(
      client.post("\(path)/\(id)/processed", #"{"status":"done","claim_token":"x"}"#).status == 409)
  }

  @Test func `processed names what is wrong`() {
    let id = create("plan_start")
    let body = #"{"status":"done"}"#
    let unknown = client.post("\(path)/777/processed", body)
    #expect(unknown.status == 404)
    #expect(unknown.error == "signal not found: 777")
    let elsewhere = client.post("/v1/projects/q/signals/\(id)/processed", body)
    #expect(elsewhere.status == 404)
    #expect(elsewhere.error == "signal not found: \(id)")
    for bad in ["x", "1x", "99999999999999999999", "%20"] {
      let answer = client.post("\(path)/\(bad)/processed", body)
      #expect(answer.status == 400)
      #expect(answer.error == "invalid signal id")
    }
    let status = client.post("\(path)/\(id)/processed", #"{"status":"pending"}"#)
    #expect(status.status == 400)
    #expect(status.error == #"status must be done or failed, not "pending""#)
    #expect(client.post("\(path)/\(id)/processed", "").error.hasPrefix("invalid request body"))
    #expect(client.get("\(path)/777").error == "signal not found: 777")
    #expect(client.get("\(path)/\(id)").json?["Status"]?.stringValue == "pending")
  }

  @Test func `reset-stuck touches only its project and counts`() {
    create("plan_start")
    client.post("/v1/projects/q/signals", #"{"SignalType":"plan_start"}"#)
    for project in ["p", "q"] {
      #expect(client.post("/v1/projects/\(project)/signals/claim", "{}").status == 200)
    }
    let young = client.post("\(path)/reset-stuck", #"{"older_than_seconds":60}"#)
    #expect(young.status == 200)
    #expect(young.text == "{\"count\":0}\n")
    #expect(
      client.post("\(path)/reset-stuck", #"{"older_than_seconds":0}"#).text == "{\"count\":1}\n")
    #expect(client.get("/v1/projects/q/signals?status=processing").json?.arrayValue?.count == 1)
    let again = client.post("\(path)/claim", #"{"claimed_by":"v"}"#).json
    #expect(again?["Attempts"]?.int64Value == 2)
    for body in ["", #"{"older_than_seconds":-1}"#, #"{"older_than_seconds":"x"}"#] {
      #expect(client.post("\(path)/reset-stuck", body).error.hasPrefix("invalid request body"))
    }
    #expect(client.post("/v1/projects/none/signals/reset-stuck", "{}").text == "{\"count\":0}\n")
  }

  @Test func `only a failed signal can be retried`() {
    let id = create("plan_start")
    #expect(client.post("\(path)/\(id)/retry").json?["Status"]?.stringValue == "pending")
    client.post("\(path)/claim", "{}")
    #expect(client.post("\(path)/\(id)/retry").status == 409)
    client.post("\(path)/\(id)/processed", #"{"status":"failed","result":"no"}"#)
    let retried = client.post("\(path)/\(id)/retry")
    #expect(retried.status == 200)
    #expect(retried.json?["Status"]?.stringValue == "pending")
    #expect(retried.json?["Attempts"]?.int64Value == 0)
    #expect(retried.json?["Result"]?.stringValue == "")
    #expect(client.post("\(path)/claim", "{}").json?["ID"]?.int64Value == id)
    client.post("\(path)/\(id)/processed", #"{"status":"done"}"#)
    let done = client.post("\(path)/\(id)/retry")
    #expect(done.status == 409)
    #expect(done.error == "signal \(id) is done: only a failed signal can be retried")
    #expect(client.post("\(path)/5000/retry").error == "signal not found: 5000")
    #expect(client.post("\(path)/x/retry").error == "invalid signal id")
  }

  @Test func `ended signals are purged by age, the others stay`() {
    let ids = (0..<4).map { _ in create("plan_start") }
    for (id, status) in zip(ids, ["done", "failed"]) {
      client.post("\(path)/\(id)/processed", #"{"status":"\#(status)"}"#)
    }
    #expect(client.post("\(path)/purge", "{}").status == 400)
    #expect(client.post("\(path)/purge", #"{"older_than_seconds":3600}"#).text == "{\"count\":0}\n")
    let failed = client.post("\(path)/purge", #"{"older_than_seconds":0,"status":["failed"]}"#)
    #expect(failed.text == "{\"count\":1}\n")
    #expect(client.post("\(path)/purge", #"{"older_than_seconds":0}"#).text == "{\"count\":1}\n")
    #expect(client.get("\(path)?status=all").json?.arrayValue?.count == 2)
    let wrong = client.post("\(path)/purge", #"{"older_than_seconds":0,"status":["pending"]}"#)
    #expect(wrong.status == 400)
  }

  @Test func `an idempotency key on create gives the first row`() {
    let body = #"{"SignalType":"plan_start"}"#
    let first = client.post(path, body, headers: [("Idempotency-Key", "k")])
    let again = client.post(path, body, headers: [("Idempotency-Key", "k")])
    #expect(first.body == again.body)
    #expect(client.get("\(path)?status=all").json?.arrayValue?.count == 1)
  }

  @Test func `a plan's name of any bytes comes back`() {
    let names = ["a b", "é", "e\u{301}", "a+b", "100%/x", "日本"]
    for name in names { create("plan_start", name) }
    for name in names {
      let body: JSON = ["plan_file": .string(name), "claimed_by": "w"]
      let answer = client.post("\(path)/claim", body.renderedText())
      #expect(
        answer.json?["PlanFile"]?.stringValue.map { Array($0.utf8) } == Array(name.utf8))
    }
  }
}
