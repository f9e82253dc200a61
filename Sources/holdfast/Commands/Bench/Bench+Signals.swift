import HoldfastJSON
import HoldfastModel

extension Bench {
  /// Claims from a filled queue, and whether each signal was claimed once.
  func takeClaims() throws(HoldfastError) {
    for connections in [8, 64, 256] {
      let filled = try fillQueue("claim\(connections)")
      if connections == 8 {
        report.rows.append(row(.claim, "signal create, 64 connections", filled.load))
      }
      let row = try claims(from: filled, connections: connections)
      add(row, target: "12,000/s, each once", (row.value ?? 0) >= 12_000)
    }
  }

  /// A project with signals that nobody has claimed, and the load that made them.
  struct FilledQueue {
    let project: String
    let load: Load
  }

  /// Makes signals for longer than they are claimed.
  func fillQueue(_ name: String) throws(HoldfastError) -> FilledQueue {
    let project = "\(tag)-\(name)"
    try LoopbackClient(to: server.address).succeed(
      "POST", "/v1/projects/\(project)/signals",
      body: #"{"plan_file":"first","signal_type":"plan_start"}"#)
    let load = try load(
      .signal, [project, "plan"], connections: 64, seconds: max(plan.seconds, claimSeconds + 1))
    return FilledQueue(project: project, load: load)
  }

  /// How long a queue is emptied, in seconds.
  var claimSeconds: Int { max(1, plan.seconds * 3 / 5) }

  /// Claims from a filled queue, and whether each signal was claimed once.
  func claims(from queue: FilledQueue, connections: Int) throws(HoldfastError) -> BenchRow {
    let load = try load(
      .claim, [queue.project], connections: connections, seconds: claimSeconds)
    var row = row(.claim, "signal claim, \(connections) connections", load)
    let result = load.result
    row.value = Double(result.granted) / max(0.001, result.seconds)
    let path = "/v1/projects/\(queue.project)/signals"
    if try !claimedOnce(result, at: path, connections: connections) {
      row.isSound = false
      row.note += "a signal was claimed twice or got lost"
    } else if result.empty > 0 {
      row.isSound = false
      row.note += "the queue ran empty after \(result.granted) claims"
    }
    return row
  }

  /// Whether the signals that are held are those that were given out, each once.
  private func claimedOnce(
    _ result: Wrk.Result, at path: String, connections: Int
  ) throws(HoldfastError) -> Bool {
    let client = try LoopbackClient(to: server.address)
    let held = try client.succeed("GET", path + "?status=processing").json().arrayValue ?? []
    let ids = Set(held.compactMap { $0["ID"]?.int64Value })
    let isFirst = held.allSatisfy { ($0["Attempts"]?.int64Value ?? 1) == 1 }
    // The load ends with claims on the way, which are granted without anybody counting them.
    let counts = result.granted...(result.granted + connections)
    return result.twice == 0 && result.distinct == result.granted && ids.count == held.count
      && isFirst && counts.contains(held.count)
  }

  /// Signals that are made, claimed and finished in turn.
  func takeCycles() throws(HoldfastError) {
    let project = "\(tag)-cycle"
    try LoopbackClient(to: server.address).succeed(
      "POST", "/v1/projects/\(project)/signals",
      body: #"{"plan_file":"first","signal_type":"plan_start"}"#)
    let load = try load(.cycle, [project, "plan"], connections: 64)
    var row = row(.cycle, "signal create, claim, processed in turn, 64 connections", load)
    if load.result.twice > 0 {
      row.isSound = false
      row.note = "\(load.result.twice) signals were claimed twice"
    }
    add(row, target: "12,000 requests/s", load.result.rate >= 12_000)
  }
}
