import HoldfastModel

extension Bench {
  /// The disk's rate of syncs.
  func takeDisk() throws(HoldfastError) {
    for bytes in [8192, 65_536] {
      let disk = try DiskRate.measure(
        writing: bytes, in: folder, seconds: max(1, plan.seconds * 2 / 5))
      var row = BenchRow(.disk, "disk: write and fdatasync of \(ByteAmount.text(bytes))")
      row.value = disk.rate
      row.p50 = disk.p50
      row.p99 = disk.p99
      report.rows.append(row)
    }
  }

  /// The rate of durable sets in Redis, measured once; nil where there is no Redis.
  func redis() throws(HoldfastError) -> Double? {
    let title = "Redis: SET of 2 KB, appendfsync always, 64 connections"
    return try yardstick(.redis, title, "redis-server") { () throws(HoldfastError) in
      try yardsticks.redis()
    }
  }

  /// The rate of a constant answer of nginx, measured once; nil where there is no nginx.
  func nginx(bodyBytes: Int) throws(HoldfastError) -> Double? {
    let title =
      bodyBytes == 0
      ? "nginx: empty answer, 64 connections"
      : "nginx: constant answer of \(bodyBytes) bytes, 64 connections"
    return try yardstick(bodyBytes == 0 ? .ping : .get, title, "nginx") {
      () throws(HoldfastError) in try yardsticks.nginx(bodyBytes: bodyBytes)
    }
  }

  private func yardstick(
    _ measure: BenchMeasure, _ title: String, _ program: String,
    _ body: () throws(HoldfastError) -> Wrk.Result?
  ) throws(HoldfastError) -> Double? {
    if let row = report.rows.first(where: { $0.title == title }) { return row.value }
    var row = BenchRow(measure, title)
    do {
      if let result = try body() {
        row.value = result.rate
        row.p50 = result.p50
        row.p99 = result.p99
        row.max = result.max
        row.clientProcessors = result.cpuSeconds / max(0.001, result.seconds)
      } else {
        row.note = "not measured: \(program) is not installed"
      }
    } catch {
      // A yardstick that fails is missed, and the server is measured all the same.
      try processes.check()
      row.note = "not measured: \(error.message)"
      row.isSound = false
    }
    report.rows.append(row)
    return row.value
  }

  /// How a rate compares with a yardstick, in words; empty without one.
  func comparison(_ rate: Double?, with yardstick: Double?, _ name: String) -> String {
    guard let rate, let yardstick, yardstick > 0 else { return "" }
    return "\(DecimalText.text(rate / yardstick, digits: 2)) x \(name)"
  }

  /// The disk's rate of the smaller writes, when it was measured.
  var diskRate: Double? { report.rows.first { $0.measure == .disk }?.value }
}
