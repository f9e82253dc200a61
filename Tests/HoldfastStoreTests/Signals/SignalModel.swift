import HoldfastJSON
import HoldfastStore
import HoldfastTesting

/// Signals as they must be, kept by walking through the log in its order.
struct SignalModel {
  struct Row {
    var type: String
    var plan: String
    var status = "pending"
    var attempts: Int64 = 0
  }

  let attemptsMax: Int64
  var signals: [Int64: Row] = [:]
  var counts: [String: Int] = [:]
  var tokens: Set<String> = []
  var purged: Int64 = 0
  var faults: [String] = []

  init(attemptsMax: Int64) { self.attemptsMax = attemptsMax }

  mutating func replay(_ store: Store) throws {
    var cursor = "0"
    while true {
      let page = try store.list("event_list", [("after", .string(cursor)), ("limit", 1000)])
      let events = page["events"]?.arrayValue ?? []
      for event in events { apply(event) }
      cursor = page["next_cursor"]?.stringValue ?? ""
      if events.isEmpty { return }
    }
  }

  private mutating func apply(_ event: JSON) {
    let type = event["type"]?.stringValue ?? ""
    counts[type, default: 0] += 1
    for patch in event["data"]?["rows"]?.arrayValue ?? [] {
      guard let parts = patch.arrayValue, parts[0].stringValue == "signals",
        let id = parts[1].int64Value
      else { continue }
      apply(type, id, parts[2], event)
    }
  }

  private mutating func apply(_ type: String, _ id: Int64, _ patch: JSON, _ event: JSON) {
    switch type {
    case "signal_created":
      if signals[id] != nil { faults.append("\(id) created twice") }
      signals[id] = Row(
        type: patch["type"]?.stringValue ?? "", plan: patch["plan_file"]?.stringValue ?? "")
    case "signal_claimed":
      let filter =
        patch["claimed_by"]?.stringValue?
        .split(separator: "|", omittingEmptySubsequences: false).map(String.init) ?? []
      expect(oldest(types: filter[1], plan: filter[2]), is: id)
      signals[id]?.status = "processing"
      signals[id]?.attempts += 1
      if let attempts = signals[id]?.attempts, attempts > attemptsMax {
        faults.append("\(id) claimed \(attempts) times")
      }
      tokens.insert("\(event["seq"]?.int64Value ?? 0)")
    case "signal_processed": move(id, from: ["processing"], to: "done")
    case "signal_reset": move(id, from: ["processing"], to: "pending")
    case "signal_exhausted":
      move(id, from: ["processing"], to: "failed")
      if signals[id]?.attempts != attemptsMax { faults.append("\(id) exhausted too early") }
    case "signal_retried":
      move(id, from: ["failed"], to: "pending")
      signals[id]?.attempts = 0
    case "signal_purged":
      move(id, from: ["done", "failed"], to: "")
      signals[id] = nil
      purged += 1
    default: faults.append("unexpected \(type)")
    }
  }

  private func oldest(types: String, plan: String) -> Int64? {
    let types = types.split(separator: ",").map(String.init)
    return signals.filter { _, row in
      row.status == "pending" && (types.isEmpty || types.contains(row.type))
        && (plan.isEmpty || row.plan == plan)
    }.keys.min()
  }

  private mutating func expect(_ oldest: Int64?, is id: Int64) {
    if oldest != id { faults.append("\(id) claimed, not \(oldest ?? 0)") }
  }

  private mutating func move(_ id: Int64, from: [String], to status: String) {
    let before = signals[id]?.status ?? "nothing"
    if !from.contains(before) { faults.append("\(id) went from \(before) to \(status)") }
    signals[id]?.status = status
  }
}
