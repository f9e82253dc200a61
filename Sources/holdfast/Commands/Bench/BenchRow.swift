import HoldfastJSON

/// One line of the results.
struct BenchRow: Sendable {
  /// The word that `--only` takes.
  var measure: BenchMeasure
  /// What was measured.
  var title: String
  /// What came out; nil when nothing could be measured.
  var value: Double?
  /// What it counts: "/s", "ms" or "MB".
  var unit = Unit.perSecond
  /// The times of the middle and of all but one of a hundred, in milliseconds.
  var p50: Double?
  var p99: Double?
  /// The slowest, in milliseconds.
  var max: Double?
  /// What is to be reached, in words, and whether it was.
  var target = ""
  var isReached: Bool?
  /// The server's processor time for each answer, in microseconds.
  var cpuMicroseconds: Double?
  /// The processor time of each of several servers, and of the database under them, in seconds;
  /// empty and nil where the server is its own database.
  var serverSeconds: [Double] = []
  var databaseSeconds: Double?
  /// The bytes of the log for each answer.
  var walBytes: Double?
  /// The processors that the client took: 1 is one of them, all the time.
  var clientProcessors: Double?
  /// The processors that neither the server nor the client nor the bench took.
  var otherProcessors: Double?
  /// How it compares with a yardstick, in words.
  var beside = ""
  /// Whether every answer was what it had to be; without that no target is reached.
  var isSound = true
  /// What else there is to know.
  var note = ""

  /// What a value counts.
  enum Unit: String, Sendable {
    case perSecond = "/s"
    case milliseconds = "ms"
    case megabytes = "MB"
    case percent = "%"
  }

  init(_ measure: BenchMeasure, _ title: String) {
    self.measure = measure
    self.title = title
  }

  /// The row as JSON, without what is not known.
  var json: JSON {
    var object = JSONObject([("measure", .string(measure.rawValue)), ("title", .string(title))])
    func set(_ name: String, _ number: Double?, digits: Int) {
      if let number { object.set(name, Self.json(number, digits: digits)) }
    }
    set("value", value, digits: 2)
    object.set("unit", .string(unit.rawValue))
    set("p50_ms", p50, digits: 3)
    set("p99_ms", p99, digits: 3)
    set("max_ms", max, digits: 3)
    if !target.isEmpty { object.set("target", .string(target)) }
    if let isReached { object.set("reached", .bool(isReached)) }
    set("server_cpu_us", cpuMicroseconds, digits: 1)
    if let databaseSeconds {
      object.set("servers_cpu_s", .array(serverSeconds.map { Self.json($0, digits: 2) }))
      set("database_cpu_s", databaseSeconds, digits: 2)
    }
    set("wal_bytes", walBytes, digits: 0)
    set("client_processors", clientProcessors, digits: 2)
    set("other_processors", otherProcessors, digits: 2)
    if !beside.isEmpty { object.set("beside", .string(beside)) }
    if !note.isEmpty { object.set("note", .string(note)) }
    return .object(object)
  }

  private static func json(_ number: Double, digits: Int) -> JSON {
    (try? JSONReader.read(Array(DecimalText.text(number, digits: digits).utf8))) ?? .null
  }

  /// The value with its unit.
  var valueText: String {
    guard let value else { return "-" }
    switch unit {
    case .perSecond: return Int(value.rounded()).grouped + "/s"
    case .percent: return DecimalText.text(value, digits: 0) + " %"
    case .milliseconds, .megabytes:
      return DecimalText.text(value, digits: value < 10 ? 2 : 1) + " " + unit.rawValue
    }
  }
}

/// Numbers with a fixed count of decimals.
enum DecimalText {
  /// The number, rounded.
  static func text(_ number: Double, digits: Int) -> String {
    guard number.isFinite, number.magnitude < 1e15 else { return "0" }
    var unit = 1.0
    for _ in 0..<digits { unit *= 10 }
    let scaled = Int64((number.magnitude * unit).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(scaled) }
    let fraction = String(scaled % Int64(unit))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(scaled / Int64(unit)).\(zeros)\(fraction)"
  }
}
