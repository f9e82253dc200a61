import HoldfastJSON
import HoldfastModel
import Testing

@testable import holdfast

@Suite struct BenchReportTests {
  @Test(arguments: [
    (1234.5678, 2, "1234.57"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"),
    (7, 0, "7"), (0.999, 2, "1.00"), (.infinity, 2, "0"),
  ])
  func `a number has as many decimals as it should`(number: Double, digits: Int, text: String) {
    #expect(DecimalText.text(number, digits: digits) == text)
  }

  @Test func `a percentile is a time that was measured`() {
    let times = (1...100).map { UInt64($0) * 1_000_000 }
    #expect(Percentile.milliseconds(times, 50) == 50)
    #expect(Percentile.milliseconds(times, 99) == 99)
    #expect(Percentile.milliseconds([3_000_000], 99) == 3)
    #expect(Percentile.milliseconds([], 50) == 0)
  }

  @Test func `a row leaves out what was not measured`() {
    var row = BenchRow(.get, "get")
    row.note = "not measured: no"
    #expect(row.valueText == "-")
    #expect(
      row.json.renderedText()
        == #"{"measure":"get","title":"get","unit":"/s","note":"not measured: no"}"#)
    row.value = 15_123.4
    row.p99 = 1.5
    #expect(row.valueText == "15,123/s")
  }

  @Test func `a run fails when a measure was not answered as it has to be`() {
    let machine = MachineFacts(storesIn: "/")
    var report = BenchReport(machine: machine, engine: .postgresql, seconds: 1)
    report.rows = [BenchRow(.get, "get")]
    #expect(report.failure == nil)
    var row = BenchRow(.create, "create")
    row.isSound = false
    row.note = "1 of 2 answers were refusals, 0 failed"
    report.rows.append(row)
    #expect(
      report.failure?.message
        == "a measure failed: create: 1 of 2 answers were refusals, 0 failed")
  }

  @Test func `what a database of its own takes is in a row over one`() {
    var row = BenchRow(.get, "get")
    row.serverSeconds = [1.5, 0.25]
    #expect(row.json["servers_cpu_s"] == nil)
    row.databaseSeconds = 3
    #expect(row.json["servers_cpu_s"]?.arrayValue?.count == 2)
    #expect(row.json["database_cpu_s"] != nil)
  }

  @Test func `every script is whole`() {
    for script in WrkScript.allCases {
      let text = script.text
      for part in ["function setup(", "function init(", "function request()", "function done("] {
        #expect(text.contains(part), "\(script.rawValue) has no \(part)")
      }
    }
  }

  @Test func `every measure can be asked for by a word`() {
    let option = BenchCommand.make().options.first { $0.name == "only" }
    #expect(option?.kind == .choice(BenchMeasure.allCases.map(\.rawValue)))
  }
}
