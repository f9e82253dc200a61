import HoldfastJSON
import HoldfastModel

/// The results of a run.
struct BenchReport: Sendable {
  /// Where and when it was measured.
  var machine: MachineFacts
  /// What kept the store.
  var engine: BenchEngine
  /// The seconds of each measure.
  var seconds: Int
  /// What came out.
  var rows: [BenchRow] = []

  init(machine: MachineFacts, engine: BenchEngine, seconds: Int) {
    self.machine = machine
    self.engine = engine
    self.seconds = seconds
  }

  /// What makes the run fail: a measure that was not answered as it has to be.
  var failure: HoldfastError? {
    rows.first { !$0.isSound }.map {
      HoldfastError(.internalError, "a measure failed: \($0.title): \($0.note)")
    }
  }

  /// The results as JSON.
  var json: JSON {
    .object(
      JSONObject([
        ("machine", machine.json), ("engine", .string(engine.rawValue)),
        ("seconds", .number(JSONNumber(Int64(seconds)))),
        ("rows", .array(rows.map(\.json))),
      ]))
  }

  /// Prints the results as a table.
  func print(to output: Console) {
    for line in machine.lines { output.line(line) }
    output.line()
    // What a database of its own takes is only known where there is one.
    let hasDatabase = engine == .postgresql
    var table = TextTable(
      [
        .init("measure"), .init("result", isRight: true), .init("p50 ms", isRight: true),
        .init("p99 ms", isRight: true), .init("target"), .init("reached"),
        .init("cpu us", isRight: true),
      ]
        + (hasDatabase
          ? [.init("servers s", isRight: true), .init("database s", isRight: true)] : [])
        + [
          .init("WAL bytes", isRight: true), .init("others", isRight: true), .init("beside"),
        ])
    for row in rows {
      let servers = row.serverSeconds.map { DecimalText.text($0, digits: 2) }
      table.add(
        [
          row.title, row.valueText, Self.text(row.p50, 2), Self.text(row.p99, 2), row.target,
          row.isReached.map { $0 ? "yes" : "no" } ?? "", Self.text(row.cpuMicroseconds, 1),
        ]
          + (hasDatabase
            ? [servers.joined(separator: " and "), Self.text(row.databaseSeconds, 2)] : [])
          + [Self.text(row.walBytes, 0), Self.text(row.otherProcessors, 2), row.beside])
    }
    for line in table.lines() { output.line(line) }
    output.line()
    for row in rows where !row.note.isEmpty { output.line("\(row.title): \(row.note)") }
    output.line(
      "cpu us and WAL bytes are the server's for each answer; others are the processors that "
        + "neither the server nor its client took.")
    if hasDatabase {
      output.line(
        "servers s and database s are the processor time of each server and of PostgreSQL, in "
          + "seconds.")
    }
  }

  private static func text(_ number: Double?, _ digits: Int) -> String {
    number.map { DecimalText.text($0, digits: digits) } ?? ""
  }
}
