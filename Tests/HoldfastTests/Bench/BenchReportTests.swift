import HoldfastJSON
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
